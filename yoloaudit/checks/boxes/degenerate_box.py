"""degenerate-box: boxes without width or height."""

import numpy as np

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity


class DegenerateBox(Check):
    """Box without width or height.

    A width or height of 0 passes the trainer's tests, yet no pixel is inside and nothing can be learnt. Values are
    judged as the trainer holds them, in 32 bits. Such a row is often a stray click: delete it, or draw the box anew.
    """

    severity = Severity.ERROR
    message = "width is {w:g} and height is {h:g}, but both must be above 0"
    fix = Fix("delete", safe=False)

    good = ("0 0.5 0.5 0.001 0.1",)
    bad = ("0 0.5 0.5 0 0.1", "0 0.5 0.5 0.1 0.0", "0 0.5 0.5 1e-50 0.1")

    def find(self, boxes: Boxes) -> Defects:
        flat = boxes[(boxes["w"].to_numpy() <= 0) | (boxes["h"].to_numpy() <= 0)]
        side = np.minimum(flat["w"].to_numpy(), flat["h"].to_numpy())
        return self.flag(flat.assign(side=side), value="side", limit=0)
