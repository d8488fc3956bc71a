"""fractional-class-id: class fields that are not written as an integer."""

import re

import numpy as np
from numpy.typing import NDArray
from pandas import Series

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity

BLANK = (ord(" "), ord("\t"))
MARKS = (ord("."), ord("e"), ord("E"))
MARKED = re.compile(r"[+-]?[0-9.]*(?:\.|[0-9][eE])[0-9.eE+-]*")


class FractionalClassId(Check):
    """Class id that is not an integer.

    The trainer cuts a class of 1.7 down to 1 without a word, so such a row trains another class than it names, or was
    never a class at all. A class written as 1.0 is read as meant, yet other tools refuse it: the fix writes it as 1.
    """

    severity = Severity.ERROR
    message = "class {class_value:g} {reading}"
    fix = Fix("rewrite-class", safe=True)

    good = ("0 0.5 0.5 0.2 0.2", "+1 0.5 0.5 0.2 0.2", "1\t0.5\t0.5\t0.2\t0.2")
    bad = ("0.5 0.5 0.5 0.2 0.2", "1.0 0.5 0.5 0.2 0.2", "1e0 0.5 0.5 0.2 0.2")

    def find(self, rows: Boxes) -> Defects:
        value = rows["class_value"].to_numpy()
        with np.errstate(invalid="ignore"):
            fractional = np.isfinite(value) & (value != np.trunc(value))
        odd = rows["error"].isna().to_numpy() & (fractional | written_with_mark(rows["raw"], value))
        found, cut = rows[odd], fractional[odd]
        fixes = np.full(len(found), type(self).fix, dtype=object)
        fixes[cut] = None
        severity = np.where(cut, Severity.ERROR.value, Severity.WARNING.value)
        reading = np.where(
            cut, "is no integer: the trainer cuts its fraction off", "is written with a fraction or an exponent"
        )
        return self.flag(found, value="class_value", reading=reading, severity=severity, fix=fixes)


def written_with_mark(raw: Series, value: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether the first field holds a point or an exponent; told from 4 letters of most rows, of few from the text."""
    size = len(value)
    letters = raw.to_numpy(dtype=object).astype("U4").view(np.uint32).reshape(size, 4)
    digits = 1 + (value >= 10).astype(np.intp) + (value >= 100)
    after = letters[np.arange(size), digits]
    plain = (letters[:, 0] >= ord("0")) & (letters[:, 0] <= ord("9")) & (value < 1000)
    marked = plain & np.isin(after, MARKS)
    unsure = np.flatnonzero(np.isfinite(value) & ~marked & ~(plain & np.isin(after, BLANK)))
    fields = [(text.split(None, 1) or [""])[0] for text in raw.iloc[unsure]]
    marked[unsure] = [MARKED.fullmatch(field) is not None for field in fields]
    return np.asarray(marked, dtype=np.bool_)
