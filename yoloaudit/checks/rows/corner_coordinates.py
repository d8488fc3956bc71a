"""corner-coordinates: labels written as two corners."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity

CORNERS = "".join(f"0 {x / 10} {x / 12:.3f} {x / 10 + 0.1:.1f} {x / 12 + 0.2:.3f}\n" for x in range(9))
CENTRES = "".join(f"0 {x / 10 + 0.05:.2f} 0.5 0.1 0.{x + 1}\n" for x in range(9))


class CornerCoordinates(Check):
    """Labels written as corners x1 y1 x2 y2 instead of centre, width and height.

    Read as corners nearly all rows are in order, read as centre and size many boxes leave the image: the numbers are
    most likely corners. The trainer does not notice and trains on boxes at wrong places and of wrong sizes. Convert
    each row to centre x, centre y, width, height.
    """

    severity = Severity.WARNING
    message = "{cx:g} {cy:g} {w:g} {h:g} look like corners x1 y1 x2 y2, but are read as centre, width and height"
    kind = "heuristic"
    fix = Fix("convert", safe=False)
    explains = (
        "box-outside-image",
        "full-frame-box",
        "extreme-aspect-box",
        "tiny-box",
        "vanishing-box",
        "nested-box",
        "size-outlier",
        "aspect-outlier",
    )
    whole = True
    min_rows: int = Field(10, ge=1, description="box rows that a judgement needs")
    min_ordered: float = Field(0.99, gt=0, le=1, description="share of rows with x1 < x2 and y1 < y2, read as corners")
    min_outside: float = Field(
        0.2, gt=0, le=1, description="share of boxes that leave the image, read as centre and size"
    )
    max_value: float = Field(1.5, gt=1, description="rows with a value above this are pixels, and not judged")
    tolerance: float = Field(0.001, ge=0, description="how far a box may leave the image, as a share of it")

    good = (CENTRES, Example(files={"labels/train/a.txt": CORNERS}, settings={"min_rows": 11}, title="too few rows"))
    bad = (
        Example(files={"labels/train/a.txt": CORNERS, "labels/val/b.txt": "1 0.5 0.5 0.7 0.7\n"}),
        Example(files={"labels/train/a.txt": CORNERS + "1 0.3 0.3 0.4 0.9\n", "labels/val/b.txt": ""}),
    )

    def find(self, boxes: Boxes) -> Defects:
        values = boxes[["cx", "cy", "w", "h"]].to_numpy()
        usable = (boxes["kind"] == "box").to_numpy() & (boxes["fate"] != "altered").to_numpy()
        usable &= (values >= 0).all(axis=1) & (values <= self.max_value).all(axis=1)
        first, second = values[usable, :2], values[usable, 2:]
        ordered = (second > first).all(axis=1)
        if len(first) < self.min_rows or ordered.mean() < self.min_ordered:
            return no_defects()
        low, high = first - second / 2, first + second / 2
        outside = ((low < -self.tolerance) | (high > 1 + self.tolerance)).any(axis=1)
        if outside.mean() < self.min_outside:
            return no_defects()
        found = boxes.iloc[np.flatnonzero(usable)[ordered]]
        return self.flag(found, score=float(ordered.mean()))
