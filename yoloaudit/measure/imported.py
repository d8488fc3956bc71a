"""Detections that somebody brings along → the table `predictions`, and what is wrong with those that are left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import PREDICTION_SOURCES, PREDICTIONS, Predictions, categorical, table
from yoloaudit.errors import DataError
from yoloaudit.findings import shorten

MOST_AN_IMAGE = 1000
"""Detections of one image that are taken over: those of the highest scores."""
IMPORTED = PREDICTION_SOURCES.index("imported")
UNKNOWN, AMBIGUOUS = -1, -2


class Imported(NamedTuple):
    """The detections of a file that can be used, and a sentence on each kind that cannot."""

    table: Predictions
    notes: tuple[str, ...]


@dataclass
class Notes:
    """Counts what is left out, by kind, with the first of each."""

    of: int
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, example: object, count: int = 1) -> None:
        if count:
            self.counts[what] = self.counts.get(what, 0) + count
            self.first.setdefault(what, str(example))

    def sentences(self) -> tuple[str, ...]:
        """`3 of 120 detections name an image that the data set does not have: the first is …`."""
        most = f"{self.of:,} detections"
        return tuple(
            f"{count:,} of {most} left out: {what} (the first: {shorten(self.first[what], 100)})"
            for what, count in self.counts.items()
        )


class ImageNames:
    """Finds the row of an image by what somebody else calls it."""

    def __init__(self, dataset: Dataset) -> None:
        self.paths = [str(path) for path in dataset.images["path"]]
        self._by_path = _rows_of(self.paths)
        self._by_name = _rows_of([os.path.basename(path) for path in self.paths])
        stems = [os.path.splitext(os.path.basename(path))[0] for path in self.paths]
        self._by_stem = _rows_of(stems)
        self._by_number = _rows_of([_number(stem) for stem in stems])
        self._by_number.pop(None, None)

    def by_path(self, name: str) -> int:
        """By a path relative to the root, or by a bare file name that only one image has."""
        plain = name.replace("\\", "/").removeprefix("./")
        row = self._by_path.get(plain, UNKNOWN)
        return self._by_name.get(plain, UNKNOWN) if row == UNKNOWN else row

    def by_id(self, key: int | str) -> int:
        """By an id as detectors write it: the stem of the file's name, or the number that the stem is."""
        if isinstance(key, str):
            row = self._by_stem.get(key, UNKNOWN)
            return self.by_path(key) if row == UNKNOWN else row
        return self._by_number.get(key, UNKNOWN)


def _rows_of(keys: Sequence[Any]) -> dict[Any, int]:
    rows: dict[Any, int] = {}
    for row, key in enumerate(keys):
        rows[key] = AMBIGUOUS if key in rows else row
    return rows


def _number(stem: str) -> int | None:
    return int(stem) if stem.isascii() and stem.isdecimal() and len(stem) <= 18 else None


class Raw(NamedTuple):
    """Detections as a file has them; N of them."""

    image: NDArray[np.int64]
    """Row of the image; -1 unknown, -2 several bear this name."""
    class_id: NDArray[np.int64]
    score: NDArray[np.float64]
    boxes: NDArray[np.float64]
    """N × 4: x1 y1 x2 y2 in pixels."""
    names: Sequence[object]
    """What each calls its image, for notes."""
    source: NDArray[np.int8]
    """Places in PREDICTION_SOURCES."""


def judged(raw: Raw, dataset: Dataset, notes: Notes) -> Imported:
    """What can be used of the detections, cut at the edges of their images; DataError if not one of them can."""
    good = np.ones(len(raw.image), np.bool_)
    boxes = _cut(raw, dataset)
    for bad, what, shown in _flaws(raw, boxes, dataset):
        found = np.flatnonzero(good & bad)
        if len(found):
            notes.add(what, shown(int(found[0])), len(found))
            good[found] = False
    rows = np.flatnonzero(good)
    order = rows[np.lexsort((-raw.score[rows], raw.image[rows]))]
    many = _beyond(raw.image[order])
    if many.any():
        first = raw.names[int(order[np.flatnonzero(many)[0]])]
        notes.add(f"their image has more than {MOST_AN_IMAGE:,}, and theirs are the lowest scores", first, many.sum())
    order = order[~many]
    sentences = notes.sentences()
    if notes.of and not len(order):
        raise DataError(
            f"not one of {notes.of:,} detections can be used: {sentences[0] if sentences else 'none is whole'}"
        )
    columns = {
        "image": raw.image[order],
        "class_id": raw.class_id[order],
        "score": raw.score[order],
        **{name: boxes[order, at] for at, name in enumerate(("x1", "y1", "x2", "y2"))},
        "source": categorical(raw.source[order], PREDICTION_SOURCES),
    }
    return Imported(table(PREDICTIONS, columns), sentences)


def _cut(raw: Raw, dataset: Dataset) -> NDArray[np.float64]:
    """Boxes cut at the edges of their images, where those are known."""
    sizes = dataset.images[["width", "height"]].to_numpy(np.float64)
    sizes[sizes <= 0] = np.inf
    edges = np.vstack([sizes, np.full((1, 2), np.inf)])[np.where(raw.image < 0, len(sizes), raw.image)]
    return np.clip(raw.boxes, 0, np.hstack([edges, edges]))


def _flaws(
    raw: Raw, boxes: NDArray[np.float64], dataset: Dataset
) -> Iterator[tuple[NDArray[np.bool_], str, Callable[[int], object]]]:
    """Each kind of flaw: which detections have it, what it is, and what shows it of one."""

    def name(at: int) -> object:
        return raw.names[at]

    def box(at: int) -> object:
        return " ".join(f"{side:g}" for side in raw.boxes[at])

    x1, y1, x2, y2 = raw.boxes.T
    yield raw.image == UNKNOWN, "their image is not in the data set", name
    yield raw.image == AMBIGUOUS, "several images bear the name of theirs; give the path below the root", name
    classes = len(dataset.names)
    beyond = np.logical_or(raw.class_id < 0, raw.class_id >= classes)
    yield beyond, f"class ids of this data set go from 0 to {classes - 1:,}", lambda at: raw.class_id[at]
    endless = np.logical_not(np.isfinite(raw.boxes).all(axis=1))
    yield endless, "their box is not finite", box
    wrong = np.logical_not((raw.score >= 0) & (raw.score <= 1))
    yield wrong, "their score is not between 0 and 1", lambda at: f"{raw.score[at]:g}"
    flat = np.logical_not((x2 > x1) & (y2 > y1))
    yield flat, "their box has no width or no height, or a negative one", box
    outside = np.logical_not((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
    yield outside, "their box lies outside its image", box


def _beyond(image: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the detections, sorted by image, come after the first thousand of their image."""
    starts = np.searchsorted(image, image, side="left")
    return np.arange(len(image)) - starts >= MOST_AN_IMAGE
