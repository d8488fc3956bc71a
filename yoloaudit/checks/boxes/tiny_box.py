"""tiny-box: boxes only a few pixels wide or high."""

from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class TinyBox(Check):
    """Box only a few pixels wide or high.

    A detector sees the image at stride 8 or coarser, so such a box carries no signal and only adds noise to the loss.
    Delete the box, or label the image at its full size.
    """

    severity = Severity.INFO
    message = "shorter side is {side:.1f} px at image size {imgsz}, below {min_side:g} px"
    min_side: float = Field(3.0, gt=0, description="shortest side allowed, in pixels at the training image size")

    good = ("0 0.5 0.5 0.1 0.1",)
    bad = ("0 0.5 0.5 0.1 0.004",)

    def find(self, boxes: Boxes, imgsz: int) -> Defects:
        side = boxes[["w_train", "h_train"]].min(axis=1)
        tiny = (side > 0) & (side < self.min_side)
        return self.flag(boxes[tiny].assign(side=side[tiny]), value="side", limit=self.min_side, imgsz=imgsz)
