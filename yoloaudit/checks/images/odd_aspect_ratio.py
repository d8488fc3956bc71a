"""odd-aspect-ratio: images that are much longer than wide, or wider than long."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.dataset.tables import Defects, Images
from yoloaudit.findings import Severity


class OddAspectRatio(Check):
    """Image that is very long or very wide.

    Images are scaled until their longer side fits the training size, so a strip becomes a few pixels high and its
    objects vanish; the rest is padding. Cut such images into tiles, or check that they belong into the data set.
    """

    severity = Severity.INFO
    message = "image is {width} × {height} px: its sides are as {ratio:.2f} to 1, below {min_ratio:g}"
    min_ratio: float = Field(0.35, gt=0, le=1, description="shorter side divided by the longer, at least")

    good = (Example(files={"images/train/a.png": Picture(100, 35)}),)
    bad = (
        Example(files={"images/train/a.png": Picture(100, 34)}),
        Example(files={"images/train/a.png": Picture(34, 100)}),
    )

    def find(self, images: Images) -> Defects:
        sides = images[["width", "height"]].to_numpy()
        shorter, longer = sides.min(axis=1), sides.max(axis=1)
        ratio = shorter / np.maximum(longer, 1)
        odd = (shorter > 0) & (ratio < self.min_ratio)
        return self.flag(images[odd].assign(ratio=ratio[odd]), value="ratio", limit=self.min_ratio)
