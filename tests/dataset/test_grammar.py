"""The grammar of a row: which field a check names."""

import pytest

from yoloaudit.dataset.grammar import first_fault


@pytest.mark.parametrize(
    ("line", "error", "fault"),
    [
        ("0 0.5 nan x y", "non-numeric-value", ("value", "x")),
        ("0 0.5 nan x y", "non-finite-value", ("value", "nan")),
        ("cat 0.5 0.5 0.2 0.2", "non-numeric-value", ("class", "cat")),
        ("1e39 0.5 0.5 0.2 0.2", "non-finite-value", ("class", "1e39")),
        ("0\t1_0 0.5 0.2 0.2", "non-numeric-value", ("value", "1_0")),
        ("0 0.5\x0b.5 .2 .2", "non-numeric-value", ("value", "0.5\x0b.5")),
        ("0 " + "1" * 129, "non-numeric-value", ("value", "1" * 129)),
    ],
)
def test_the_first_field_at_fault_is_named(line: str, error: str, fault: tuple[str, str]) -> None:
    assert first_fault(line, error) == fault
