"""confidence-column: rows with a detector's confidence at their end."""

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity


class ConfidenceColumn(Check):
    """Row of 6 fields, the last of which looks like a confidence.

    A detector that saves its predictions with confidences writes such rows, so these labels may never have been seen
    by a person. The trainer drops the image with all its labels. Drop the column once somebody has looked at the boxes.
    """

    severity = Severity.ERROR
    message = "row has {tokens} fields, the last in 0 … 1 like a confidence: the trainer drops the image"
    fix = Fix("drop-column", safe=False)

    good = ("0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2 1.5")
    bad = ("0 0.5 0.5 0.2 0.2 0.87", "0 0.5 0.5 0.2 0.2 1")

    def find(self, rows: Boxes) -> Defects:
        return self.flag(rows[rows["error"] == "confidence-column"])
