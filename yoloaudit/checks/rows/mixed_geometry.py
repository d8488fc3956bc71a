"""mixed-geometry: box rows in a file that also holds polygons."""

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity

POLYGON = "1 0.1 0.1 0.3 0.1 0.3 0.3 0.1 0.3"


class MixedGeometry(Check):
    """Box row in a file that also holds polygons.

    One row of more than 6 fields makes the trainer read the whole file as polygons. A box row in it is taken for two
    points, (centre x, centre y) and (width, height), and trains as the box between them, without a word. Write every
    row of the file as a box, which is what the fix does with the polygons, or every row as a polygon.
    """

    severity = Severity.ERROR
    message = (
        "box row among polygons: taken for two points, it trains as centre {cx:.3g} {cy:.3g}, size {w:.3g} {h:.3g}"
    )
    fix = Fix("polygon-to-box", safe=False)

    good = ("0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.1", f"{POLYGON}\n1 0.1 0.1 0.3 0.1 0.3 0.3")
    bad = (f"0 0.5 0.5 0.2 0.2\n{POLYGON}", "0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.3 0.1 0.3 0.3\n0 0.4 0.4 0.1 0.1")

    def find(self, rows: Boxes) -> Defects:
        tokens, label = rows["tokens"].to_numpy(), rows["label"].to_numpy()
        polygons = np.zeros(label.max(initial=0) + 1, dtype=bool)
        polygons[label[tokens > 6]] = True
        mixed = (tokens == 5) & polygons[label] & rows["error"].isna().to_numpy()
        return self.flag(rows[mixed])
