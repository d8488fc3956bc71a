"""duplicate-box: two boxes of one class around the same object."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import corners, related
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity
from yoloaudit.geometry import close_pairs, strongest


class DuplicateBox(Check):
    """Two boxes of one class around the same object.

    The object counts twice in the loss, and in validation the second box can only be missed: recall falls whatever
    the model does. The later row is reported; drop one of the two. Rows that are equal to the last digit are
    duplicate-row. Boxes that overlap a little less, as if drawn twice by hand, are told as information: two objects
    may also hide one another.
    """

    severity = Severity.WARNING
    message = "{said} the box of line {other} again, of the same class: IoU {iou:.3f}, at or above {limit:g}"
    fix = Fix("drop-line", safe=False)
    min_iou: float = Field(0.95, gt=0, le=1, description="overlap (IoU) from which two boxes are one")
    maybe_iou: float = Field(0.8, gt=0, le=1, description="overlap (IoU) from which two boxes may be one: information")

    good = ("0 0.5 0.5 0.2 0.2\n0 0.523 0.5 0.2 0.2\n", "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n")
    bad = (
        "0 0.5 0.5 0.2 0.2\n0 0.502 0.5 0.2 0.2\n",
        "0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.1 0.1\n0 0.5 0.5 0.2 0.201\n",
        "0 0.5 0.5 0.2 0.2\n0 0.521 0.5 0.2 0.2\n",
    )

    def find(self, boxes: Boxes) -> Defects:
        classes = boxes["class_id"].to_numpy()
        pairs = close_pairs(
            boxes["image"].to_numpy(),
            corners(boxes),
            min(self.min_iou, self.maybe_iou),
            accept=lambda first, second: classes[first] == classes[second],
        )
        later_first = (some.turned(some.first < some.second) for some in pairs)
        row, other, iou = strongest(later_first, len(boxes))
        sure = iou >= self.min_iou
        defects = self.flag(
            boxes.iloc[row].assign(iou=iou),
            value="iou",
            score=iou,
            severity=[(Severity.WARNING if each else Severity.INFO).value for each in sure.tolist()],
            said=["is" if each else "may be" for each in sure.tolist()],
            other=boxes["line"].to_numpy()[other],
            related=related(boxes.index[other]),
        )
        defects["limit"] = np.where(sure, self.min_iou, self.maybe_iou)
        return defects
