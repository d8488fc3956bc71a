"""rare-class: classes that make a small share of the training instances."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, no_defects
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class RareClass(Check):
    """Class that makes a small share of the training instances.

    A class below one percent hardly moves the loss, so its numbers lag behind those of the others. With very many
    classes that cannot be helped. Label more of it, or merge it with a class that it resembles.
    """

    severity = Severity.INFO
    needs = ("train",)
    message = "class {name!r} has {instances:,} of {total:,} training instances, {share:.2%}, below {min_share:.2%}"
    min_share: float = Field(0.01, gt=0, lt=1, description="share of the training instances that a class should have")

    good = ("".join(f"0 {0.2 + i / 200} .5 .1 .1\n" for i in range(99)) + "1 .5 .5 .2 .2\n", "0 .5 .5 .2 .2\n")
    bad = (
        "".join(f"0 {0.2 + i / 200} .5 .1 .1\n" for i in range(100)) + "1 .5 .5 .2 .2\n",
        "".join(f"1 {0.2 + i / 500} .5 .1 .1\n" for i in range(250)) + "0 .5 .5 .2 .2\n0 .1 .1 .1 .1\n",
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        counts = instances(boxes, len(names), "train")
        total = int(counts.sum())
        if np.count_nonzero(counts) < 2:
            return no_defects()
        return self.flag_whole(
            {
                "split": "train",
                "class_id": number,
                "name": shorten(names[number]),
                "instances": int(counts[number]),
                "total": total,
                "share": counts[number] / total,
                "value": float(counts[number] / total),
                "limit": self.min_share,
            }
            for number in np.flatnonzero((counts > 0) & (counts < self.min_share * total)).tolist()
        )
