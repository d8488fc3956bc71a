"""split-class-drift: a validation split whose mix of classes differs from that of training."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, measured, no_defects
from yoloaudit.checks.counts import instances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten


class SplitClassDrift(Check):
    """Validation split whose mix of classes differs from that of training.

    Validation then measures another task than the one that was trained, and its numbers do not carry over. The
    distance is Jensen and Shannon's (the root of their divergence in bits, 0 to 1). It has to exceed what one of
    twenty random splits may show by chance too, and splits of fewer than 50 boxes are not judged, so that small
    splits raise no false alarm. Split anew, by clip or by source, with classes in equal shares.
    """

    severity = Severity.WARNING
    needs = ("train", "val")
    message = (
        "the mix of classes in train and val is {distance:.2f} apart, above {max_distance:g}; "
        "class {name!r} makes {train:.1%} of train and {val:.1%} of val"
    )
    max_distance: float = Field(0.15, gt=0, lt=1, description="Jensen–Shannon distance that is let pass")
    min_boxes: int = Field(50, ge=1, description="boxes that each of the two splits has at least")

    good = (
        Example(
            {
                "labels/train/a.txt": "".join(f"{i % 2} .5 {0.1 + i / 200} .2 .2\n" for i in range(100)),
                "labels/val/b.txt": "".join(f"{i % 5 % 2} .5 {0.1 + i / 200} .2 .2\n" for i in range(60)),
            },
            title="half and half in train, 60 to 40 in val",
        ),
        Example(
            {
                "labels/train/a.txt": "".join(f"0 .5 {0.1 + i / 200} .2 .2\n" for i in range(100)),
                "labels/val/b.txt": "".join(f"1 .5 {0.1 + i / 200} .2 .2\n" for i in range(49)),
            },
            title="nothing in common, but 49 boxes say little",
        ),
    )
    bad = (
        Example(
            {
                "labels/train/a.txt": "".join(f"{i % 2} .5 {0.1 + i / 200} .2 .2\n" for i in range(100)),
                "labels/val/b.txt": "".join(f"{int(i % 10 == 0)} .5 {0.1 + i / 200} .2 .2\n" for i in range(60)),
            },
            title="half and half in train, 90 to 10 in val",
        ),
        Example(
            {
                "labels/train/a.txt": "".join(f"0 .5 {0.1 + i / 200} .2 .2\n" for i in range(50)),
                "labels/val/b.txt": "".join(f"1 .5 {0.1 + i / 200} .2 .2\n" for i in range(50)),
            },
            title="no class in common",
        ),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        in_train, in_val = instances(boxes, len(names), "train"), instances(boxes, len(names), "val")
        if min(in_train.sum(), in_val.sum()) < self.min_boxes:
            return no_defects()
        train, val = in_train / in_train.sum(), in_val / in_val.sum()
        distance = jensen_shannon(train, val)
        classes = int(np.count_nonzero(in_train + in_val))
        limit = max(self.max_distance, by_chance(classes, int(in_train.sum()), int(in_val.sum())))
        most = int(np.argmax(np.abs(train - val)))
        entry = {
            "split": "val",
            "class_id": most,
            "name": shorten(names[most]),
            "distance": distance,
            "train": float(train[most]),
            "val": float(val[most]),
            "value": distance,
            "limit": limit,
        }
        return measured(self.flag_whole([entry] if distance > limit else []), distance, limit)


def jensen_shannon(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Distance of two distributions, 0 to 1: the root of the Jensen–Shannon divergence in bits."""
    middle = (first + second) / 2
    divergence = 0.0
    for shares in (first, second):
        held = shares > 0
        divergence += float(np.sum(shares[held] * np.log2(shares[held] / middle[held]))) / 2
    return float(np.sqrt(min(max(divergence, 0.0), 1.0)))


def by_chance(classes: int, first: int, second: int) -> float:
    """The distance that at most one of twenty pairs of samples of these sizes from one distribution exceeds.

    The divergence in bits is at most half of Σ (p − q)² / (p + q), which is near χ² of classes − 1 degrees of freedom
    times (1/m + 1/n) / 2; the 95 % quantile of χ² by Wilson and Hilferty's formula.
    """
    freedom = max(classes - 1, 1)
    quantile = freedom * (1 - 2 / (9 * freedom) + 1.645 * np.sqrt(2 / (9 * freedom))) ** 3
    return float(np.sqrt(quantile * (1 / first + 1 / second) / 4))
