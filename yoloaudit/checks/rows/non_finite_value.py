"""non-finite-value: rows with a number that is not finite."""

from collections.abc import Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.dataset.grammar import first_fault
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class NonFiniteValue(Check):
    """Field that is not a number, infinite, or too large for the trainer's 32-bit numbers.

    Such a value comes from a division by zero when the labels were made, often by an image size of 0. The trainer
    drops the image with all its labels. Make the row again from its source, or take it out.
    """

    severity = Severity.ERROR
    message = "{field} {token} is not finite: the trainer drops the image"

    good = ("0 0.5 0.5 0.2 2e-38",)
    bad = ("0 nan 0.5 0.2 0.2", "0 0.5 0.5 0.2 -inf", "0 0.5 0.5 0.2 1e39")

    def find(self, rows: Boxes) -> Defects:
        endless = rows[rows["error"] == "non-finite-value"]
        return self.flag(endless, raw=endless["raw"])

    def describe(self, defect: Mapping[str, Any]) -> str:
        field, token = first_fault(str(defect["raw"]), self.name())
        return super().describe({**defect, "field": field, "token": repr(shorten(token, 30))})
