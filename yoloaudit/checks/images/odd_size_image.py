"""odd-size-image: images much larger or smaller than the others."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity

LEAST_SPREAD = 0.01
"""Interquartile range, as a share of the median, that a set of one size is taken to have."""


class OddSizeImage(Check):
    """Image much larger or smaller than nearly all others.

    Its size, the root of width × height, lies more than 3 interquartile ranges beyond the quartiles of the data set.
    Such an image often came from another source, or is a thumbnail or an unscaled original. Check that it belongs here.
    """

    severity = Severity.INFO
    message = "image is {width} × {height} px, a size of {size:.0f} px, outside the usual {low:.0f} … {high:.0f} px"
    ranges: float = Field(3.0, gt=0, description="interquartile ranges beyond the quartiles that are still usual")
    min_images: int = Field(20, ge=4, description="images that a judgement needs")

    good = (
        Example(title="too few images", files={"images/train/a.png": Picture(64, 64)}),
        Example(title="all alike", files={f"images/train/{n}.png": Picture(100, 100) for n in "abcd"}),
    )
    bad = (
        Example(
            title="a thumbnail",
            files={f"images/train/{n}.png": Picture(600 + n, 600) for n in range(20)}
            | {"images/train/a.png": Picture(64, 64)},
        ),
        Example(
            title="an original among scaled images",
            files={f"images/train/{n}.png": Picture(640, 640) for n in range(20)}
            | {"images/train/a.png": Picture(900, 900)},
        ),
    )

    def find(self, images: Images) -> Defects:
        size = np.sqrt(images["width"].to_numpy(dtype=float) * images["height"].to_numpy(dtype=float))
        known = size > 0
        if known.sum() < self.min_images:
            return no_defects()
        first, median, third = np.percentile(size[known], [25, 50, 75])
        reach = self.ranges * max(third - first, LEAST_SPREAD * median)
        low, high = first - reach, third + reach
        odd = known & ((size < low) | (size > high))
        return self.flag(images[odd].assign(size=size[odd]), value="size", low=max(low, 0), high=high)
