"""unused-class: names that no label uses."""

import numpy as np

from yoloaudit.checks.base import Check, Example
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class UnusedClass(Check):
    """Class name that no label uses.

    The model spends outputs on a class it never sees, and its numbers of that class mean nothing. The name may be
    left from a template, or its labels got another number. Remove the name and renumber, or label the class. A class
    that only validation or test shows is left to class-missing-in-train.
    """

    severity = Severity.WARNING
    needs = ("train", "val")
    message = "class {name!r} is named, but has no instance in any split"

    good = ("0 .5 .5 .2 .2\n1 .2 .2 .1 .1\n", "0 .5 .5 .2 .2\n")
    bad = (
        Example({"labels/train/a.txt": "1 .5 .5 .2 .2\n"}),
        Example({"labels/val/b.txt": "0 .5 .5 .2 .2\n"}),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        unused = np.flatnonzero(instances(boxes, len(names)) == 0).tolist()
        return self.flag_whole({"class_id": number, "name": shorten(names[number]), "value": 0.0} for number in unused)
