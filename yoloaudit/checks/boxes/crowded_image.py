"""crowded-image: images with many more boxes than the others."""

import numpy as np
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.checks.columns import above
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity


class CrowdedImage(Check):
    """Image with many more boxes than the others.

    More than three standard deviations above the mean of the labelled images. Crowds are where annotators tire:
    objects are left out and boxes are loose. Look at the image first when labels are reviewed; a label file that was
    appended to twice looks like this too.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = "{count:,} boxes, above {limit:.1f}, which is {sigmas:g} standard deviations over the mean of {mean:.1f}"
    sigmas: float = Field(3.0, gt=0, description="standard deviations above the mean that are let pass")
    min_boxes: int = Field(10, ge=0, description="boxes up to which no image is crowded")

    good = (
        "".join(f"0 {0.2 + i / 100} .5 .1 .1\n" for i in range(12)),
        Example(
            {f"images/train/{i}.png": Picture() for i in range(12)}
            | {f"labels/train/{i}.txt": "0 .5 .5 .1 .1\n" * (1 + i % 2) for i in range(11)}
            | {"labels/train/11.txt": "".join(f"0 {0.2 + i / 100} .5 .1 .1\n" for i in range(10))},
            title="10 boxes are never a crowd",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture() for i in range(12)}
            | {f"labels/train/{i}.txt": "0 .5 .5 .1 .1\n" for i in range(11)}
            | {"labels/train/11.txt": "".join(f"0 {0.2 + i / 100} .5 .1 .1\n" for i in range(11))},
            title="one image of many has 11 boxes, the others have one",
        ),
    )

    def find(self, boxes: Boxes, images: Images) -> Defects:
        counts = np.bincount(boxes["image"].to_numpy())
        labelled = counts[counts > 0]
        if not len(labelled):
            return no_defects()
        mean = float(labelled.mean())
        limit = mean + self.sigmas * float(labelled.std())
        crowded = np.flatnonzero(counts > max(limit, self.min_boxes))
        rows = images.loc[crowded].assign(count=counts[crowded])
        return self.flag(rows, value="count", limit=limit, mean=mean, score=above(limit, counts[crowded]))
