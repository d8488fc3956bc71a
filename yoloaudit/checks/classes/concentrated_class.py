"""concentrated-class: classes most of whose instances stand in a few images or one source."""

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.counts import Appearances, appearances
from yoloaudit.dataset.tables import Boxes, Defects, Images
from yoloaudit.findings import Severity, shorten

Counts: TypeAlias = NDArray[np.int64]


class ConcentratedClass(Check):
    """Class most of whose instances stand in a few images or one source.

    The class looks well filled, but the model sees it in few scenes and learns these. Collect images of the class
    from elsewhere. Sources are judged only where file names tell those of most images, there are three and more, and
    the source does not hold most of the labelled images anyway.
    """

    severity = Severity.INFO
    kind = "heuristic"
    message = (
        "{share:.0%} of the {instances:,} instances of class {name!r} stand in {place}, above {max_held_share:.0%}"
    )
    max_held_share: float = Field(
        0.5, gt=0, lt=1, description="share of the instances that few images or one source hold"
    )
    few_images: float = Field(0.05, gt=0, lt=1, description="share of the class's images that counts as few")
    min_instances: int = Field(50, ge=1, description="instances that a class has at least before it is judged")

    good = (
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(30)}
            | {f"labels/train/{i}.txt": f"0 .2 .2 .1 .1\n0 .2 .{i + 10} .1 .1\n" for i in range(30)},
            title="two in each image",
        ),
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(30)}
            | {f"labels/train/{i}.txt": "0 .2 .2 .1 .1\n" for i in range(30)}
            | {"labels/train/0.txt": "".join(f"0 .5 {0.1 + i / 100} .1 .1\n" for i in range(19))},
            title="49 instances are too few to judge",
        ),
    )
    bad = (
        Example(
            {f"images/train/{i}.png": Picture(32, 32) for i in range(30)}
            | {f"labels/train/{i}.txt": "0 .2 .2 .1 .1\n" for i in range(30)}
            | {"labels/train/0.txt": "".join(f"0 .5 {0.1 + i / 100} .1 .1\n" for i in range(40))},
            title="one of 31 images holds most",
        ),
        Example(
            {f"images/train/{clip}_{i:04}.png": Picture(32, 32) for clip in "abc" for i in range(8)}
            | {
                f"labels/train/{clip}_{i:04}.txt": "".join(
                    f"0 .5 {0.1 + k / 100} .1 .1\n" for k in range(8 if clip == "b" else 1)
                )
                for clip in "abc"
                for i in range(8)
            },
            title="one of three clips holds most",
        ),
    )

    def find(self, boxes: Boxes, images: Images, names: tuple[str, ...]) -> Defects:
        found = appearances(boxes, len(names))
        totals = np.bincount(found.class_id, found.boxes, minlength=len(names)).astype(np.int64)
        classes, held, fullest, of = in_few_images(found, self.few_images)
        places: dict[int, tuple[int, str]] = {}
        for at in np.flatnonzero(self._most(held, totals[classes])).tolist():
            places[int(classes[at])] = (int(held[at]), f"{fullest[at]:,} of its {of[at]:,} images")
        classes, held, source = in_one_source(found, images)
        for at in np.flatnonzero(self._most(held, totals[classes])).tolist():
            place = f"one of several sources, {shorten(str(source[at]))!r}"
            places.setdefault(int(classes[at]), (int(held[at]), place))
        return self.flag_whole(
            {
                "class_id": number,
                "name": shorten(names[number]),
                "instances": int(totals[number]),
                "share": part / totals[number],
                "place": place,
                "value": part / totals[number],
                "limit": self.max_held_share,
                "score": part / totals[number],
            }
            for number, (part, place) in sorted(places.items())
        )

    def _most(self, held: Counts, totals: Counts) -> NDArray[np.bool_]:
        return (held > self.max_held_share * totals) & (totals >= self.min_instances)


def in_few_images(found: Appearances, few: float) -> tuple[Counts, Counts, Counts, Counts]:
    """Classes, the instances their fullest images hold, how many these are (below the share `few`), and of how many."""
    order = np.argsort((found.class_id << 32) - found.boxes)
    classes, starts, images = np.unique(found.class_id, return_index=True, return_counts=True)
    fullest = np.maximum(np.ceil(few * images).astype(np.int64) - 1, 0)
    sums = np.concatenate([[0], np.cumsum(found.boxes[order])])
    return classes, sums[starts + fullest] - sums[starts], fullest, images


def in_one_source(found: Appearances, images: Images) -> tuple[Counts, Counts, NDArray[np.object_]]:
    """Classes, the instances that their fullest source holds, and its name; none where sources are not known."""
    code, sources = pd.factorize(images["source"].to_numpy())
    if len(sources) < 3 or 2 * np.count_nonzero(code >= 0) <= len(code):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, object)
    source_of = np.full(int(images.index.max()) + 1, -1, dtype=np.int64)
    source_of[images.index.to_numpy()] = code
    labelled = source_of[np.flatnonzero(np.bincount(found.image))]
    spread = 2 * np.bincount(labelled[labelled >= 0], minlength=len(sources)) <= len(labelled)
    source = source_of[found.image]
    judged = (source >= 0) & spread[source]
    pairs, at = np.unique((found.class_id[judged] << 32) + source[judged], return_inverse=True)
    held = np.bincount(at, found.boxes[judged], minlength=len(pairs)).astype(np.int64)
    order = np.lexsort((-held, pairs >> 32))
    classes, first = np.unique(pairs[order] >> 32, return_index=True)
    best = order[first]
    return classes, held[best], np.asarray(sources, dtype=object)[pairs[best] & 0xFFFFFFFF]
