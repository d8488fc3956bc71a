"""vanishing-box: boxes that the trainer drops as too small once the image is scaled."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class VanishingBox(Check):
    """Box that is lost once its image is scaled to the training size.

    While training, the trainer drops boxes with a side of 2 px or less, without a word: the object stays in the
    picture and becomes background. Train at a larger image size, cut the image into tiles, or delete the box and
    what it shows.
    """

    severity = Severity.WARNING
    message = (
        "{w_train:.1f} × {h_train:.1f} px at image size {imgsz}: the trainer drops boxes of {max_side:g} px or less"
    )
    max_side: float = Field(2.0, gt=0, description="longest side that is lost, in pixels at the training image size")

    good = ("0 0.5 0.5 0.1 0.0032", "0 0.5 0.5 0.1 0")
    bad = ("0 0.5 0.5 0.1 0.0031", "0 0.5 0.5 0.001 0.001")

    def find(self, boxes: Boxes, imgsz: int) -> Defects:
        side = np.minimum(boxes["w_train"].to_numpy(), boxes["h_train"].to_numpy())
        lost = (side > 0) & (side <= self.max_side)
        return self.flag(boxes[lost].assign(side=side[lost]), value="side", limit=self.max_side, imgsz=imgsz)
