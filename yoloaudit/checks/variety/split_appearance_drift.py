"""split-appearance-drift: validation images that look otherwise than those of training."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.appearance import looks, trained_on
from yoloaudit.checks.base import Check, Example, Picture, measured, unmeasured
from yoloaudit.checks.distributions import distance, distance_by_chance
from yoloaudit.dataset.tables import Defects, Images, Pixels
from yoloaudit.findings import Severity


class SplitAppearanceDrift(Check):
    """Validation images that look otherwise than those of training.

    Validation then measures how well the model carries over, not how well it learnt, and picks the epoch by that. Where
    this is not meant, split anew, by source, so that each kind of image is in both. Compared are brightness, contrast,
    saturation, warmth, aspect ratio and area by the distance of Kolmogorov and Smirnov (0: alike, 1: nothing in
    common). It has to exceed what six comparisons of random splits would show once in twenty times as well
    (Smirnov 1948), so that small splits raise no false alarm. It does not see what the images show.
    """

    severity = Severity.WARNING
    needs = ("train", "val")
    message = "{look} of train and val is {value:.2f} apart, above {limit:.2f}: in the middle {train:.4g} and {val:.4g}"
    max_distance: float = Field(0.2, gt=0, lt=1, description="Kolmogorov–Smirnov distance that is let pass")
    risk: float = Field(0.05, gt=0, lt=1, description="probability that splits at random are found to differ")

    good = (
        Example(
            {
                f"images/{('train', 'val')[i % 3 == 0]}/{i}.png": Picture(64, 64, seed=i, light=0.4 + i / 60)
                for i in range(90)
            },
            title="split at random",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}
            | {f"images/val/{i}.png": Picture(64, 64, seed=i + 50, light=0.5) for i in range(2)},
            title="three darker images in val say little",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}
            | {f"images/val/{i}.png": Picture(64, 64, seed=i + 50, light=0.5) for i in range(20)},
            title="val is darker",
        ),
        Example(
            {f"images/train/{i}.png": Picture(64, 64, seed=i) for i in range(40)}
            | {f"images/val/{i}.png": Picture(64, 96 if i % 2 else 64, seed=i + 50) for i in range(40)},
            title="half of val is upright",
        ),
    )

    def find(self, images: Images, pixels: Pixels) -> Defects:
        in_train, in_val = trained_on(images, "train"), trained_on(images, "val")
        found, largest = [], None
        properties = looks(images, pixels)
        for look, numbers in properties.items():
            train, val = (column[~np.isnan(column)] for column in (numbers[in_train], numbers[in_val]))
            limit = max(self.max_distance, distance_by_chance(len(train), len(val), self.risk / len(properties)))
            if limit >= 1:
                continue
            apart = distance(train, val)
            largest = max((apart, limit), largest or (0.0, limit))
            if apart > limit:
                found.append(
                    {
                        "split": "val",
                        "value": apart,
                        "limit": limit,
                        "look": look,
                        "train": float(np.median(train)),
                        "val": float(np.median(val)),
                    }
                )
        if largest is None:
            return unmeasured(
                f"{int(in_train.sum()):,} images in train and {int(in_val.sum()):,} in val say too little"
            )
        return measured(self.flag_whole(found), *largest)
