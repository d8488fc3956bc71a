"""cloned-box: one box at the same place in many images."""

import numpy as np
import pandas as pd
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture, no_defects
from yoloaudit.checks.columns import above
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity
from yoloaudit.geometry import Integers

EXAMPLES = 5
"""Further rows that a defect names."""


class ClonedBox(Check):
    """One box at the same place in many images.

    Objects seldom stand in two images at the same place to the last digit. Such boxes come from a default of a
    labelling tool, from copying labels along a video, or from a script that went wrong. Look at a few of the images;
    a camera and an object that never move explain it too.
    """

    severity = Severity.WARNING
    kind = "heuristic"
    message = "the same box stands in {count:,} images and makes {share:.1%} of all boxes"
    min_images: int = Field(5, ge=2, description="images in which a box has to stand")
    min_share: float = Field(0.01, gt=0, le=1, description="share of all boxes that it has to make")

    good = (
        Example(
            {f"images/train/{i}.png": Picture() for i in range(4)}
            | {f"labels/train/{i}.txt": "0 .4 .4 .3 .3\n" for i in range(4)},
            title="the same box in four images",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture() for i in range(5)}
            | {f"labels/train/{i}.txt": "0 .4 .4 .3 .3\n" for i in range(5)},
            title="the same box in five images",
        ),
        Example(
            {f"images/train/{i}.png": Picture() for i in range(5)}
            | {f"labels/train/{i}.txt": f"{i % 2} .40 0.4 .3{'0' * i} .3\n" for i in range(5)},
            title="written differently, and of two classes",
        ),
    )

    def find(self, boxes: Boxes) -> Defects:
        least = max(self.min_images, int(np.ceil(self.min_share * len(boxes))))
        kept = np.arange(len(boxes))
        for column in ("cx", "cy", "w", "h"):
            values = (boxes[column].to_numpy()[kept] + np.float32(0)).view(np.int32)
            kept = kept[np.isin(values, frequent(values, least))]
        if not len(kept):
            return no_defects()
        same = boxes[["cx", "cy", "w", "h"]].iloc[kept].groupby(["cx", "cy", "w", "h"], sort=False).ngroup().to_numpy()
        sizes, images = np.bincount(same), distinct(same, boxes["image"].to_numpy()[kept])
        clones = np.flatnonzero((images >= self.min_images) & (sizes >= least))
        members = kept[np.argsort(same, kind="stable")]
        starts = (np.cumsum(sizes) - sizes)[clones]
        ids = boxes.index.to_numpy()[members]
        further = [
            ids[start + 1 : start + 1 + min(EXAMPLES, size - 1)]
            for start, size in zip(starts, sizes[clones], strict=True)
        ]
        rows = boxes.iloc[members[starts]].assign(count=images[clones])
        share = sizes[clones] / len(boxes)
        return self.flag(
            rows,
            value="count",
            limit=self.min_images,
            share=share,
            score=above(self.min_share, share),
            related=[[{"row": row} for row in some.tolist()] for some in further],
        )


def frequent(values: Integers, least: int) -> Integers:
    """Values that stand at least so many times."""
    ordered = np.sort(values)
    last, first = ordered[least - 1 :], ordered[: max(len(ordered) - least + 1, 0)]
    return np.asarray(pd.unique(last[last == first]))


def distinct(groups: Integers, values: Integers) -> Integers:
    """How many different values each group 0 … G − 1 has."""
    keys = np.sort((groups.astype(np.int64) << 32) + values)
    first = np.diff(keys, prepend=keys[:1] - 1) != 0
    counts: Integers = np.bincount(keys[first] >> 32, minlength=int(groups.max(initial=-1)) + 1)
    return counts
