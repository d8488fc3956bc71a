"""class-imbalance: a class many times as frequent as another."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, measured, no_defects
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class ClassImbalance(Check):
    """Class that is many times as frequent as another.

    The loss is a sum over instances, so the frequent class is learnt first and the rare one late or never. Label more
    of the rare class, or show its images more often (`--image-weights`). Classes without an instance are left to
    unused-class and class-missing-in-train.
    """

    severity = Severity.WARNING
    needs = ("train",)
    message = (
        "class {name!r} has {most:,} training instances, {ratio:,.0f} times the {least:,} of class {rarest!r}, "
        "at or above {max_ratio:g} times"
    )
    max_ratio: float = Field(50.0, gt=1, description="instances of the most frequent class by those of the least")

    good = ("".join(f"0 {0.2 + i / 100} .5 .1 .1\n" for i in range(49)) + "1 .5 .5 .2 .2\n", "0 .5 .5 .2 .2\n")
    bad = (
        "".join(f"0 {0.2 + i / 100} .5 .1 .1\n" for i in range(50)) + "1 .5 .5 .2 .2\n",
        "".join(f"1 {0.1 + i / 200} .5 .1 .1\n" for i in range(150)) + "0 .5 .5 .2 .2\n0 .1 .1 .1 .1\n",
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        counts = instances(boxes, len(names), "train")
        present = np.flatnonzero(counts)
        if len(present) < 2:
            return no_defects()
        largest, smallest = (int(present[place(counts[present])]) for place in (np.argmax, np.argmin))
        ratio = float(counts[largest] / counts[smallest])
        entry = {
            "split": "train",
            "class_id": smallest,
            "name": shorten(names[largest]),
            "rarest": shorten(names[smallest]),
            "most": int(counts[largest]),
            "least": int(counts[smallest]),
            "ratio": ratio,
            "value": ratio,
            "limit": self.max_ratio,
        }
        return measured(self.flag_whole([entry] if ratio >= self.max_ratio else []), ratio, self.max_ratio)
