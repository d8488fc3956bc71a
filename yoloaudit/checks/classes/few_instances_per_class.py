"""few-instances-per-class: the guide's 10000 instances per class."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, measured
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class FewInstancesPerClass(Check):
    """Class with too few labelled objects in training.

    The guide recommends at least 10000 instances (labelled objects) per class. With few of them the model learns
    these objects and not their kind. Label more of the class; `--guide-scale` lowers the bar for data sets that are
    small on purpose.
    """

    severity = Severity.WARNING
    needs = ("train",)
    message = "{instances:,} training instances of class {name!r}, {missing:,} short of {min_instances:,}"
    min_instances: int = Field(10000, ge=1, description="training instances that a class should have")

    good = (
        Example(settings={"min_instances": 1}, files={"labels/train/a.txt": "0 .5 .5 .2 .2\n1 .2 .2 .1 .1\n"}),
        Example(
            settings={"min_instances": 2},
            files={"labels/train/a.txt": "".join(f"{i % 2} .{i + 2} .5 .2 .2\n" for i in range(4))},
        ),
    )
    bad = (
        Example(settings={"min_instances": 2}),
        Example(settings={"min_instances": 1}, files={"labels/train/a.txt": "0 .5 .5 .2 .2\n"}),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        counts = instances(boxes, len(names), "train")
        defects = self.flag_whole(
            {
                "split": "train",
                "class_id": class_id,
                "name": shorten(names[class_id]),
                "instances": int(counts[class_id]),
                "missing": self.min_instances - int(counts[class_id]),
                "value": float(counts[class_id]),
                "limit": float(self.min_instances),
            }
            for class_id in np.flatnonzero(counts < self.min_instances).tolist()
        )
        return measured(defects, float(counts.min()) if len(names) else None, float(self.min_instances))
