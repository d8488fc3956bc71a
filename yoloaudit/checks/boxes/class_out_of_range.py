"""class-out-of-range: class numbers that no name goes with."""

import numpy as np

from yoloaudit.checks.base import Check, no_defects
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity


class ClassOutOfRange(Check):
    """Class number that no name goes with.

    A number at or above the number of names stops training with an error; a negative one drops the whole image.
    Often the numbers count from 1, or the label was made with another list of names. Correct the number, or add the
    missing names.
    """

    severity = Severity.ERROR
    message = "class {class_value:g} is outside 0 to {last} ({count:,} names): {outcome}"

    good = ("1 0.5 0.5 0.1 0.1",)
    bad = ("2 0.5 0.5 0.1 0.1", "-1 0.5 0.5 0.1 0.1", "99999999999 0.5 0.5 0.1 0.1")

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        if not names:
            return no_defects()
        ids = boxes["class_id"].to_numpy()
        wrong = boxes[(ids < 0) | (ids >= len(names))]
        negative = wrong["class_id"].to_numpy() < 0
        outcome = np.where(negative, "the trainer drops the whole image", "training stops with an error")
        last = len(names) - 1
        return self.flag(wrong, value="class_value", limit=last, last=last, count=len(names), outcome=outcome)
