"""fractional-class-id: every way to write a class, read from a few letters where that is enough."""

import numpy as np
import pytest
from pandas import Series

from yoloaudit.checks.rows.fractional_class_id import FractionalClassId, written_with_mark
from yoloaudit.testing import run

REST = " 0.5 0.5 0.2 0.2"
PLAIN = ["0", "7", "00", "+1", "79", "100", "999", "1000", "12345", " 3", "\t3", "-1", "-0", "9007199254740993"]
MARKED = [
    "0.0",
    "7.",
    "79.0",
    "100.000",
    "999.0",
    "1000.0",
    "1e0",
    "2E1",
    "+1.0",
    " 3.0",
    "00.0",
    "-1.0",
    ".0e1",
    "1e3",
]


@pytest.mark.parametrize("token", PLAIN)
def test_integers_pass(token: str) -> None:
    assert run(FractionalClassId, token + REST).empty
    assert run(FractionalClassId, (token + REST).replace(" 0", "\t0")).empty


@pytest.mark.parametrize("token", MARKED)
def test_marked_integers_are_warned_of_and_mended(token: str) -> None:
    defects = run(FractionalClassId, token + REST)
    assert defects["severity"].tolist() == ["warning"]
    assert [fix.safe for fix in defects["fix"]] == [True]


@pytest.mark.parametrize("token", ["0.5", "1.0001", "5e-1", "-0.5"])
def test_fractions_are_errors_without_a_fix(token: str) -> None:
    defects = run(FractionalClassId, token + REST)
    assert defects["severity"].tolist() == ["error"]
    assert defects["fix"].tolist() == [None]


def test_all_at_once_as_one_by_one() -> None:
    tokens = PLAIN + MARKED + ["cat", ""]
    values = np.array([float(token) for token in PLAIN + MARKED] + [np.nan] * 2, dtype=np.float32)
    marked = written_with_mark(Series([token + REST for token in tokens], dtype=object), values)
    assert marked.tolist() == [token in MARKED for token in tokens]


def test_no_rows() -> None:
    assert written_with_mark(Series([], dtype=object), np.zeros(0, dtype=np.float32)).tolist() == []
