"""inseparable-classes: classes that are only seen together with another."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.counts import appearances
from yoloaudit.dataset.tables import Boxes, Defects
from yoloaudit.findings import Severity, shorten

Counts: TypeAlias = NDArray[np.int64]
MOST_CLASSES = 1000
"""Classes that are compared, those in most images."""
MOST_IN_IMAGE = 100
"""Classes in one image; an image with more says nothing of which two belong together, and is left out."""


class InseparableClasses(Check):
    """Class that is only seen together with another.

    Where one class never appears without the other, the model may learn the company instead of the object, and fails
    when it meets the object alone. Add images that show the class by itself. Of several companions the most frequent
    is named. Images of more than 100 classes, and classes beyond the 1000 most common, are left out.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = (
        "class {name!r} appears with class {other!r} in {together:,} of its {images:,} images ({share:.0%}), "
        "at or above {min_share:.0%}"
    )
    min_share: float = Field(0.95, gt=0, le=1, description="share of a class's images that show the other class too")
    min_images: int = Field(30, ge=1, description="images that a class is in at least before it is judged")

    good = (
        "0 .2 .2 .1 .1\n1 .5 .5 .1 .1\n",
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(40)}
            | {f"labels/train/{i}.txt": "0 .2 .2 .1 .1\n" + "1 .5 .5 .1 .1\n" * (i > 2) for i in range(40)}
            | {f"labels/val/{i}.txt": "1 .5 .5 .1 .1\n" for i in range(4)}
            | {f"images/val/{i}.png": Picture(32, 32) for i in range(4)},
            title="each class is alone in some images",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(30)}
            | {f"labels/train/{i}.txt": "0 .2 .2 .1 .1\n1 .5 .5 .1 .1\n" for i in range(30)},
            title="always together",
        ),
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(40)}
            | {f"labels/train/{i}.txt": "0 .2 .2 .1 .1\n" + "1 .5 .5 .1 .1\n" * (i > 9) for i in range(40)},
            title="the second never without the first, but in one of 31 images",
        ),
    )

    def find(self, boxes: Boxes, names: tuple[str, ...]) -> Defects:
        found = appearances(boxes, len(names))
        images = np.bincount(found.class_id, minlength=len(names))
        judged = np.sort(np.argsort(-images, kind="stable")[:MOST_CLASSES])
        judged = judged[images[judged] >= self.min_share * self.min_images]
        code_of = np.full(len(names), -1)
        code_of[judged] = np.arange(len(judged))
        rows = (code_of[found.class_id] >= 0) & (np.bincount(found.image)[found.image] <= MOST_IN_IMAGE)
        together = counted_together(code_of[found.class_id[rows]], found.image[rows], len(judged))
        enough = (together >= self.min_share * images[judged][:, None]) & (together > 0)
        enough &= images[judged][:, None] >= self.min_images
        return self.flag_whole(
            {
                "class_id": int(judged[one]),
                "name": shorten(names[judged[one]]),
                "other": shorten(names[judged[together[one].argmax()]]),
                "together": int(together[one].max()),
                "images": int(images[judged[one]]),
                "share": together[one].max() / images[judged[one]],
                "value": together[one].max() / images[judged[one]],
                "limit": self.min_share,
                "score": together[one].max() / images[judged[one]],
            }
            for one in np.flatnonzero(enough.any(axis=1)).tolist()
        )


def counted_together(codes: Counts, image: Counts, classes: int) -> Counts:
    """In how many images two classes (0 … classes − 1) stand together: (classes, classes), nothing on the diagonal."""
    order = np.argsort(image, kind="stable")
    codes, image = codes[order], image[order]
    counts = np.zeros(classes * classes, dtype=np.int64)
    active = np.arange(len(codes))
    for step in range(1, MOST_IN_IMAGE):
        active = active[: np.searchsorted(active, len(codes) - step)]
        active = active[image[active] == image[active + step]]
        if not len(active):
            break
        counts += np.bincount(codes[active] * classes + codes[active + step], minlength=len(counts))
    square = counts.reshape(classes, classes)
    return square + square.T
