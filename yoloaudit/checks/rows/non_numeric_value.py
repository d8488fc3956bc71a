"""non-numeric-value: rows with a field that is no number."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.dataset.grammar import first_fault, why_no_number
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity, shorten


class NonNumericValue(Check):
    """Field that is no number.

    Class and coordinates are plain decimal numbers with a point, split by spaces. A comma, a name or any other text
    makes the trainer drop the image with all its labels. Where only the separators are wrong, the fix replaces them by
    spaces; write anything else as a number.
    """

    severity = Severity.ERROR
    message = "{field} {token} is no number: the trainer drops the image"
    fix = Fix("separators", safe=True)

    good = ("0 0.5 .5 2e-1 +0.2", "0\t0.5\t0.5\t0.2\t0.2")
    bad = ("0 0,5 0,5 0,2 0,2", "0, 0.5, 0.5, 0.2, 0.2", "cat 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 ٠.٥")

    def find(self, rows: Boxes) -> Defects:
        text = rows[rows["error"] == "non-numeric-value"]
        fixes = np.full(len(text), None, dtype=object)
        fixes[[separators_only(raw) for raw in text["raw"]]] = type(self).fix
        return self.flag(text, raw=text["raw"], fix=fixes)

    def describe(self, defect: Mapping[str, Any]) -> str:
        field, token = first_fault(str(defect["raw"]), self.name())
        return super().describe({**defect, "field": field, "token": repr(shorten(token, 30))})


def separators_only(raw: str) -> bool:
    """Whether spaces for commas and semicolons give a valid row, and decimal commas cannot be meant."""
    if "," not in raw and ";" not in raw:
        return False
    fields = re.findall(r"[^ \t,;]+", raw)
    if len(fields) < 5 or not all(map(_is_number, fields)):
        return False
    one_separator = any(raw.count(mark) == len(fields) - 1 for mark in ",;")
    polygon = len(fields) % 2 == 1 and len(fields) > 6 and one_separator
    if len(fields) != 5 and not polygon:
        return False
    class_value, *coordinates = map(float, fields)
    return class_value >= 0 and class_value.is_integer() and all(0 <= value <= 1 for value in coordinates)


def _is_number(field: str) -> bool:
    return why_no_number(field) != "non-numeric-value"
