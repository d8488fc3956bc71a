"""Numbers are written with as many decimals as the file has, and fields that stay keep their text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.numbers import decimals_of, numbers_of, row_of, with_fields, with_values, written


@given(
    st.lists(st.sampled_from(["0", "1.50", ".5", "1e-9", "x"]), min_size=1), st.sampled_from([" ", "  ", "\t", " \t"])
)
def test_a_row_with_nothing_changed_keeps_its_text(fields: list[str], space: str) -> None:
    raw = space + space.join(fields) + space
    assert with_fields(raw, {}) == raw


def test_a_number_that_stays_keeps_its_text() -> None:
    assert with_values("0  5e-7 0.50\t.25 1", 1, [5e-7, 0.5, 0.26, 1.0], 6) == "0  5e-7 0.50\t0.260000 1"
    assert with_values("0 -0 1 1 1", 1, [0.0, 1, 1, 1], 6) == "0 0.000000 1 1 1"


@pytest.mark.parametrize(
    ("rows", "decimals"),
    [([], 6), (["0 0.5 0.5 1 1"], 6), (["0 0.12345678 0.5"], 8), ([f"0 0.{'1' * 40}"], 16), (["0.123456789 1"], 6)],
)
def test_decimals_are_those_of_the_file_within_bounds(rows: list[str], decimals: int) -> None:
    assert decimals_of(rows) == decimals


def test_zero_has_no_sign() -> None:
    assert written(-1e-9, 6) == "0.000000"
    assert row_of(2, (0.5, -0.0), 6) == "2 0.500000 0.000000"


@pytest.mark.parametrize("raw", ["0 x", "0 nan", "0 1e999", f"0 {'1' * 200}"])
def test_what_is_no_number_is_said(raw: str) -> None:
    with pytest.raises(NotMended):
        numbers_of(raw)
