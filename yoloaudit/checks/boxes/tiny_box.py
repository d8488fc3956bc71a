"""tiny-box: boxes only a few pixels wide or high."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity

VANISHED = 2.0
"""Pixels up to which the trainer drops a box."""


class TinyBox(Check):
    """Box only a few pixels wide or high.

    A detector sees the image at stride 8 or coarser, so such a box carries no signal and only adds noise to the loss.
    Delete the box, or label the image at its full size. Boxes of 2 px or less, which the trainer drops, are left to
    vanishing-box.
    """

    severity = Severity.INFO
    message = "shorter side is {side:.1f} px at image size {imgsz}, below {min_side:g} px"
    min_side: float = Field(3.0, gt=0, description="shortest side allowed, in pixels at the training image size")

    good = ("0 0.5 0.5 0.1 0.0048", "0 0.5 0.5 0.1 0.0031", "0 0.5 0.5 0.1 0")
    bad = ("0 0.5 0.5 0.1 0.0046", "0 0.5 0.5 0.0033 0.1")

    def find(self, boxes: Boxes, imgsz: int) -> Defects:
        side = np.minimum(boxes["w_train"].to_numpy(), boxes["h_train"].to_numpy())
        tiny = (side > VANISHED) & (side < self.min_side)
        return self.flag(boxes[tiny].assign(side=side[tiny]), value="side", limit=self.min_side, imgsz=imgsz)
