"""duplicate-row: rows that repeat an earlier row of their file."""

import pandas as pd

from yoloaudit.checks.base import Check, no_defects
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity

SAME = ["label", "class_value", "cx", "cy", "w", "h"]


class DuplicateRow(Check):
    """Row that repeats an earlier row of its file.

    The trainer removes exact repetitions, so nothing is lost; but a repeated row tells of a merge or an export that
    ran twice, and other tools count the object twice. Drop the line.
    """

    severity = Severity.WARNING
    message = "same as line {first_line}: the trainer removes it"
    fix = Fix("drop-line", safe=True)

    good = ("0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2001")
    bad = ("0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.1\n0 0.50 0.50 0.20 0.20")

    def find(self, rows: Boxes) -> Defects:
        again = rows[rows["fate"] == "duplicate"]
        if again.empty:
            return no_defects()
        in_files = rows[rows["label"].isin(again["label"].unique()) & rows["error"].isna()]
        first = in_files.assign(id=in_files.index).groupby(SAME)["id"].transform("first").loc[again.index]
        related = pd.Series([[{"row": row}] for row in first.tolist()], dtype=object)
        return self.flag(again, first_line=rows["line"].loc[first], related=related)
