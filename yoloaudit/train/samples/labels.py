"""The table `boxes` → classes, boxes and polygons of each image as they are trained on: the auditor's own rows.

A row counts where the trainer uses it, as it says or altered. An image that shows a class beyond the last one is left
out whole: as background it would teach that there is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.grammar import split_fields
from yoloaudit.dataset.tables import Boxes
from yoloaudit.train.types import Floats, Integers

TRAINED = ["used", "altered"]
OUTLINED = ["polygon", "oriented", "keypoints"]
"""Kinds of rows that the trainer takes for polygons."""
MOST_BOX_FIELDS = 6
"""A row of more fields makes all rows of its file polygons."""


@dataclass(frozen=True)
class Labels:
    """Rows of some images, sorted by image; T rows in all."""

    values: Floats
    """T × 5: class, then cx cy w h as shares of the image."""
    starts: Integers
    """Where the rows of image i begin: from starts[i] to starts[i + 1]."""
    outlines: dict[int, tuple[str, ...]]
    """Text of the rows of those images that have polygons."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, image: int) -> Floats:
        """Rows of an image: N × 5."""
        return self.values[self.starts[image] : self.starts[image + 1]]

    def polygons(self, image: int) -> tuple[Floats, ...]:
        """A polygon (P × 2, shares of the image) for each row of an image; none where its rows are boxes."""
        return tuple(_points(text) for text in self.outlines.get(image, ()))

    def counts(self, classes: int) -> NDArray[np.int64]:
        """Images × classes: how many rows of each class."""
        counted = np.zeros((len(self), classes), np.int64)
        owners = np.repeat(np.arange(len(self)), np.diff(self.starts))
        np.add.at(counted, (owners, self.values[:, 0].astype(np.int64)), 1)
        return counted


def of_images(boxes: Boxes, rows: Sequence[int], *, one_class: bool = False) -> Labels:
    """The rows of these images (rows of the table `images`) in this order; with `one_class` all are of class 0.

    In an image that repeats a row, rows are sorted by their values, as the trainer leaves them.
    """
    fates, images = boxes["fate"], boxes["image"].to_numpy()
    known = np.full(max(int(images.max(initial=-1)), max(rows, default=-1)) + 2, -1)
    known[list(rows)] = np.arange(len(rows))
    owner = known[images]
    chosen = np.flatnonzero((owner >= 0) & fates.isin(TRAINED).to_numpy())
    columns = ["class_id", "cx", "cy", "w", "h"]
    values = boxes[columns].to_numpy(np.float32)
    repeated = np.zeros(len(rows) + 1, np.bool_)
    repeated[owner[(fates == "duplicate").to_numpy()]] = True
    chosen = chosen[_order(values[chosen], owner[chosen], repeated)]
    starts = np.searchsorted(owner[chosen], np.arange(len(rows) + 1))
    outlined = (boxes["tokens"].to_numpy() > MOST_BOX_FIELDS) & boxes["kind"].isin(OUTLINED).to_numpy()
    some = np.unique(owner[chosen][outlined[chosen]]).tolist()
    raw = boxes["raw"].to_numpy()
    outlines = {image: tuple(raw[chosen[starts[image] : starts[image + 1]]].tolist()) for image in some}
    values = np.ascontiguousarray(values[chosen])
    if one_class:
        values[:, 0] = 0
    return Labels(values, starts.astype(np.int64), outlines)


def beyond(boxes: Boxes, rows: Sequence[int], classes: int) -> NDArray[np.bool_]:
    """Which of these images have a row, in use, of a class that is not among the first so many."""
    wrong = boxes["fate"].isin(TRAINED).to_numpy() & (boxes["class_id"].to_numpy() >= classes)
    return np.isin(list(rows), boxes["image"].to_numpy()[wrong])


def _order(values: Floats, owner: Integers, repeated: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Rows by image, those of one image as they stand in its file or, where `repeated`, by value."""
    by_value = np.where(repeated[owner][:, None], values, np.float32(0))
    keys = [np.arange(len(values)), *by_value.T[::-1], owner]
    return np.lexsort(keys)


def _points(text: str) -> Floats:
    numbers = np.array(split_fields(text)[1:], np.float64).astype(np.float32)
    points: Floats = numbers.reshape(-1, 2)
    return points
