"""class-id-offset: class ids that count from 1."""

import numpy as np

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Fix, Severity


class ClassIdOffset(Check):
    """Class ids that count from 1 instead of 0.

    No row has class 0, the smallest is 1 and the largest is one more than `names` allows. Every row then trains as the
    class after its own, and the last class stops the training. Take 1 off every class id.
    """

    severity = Severity.WARNING
    message = "class {class_id} in a data set whose ids run from 1 to {count}: `names` has 0 to {last}"
    kind = "heuristic"
    fix = Fix("shift", safe=False)
    explains = ("class-out-of-range",)
    whole = True

    good = (
        Example(files={"labels/train/a.txt": "1 0.5 0.5 0.2 0.2\n"}, title="the largest is allowed"),
        Example(files={"labels/train/a.txt": "2 0.5 0.5 0.2 0.2\n0 0.3 0.3 0.2 0.2\n"}, title="0 is used"),
        Example(files={"labels/train/a.txt": "3 0.5 0.5 0.2 0.2\n"}, title="the largest is not one more"),
    )
    bad = (
        Example(files={"labels/train/a.txt": "2 0.5 0.5 0.2 0.2\n"}),
        Example(files={"labels/train/a.txt": "1 0.5 0.5 0.2 0.2\n2 0.3 0.3 0.2 0.2\n", "labels/val/b.txt": ""}),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        class_ids, count = boxes["class_id"].to_numpy(), len(names)
        if not len(class_ids) or not count or class_ids.min() != 1 or class_ids.max() != count:
            return no_defects()
        severity = np.where(class_ids == count, Severity.ERROR.value, Severity.WARNING.value)
        used = len(np.unique(class_ids)) / count
        return self.flag(boxes, count=count, last=count - 1, score=used, severity=severity)
