"""class-missing-in-train: classes that only validation or test shows."""

import numpy as np

from yoloaudit.checks.base import Check, Example, no_defects
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity, shorten


class ClassMissingInTrain(Check):
    """Class that only validation or test shows.

    The model cannot learn a class that training never shows, yet it is judged by it: every such object counts as
    missed, and the mean over classes falls. Move images of the class to the training split, or label more of them.
    """

    severity = Severity.ERROR
    needs = ("train", "val")
    message = "class {name!r} has no instance in train, but {elsewhere:,} in {where}"

    good = ("1 .5 .5 .2 .2\n",)
    bad = (
        "0 .5 .5 .2 .2\n",
        Example({"labels/train/a.txt": "", "labels/val/b.txt": "0 .5 .5 .2 .2\n"}, title="train has no label at all"),
    )

    def find(self, boxes: Boxes, images: Images, names: tuple[str, ...]) -> Defects:
        if not (images["split"] == "train").any():
            return no_defects()
        in_train = instances(boxes, len(names), "train")
        in_val, in_test = instances(boxes, len(names), "val"), instances(boxes, len(names), "test")
        return self.flag_whole(
            {
                "split": "val" if in_val[number] else "test",
                "class_id": number,
                "name": shorten(names[number]),
                "elsewhere": int(in_val[number] + in_test[number]),
                "where": " and ".join(
                    split for split, counts in (("val", in_val), ("test", in_test)) if counts[number]
                ),
                "value": 0.0,
                "limit": 1.0,
            }
            for number in np.flatnonzero((in_train == 0) & (in_val + in_test > 0)).tolist()
        )
