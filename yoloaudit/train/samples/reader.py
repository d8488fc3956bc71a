"""A split of a data set → its pictures with their labels, at the training size, as often as they are asked for.

What cannot be read when it is needed is named, and the next picture that can be read stands in for it, so that a batch
has as many images as it should and training goes on.
"""

from __future__ import annotations

import threading

import numpy as np

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import DataError
from yoloaudit.findings import shorten
from yoloaudit.train.images.data import of_split
from yoloaudit.train.images.picture import Unreadable
from yoloaudit.train.samples import labels
from yoloaudit.train.samples.cache import Pictures
from yoloaudit.train.samples.mosaic import Loaded
from yoloaudit.train.types import Floats, Integers, Sample

MOST_KEPT = 200_000
"""Images whose labels stay in memory as they are needed; those of others are made anew each time."""


class Reader:
    """The images of a split that are trained on, by their numbers from 0 in the order of their paths."""

    def __init__(
        self,
        dataset: Dataset,
        split: str,
        side: int,
        *,
        classes: int | None = None,
        one_class: bool = False,
        shrink: bool = False,
        memory: int = 0,
        folder: str | None = None,
    ) -> None:
        """Pictures have a longer side of `side` pixels. DataError where the split holds none that can be used.

        `classes` is how many there are (those that have a name, unless given). `memory`, `folder` and `shrink` are
        those of `Pictures`.
        """
        source = of_split(dataset, [split], dropped=False)
        rows = np.array(source.places, np.int64)
        known = len(dataset.names) if classes is None else classes
        unknown = np.zeros(len(rows), np.bool_) if one_class else labels.beyond(dataset.boxes, source.places, known)
        seen = source.sizes.all(axis=1) & np.array([error is None for error in source.errors], np.bool_)
        self.left_out: tuple[str, ...] = tuple(source.paths[at] for at in np.flatnonzero(unknown & seen))
        """Paths of images that show a class beyond the last one."""
        source = source.only(np.flatnonzero(seen & ~unknown).tolist())
        if not len(source):
            raise DataError(f"split {shorten(split)} holds no image that can be trained on: run `yoloaudit check`")
        self.source, self.side = source, side
        self.labels = labels.of_images(dataset.boxes, source.places, one_class=one_class)
        self.pictures = Pictures(source, side, shrink=shrink, memory=memory, folder=folder)
        self._samples: list[tuple[Floats, Integers, tuple[Floats, ...]] | None] = [None] * min(len(source), MOST_KEPT)
        self._lock = threading.Lock()
        self._unreadable: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.source)

    @property
    def sizes(self) -> Integers:
        """N × 2: height and width of the images as they are, EXIF rotation applied."""
        return self.source.sizes

    @property
    def unreadable(self) -> dict[str, str]:
        """Paths of images that could not be read when they were needed, and why."""
        with self._lock:
            return {self.source.paths[at]: why for at, why in sorted(self._unreadable.items())}

    def standing(self, at: int) -> int:
        """The number of the image that stands in for this one, as far as is known; its own where it can be read."""
        return next(place for step in range(len(self)) if (place := (at + step) % len(self)) not in self._unreadable)

    def load(self, at: int) -> Loaded:
        """The image of this number, or the next one that can be read; DataError where there is none."""
        for step in range(len(self)):
            place = (at + step) % len(self)
            if place in self._unreadable:
                continue
            try:
                image = self.pictures.picture(place)
            except Unreadable as error:
                with self._lock:
                    self._unreadable[place] = str(error)
                continue
            return Loaded(place, Sample(image, *self._labelled(place, image.shape[0], image.shape[1])))
        path, why = next(iter(self.unreadable.items()))
        raise DataError(f"no image can be read any more; the first of {len(self):,}, {shorten(path, 200)}, {why}")

    def _labelled(self, at: int, height: int, width: int) -> tuple[Floats, Integers, tuple[Floats, ...]]:
        """Boxes and polygons of an image in pixels of its picture, and classes."""
        known = self._samples[at] if at < MOST_KEPT else None
        if known is None:
            rows = self.labels.of(at)
            sides = np.array([width, height], np.float32)
            middle, half = rows[:, 1:3], rows[:, 3:5] / 2
            boxes = np.concatenate([sides * (middle - half), sides * (middle + half)], axis=1)
            polygons = tuple(polygon * sides for polygon in self.labels.polygons(at))
            known = boxes, rows[:, 0].astype(np.int64), polygons
            if at < MOST_KEPT:
                self._samples[at] = known
        return known
