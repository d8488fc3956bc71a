"""class-missing-in-val: classes that validation shows not at all, or too seldom to judge."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity, shorten


class ClassMissingInVal(Check):
    """Class that validation shows not at all, or too seldom to judge.

    Average precision is undefined without an instance, and the class silently drops out of the mean. With fewer than
    30, one object more or less moves the number by points. Move images of the class from train to val, clip by clip.
    A data set without a validation split is not judged.
    """

    severity = Severity.WARNING
    needs = ("train", "val")
    message = "class {name!r} has {in_val:,} instances in val, below {min_instances:,}, and {in_train:,} in train"
    min_instances: int = Field(30, ge=1, description="validation instances from which a class can be judged")

    good = (
        Example({"labels/val/b.txt": "".join(f"0 .5 {0.1 + i / 100} .2 .2\n" for i in range(30))}),
        Example({"images/val/b.png": None, "labels/val/b.txt": None}, title="no validation images"),
    )
    bad = (
        "0 .5 .5 .2 .2\n",
        Example({"labels/val/b.txt": "".join(f"0 .5 {0.1 + i / 100} .2 .2\n" for i in range(29))}),
    )

    def find(self, boxes: Boxes, images: Images, names: tuple[str, ...]) -> Defects:
        if not (images["split"] == "val").any():
            return no_defects()
        in_train, in_val = instances(boxes, len(names), "train"), instances(boxes, len(names), "val")
        return self.flag_whole(
            {
                "split": "val",
                "class_id": number,
                "name": shorten(names[number]),
                "in_val": int(in_val[number]),
                "in_train": int(in_train[number]),
                "severity": Severity.INFO.value if in_val[number] else Severity.WARNING.value,
                "value": float(in_val[number]),
                "limit": float(self.min_instances),
            }
            for number in np.flatnonzero((in_train > 0) & (in_val < self.min_instances)).tolist()
        )
