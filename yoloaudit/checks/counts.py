"""Instances and images of each class, counted; an image that the trainer drops shows nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Boxes


class Appearances(NamedTuple):
    """Row i: a class, an image that shows it, and in how many boxes; in order of class and image."""

    class_id: NDArray[np.int64]
    image: NDArray[np.int64]
    boxes: NDArray[np.int64]


def instances(boxes: Boxes, classes: int, split: str | None = None) -> NDArray[np.int64]:
    """Boxes of each named class, in one split or in all; numbers that no name goes with are not counted."""
    ids, _ = _named(boxes, classes, split)
    return np.bincount(ids, minlength=classes)


def appearances(boxes: Boxes, classes: int, split: str | None = None) -> Appearances:
    """The named classes of each image."""
    ids, rows = _named(boxes, classes, split)
    keys = np.sort((ids.astype(np.int64) << 32) + boxes["image"].to_numpy()[rows])
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return Appearances(keys[starts] >> 32, keys[starts] & 0xFFFFFFFF, np.diff(starts, append=len(keys)))


def _named(boxes: Boxes, classes: int, split: str | None) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    ids = boxes["class_id"].to_numpy()
    rows = (ids >= 0) & (ids < classes) & (boxes["fate"] != "dropped").to_numpy()
    if split is not None:
        rows &= (boxes["split"] == split).to_numpy()
    return ids[rows], rows
