"""conflicting-box: two classes on one box."""

from pydantic import Field

from yoloaudit.checks.base import Check
from yoloaudit.checks.columns import corners, named, related
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.geometry import close_pairs, strongest


class ConflictingBox(Check):
    """Two classes on one box.

    The model is told that the same pixels are one class and the other, and can satisfy neither label. Usually one
    person corrected the class and the old row stayed. Keep the right one; where both are true, the classes overlap in
    meaning and should be told apart in the labelling rules.
    """

    severity = Severity.WARNING
    message = (
        "class {class_name!r} stands on the box of line {other}, class {other_name!r}: "
        "IoU {iou:.3f}, at or above {min_iou:g}"
    )
    min_iou: float = Field(0.95, gt=0, le=1, description="overlap (IoU) from which two boxes are one")

    good = ("0 0.5 0.5 0.2 0.2\n1 0.51 0.5 0.2 0.2\n", "0 0.5 0.5 0.2 0.2\n0 0.502 0.5 0.2 0.2\n")
    bad = ("0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n", "1 0.5 0.5 0.2 0.2\n0 0.502 0.5 0.2 0.2\n")

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        classes = boxes["class_id"].to_numpy()
        pairs = close_pairs(
            boxes["image"].to_numpy(),
            corners(boxes),
            self.min_iou,
            accept=lambda first, second: classes[first] != classes[second],
        )
        later_first = (some.turned(some.first < some.second) for some in pairs)
        row, other, iou = strongest(later_first, len(boxes))
        return self.flag(
            boxes.iloc[row].assign(iou=iou),
            value="iou",
            limit=self.min_iou,
            other=boxes["line"].to_numpy()[other],
            class_name=named(names, classes[row]),
            other_name=named(names, classes[other]),
            related=related(boxes.index[other]),
        )
