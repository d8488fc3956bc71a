"""The runs of two sides → their evidence on the images that all of them have, with the same class ids.

Classes are the same by their names, images by their path below the data set's root and their size, and labels by their
digests. Where labels were changed between the sides, the new ones are the ruler for both, if the records hold boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yoloaudit.compare.trained import Trained
from yoloaudit.errors import DataError
from yoloaudit.train.score.evidence import Evidence, counts_of, digests_of, held_against, only

SAME, NEW, UNCHANGED = "same", "b", "unchanged"
"""What both sides are held against: labels that are the same, those of B, or those that were not changed."""


@dataclass(frozen=True, eq=False)
class Paired:
    """The evidence of every run on N images, in one order."""

    names: tuple[str, ...]
    """By class id, of the classes that all runs have."""
    missing: tuple[str, ...]
    """Names that only some runs have."""
    images: tuple[str, ...]
    """N: paths below the root of the data set."""
    own: tuple[tuple[Evidence, ...], tuple[Evidence, ...]]
    """Of each side, each run against the labels that it was held against then."""
    relabelled: NDArray[np.bool_]
    """N: whether the two sides have other labels."""
    only_one: tuple[int, int]
    """Images that the other side has not, of each side."""
    resized: int
    """Images of one name and different sizes: they are not taken for the same."""
    torn: int
    """Images whose labels differ between the runs of one side: left out."""

    @property
    def has_boxes(self) -> bool:
        """Whether detections can be held against other labels, and objects be told apart by size."""
        return all(each.boxes is not None for side in self.own for each in side)

    def on_one_ruler(self, ruler: int = 1) -> tuple[list[Evidence], list[Evidence]]:
        """Both sides against the labels of one: 0 those of A, 1 those of B. It takes boxes where labels differ."""
        truth = self.own[ruler][0].truth
        sides = [list(runs) for runs in self.own]
        if truth is not None and self.relabelled.any():
            sides[1 - ruler] = [self._again(each, held_against(each, truth)) for each in self.own[1 - ruler]]
        return sides[0], sides[1]

    def _again(self, before: Evidence, after: Evidence) -> Evidence:
        """Evidence held against other labels; what was right on images whose labels are the same stays so."""
        hits = np.where(self.relabelled[before.image][:, None], after.hits, before.hits)
        return replace(after, hits=hits)

    def at(self, rows: NDArray[np.bool_]) -> Paired:
        """Of these images alone."""
        places = np.flatnonzero(rows).tolist()
        first, second = (tuple(only(each, places) for each in runs) for runs in self.own)
        images = tuple(self.images[place] for place in places)
        return replace(self, images=images, own=(first, second), relabelled=self.relabelled[rows])


def pair(a: Sequence[Trained], b: Sequence[Trained]) -> Paired:
    """Put the runs side by side; raises DataError where they have no image, or no class, in common."""
    runs = [*a, *b]
    names, missing = _names(runs)
    images, resized = _images(runs)
    _refuse_strangers(a, b, images, resized)
    placed = [_placed(run, names, images, len({each.names for each in runs}) == 1) for run in runs]
    sides = placed[: len(a)], placed[len(a) :]
    marks = [np.array([each.digests for each in side], dtype=object) for side in sides]
    whole = np.all([(side == side[0]).all(axis=0) for side in marks], axis=0)
    if not whole.any():
        raise DataError("the runs of one side were held against different labels. Compare them one by one")
    other = np.asarray(marks[0][0] != marks[1][0], bool)
    alone = [
        len({path for run in side for path in run.evidence.images} - _known(rest)) for side, rest in ((a, b), (b, a))
    ]
    first, second = tuple(sides[0]), tuple(sides[1])
    paired = Paired(names, missing, images, (first, second), other, (alone[0], alone[1]), resized, int((~whole).sum()))
    return paired if whole.all() else paired.at(whole)


def _known(runs: Sequence[Trained]) -> set[str]:
    return {path for run in runs for path in run.evidence.images}


def _names(runs: Sequence[Trained]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that all runs have, in the order of the last one, and those that only some have."""
    shared = set(runs[0].names).intersection(*(run.names for run in runs[1:]))
    names = tuple(name for name in runs[-1].names if name in shared)
    if not names:
        raise DataError("the runs have no class name in common, so that nothing can be compared")
    every = dict.fromkeys(name for run in runs for name in run.names)
    return names, tuple(name for name in every if name not in shared)


def _images(runs: Sequence[Trained]) -> tuple[tuple[str, ...], int]:
    """Paths that all runs have, in one order, and how many were left out as their sizes differ."""
    shared = set(runs[0].evidence.images).intersection(*(run.evidence.images for run in runs[1:]))
    sizes: dict[str, tuple[int, ...]] = {}
    other: set[str] = set()
    for run in runs:
        if run.evidence.sizes is None:
            continue
        for path, size in zip(run.evidence.images, map(tuple, run.evidence.sizes.tolist()), strict=True):
            if path in shared and sizes.setdefault(path, size) != size:
                other.add(path)
    return tuple(sorted(shared - other)), len(other)


def _refuse_strangers(a: Sequence[Trained], b: Sequence[Trained], images: Sequence[str], resized: int) -> None:
    if images:
        return
    held = [max(len(run.evidence.images) for run in side) for side in (a, b)]
    if resized:
        raise DataError(f"the {resized:,} images of one name are of different sizes: the runs have other val images")
    raise DataError(
        f"no val image is common to all runs ({held[0]:,} and {held[1]:,} images), so that nothing can be compared. "
        "Hold one model against the val of the other: `yoloaudit val`"
    )


def _placed(run: Trained, names: Sequence[str], images: Sequence[str], same_names: bool) -> Evidence:
    """Its evidence on these images, in this order, with these class ids."""
    place = {path: at for at, path in enumerate(run.evidence.images)}
    evidence = only(run.evidence, [place[path] for path in images])
    if same_names:
        return evidence
    numbers = {name: at for at, name in enumerate(names)}
    ids = np.array([numbers.get(name, -1) for name in run.names], np.int64)
    found, labels = ids[evidence.classes], evidence.labels.copy()
    labels[:, 1] = ids[labels[:, 1]]
    kept, truth, digests = found >= 0, evidence.truth, evidence.digests
    if truth is not None:
        turned = truth._replace(classes=ids[truth.classes])
        truth = turned.at(turned.classes >= 0)
        digests = digests_of(truth, np.arange(len(images)))
    return replace(
        evidence,
        digests=digests,
        labels=labels[labels[:, 1] >= 0] if truth is None else counts_of(truth),
        image=evidence.image[kept],
        classes=found[kept],
        scores=evidence.scores[kept],
        hits=evidence.hits[kept],
        boxes=None if evidence.boxes is None else evidence.boxes[kept],
        truth=truth,
    )
