"""Detections and labels of many images as columns → the pairs of them that overlap in the same image.

D detections, L labels, P pairs. Boxes are x1 y1 x2 y2 in pixels of the image as the trainer sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.geometry import iou
from yoloaudit.train.types import Floats

Integers: TypeAlias = NDArray[np.int64]
Exact: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

PAIRS_AT_ONCE = 1 << 21
ROUNDING = 1e-6
"""What is kept until overlaps are rounded to float32."""


class Labelled(NamedTuple):
    """Labelled boxes of all images, those of an image in the order of its file."""

    images: Integers
    """L: any numbers from 0 that tell images apart."""
    classes: Integers
    """L: class ids from 0."""
    boxes: Floats
    """L × 4."""

    def at(self, rows: Integers | Mask) -> Labelled:
        """These rows."""
        return Labelled(self.images[rows], self.classes[rows], self.boxes[rows])


class Detected(NamedTuple):
    """Detections of all images; those of an image in the order in which they are matched, the best first."""

    images: Integers
    """D."""
    classes: Integers
    """D."""
    boxes: Floats
    """D × 4."""
    scores: Floats
    """D: 0 to 1."""

    def at(self, rows: Integers | Mask) -> Detected:
        """These rows."""
        return Detected(self.images[rows], self.classes[rows], self.boxes[rows], self.scores[rows])


class Pairs(NamedTuple):
    """Positions of a detection and a label each, by detection and then by label, and their overlap."""

    detection: Integers
    label: Integers
    overlap: Exact

    def at(self, rows: Integers | Mask) -> Pairs:
        """These rows."""
        return Pairs(self.detection[rows], self.label[rows], self.overlap[rows])


def overlapping(detected: Detected, labelled: Labelled, least: float) -> Pairs:
    """All pairs of one image and one class whose IoU is `least` or more and above 0."""
    return _joined(_overlapping(detected, labelled, least, by_class=True))


def strongest(detected: Detected, labelled: Labelled, least: float, *, by_class: bool = True) -> Pairs:
    """For each detection the label of its image, and with `by_class` of its class, that it overlaps most.

    Only where the IoU, as float32, is `least` or more and above 0; of equal ones the earlier label.
    """
    pairs = _joined(map(_strongest, _overlapping(detected, labelled, least - ROUNDING, by_class=by_class)))
    return pairs.at(pairs.overlap >= np.float32(least))


def _overlapping(detected: Detected, labelled: Labelled, least: float, *, by_class: bool) -> Iterator[Pairs]:
    """Chunks of pairs; all pairs of a detection are in one."""
    for detection, label in _together(detected, labelled, by_class):
        overlap = iou(detected.boxes[detection], labelled.boxes[label]).astype(np.float64)
        yield Pairs(detection, label, overlap).at((overlap >= least) & (overlap > 0))


def _strongest(pairs: Pairs) -> Pairs:
    overlap = pairs.overlap.astype(np.float32).astype(np.float64)
    order = np.lexsort((-overlap, pairs.detection))
    _, first = np.unique(pairs.detection[order], return_index=True)
    return pairs._replace(overlap=overlap).at(order[first])


def _joined(chunks: Iterable[Pairs]) -> Pairs:
    detections, labels, overlaps = zip(_NONE, *chunks, strict=True)
    return Pairs(np.concatenate(detections), np.concatenate(labels), np.concatenate(overlaps))


_NONE = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float64))


def _together(detected: Detected, labelled: Labelled, by_class: bool) -> Iterator[tuple[Integers, Integers]]:
    """Positions of detections and labels that share an image (and a class), PAIRS_AT_ONCE or one detection at a time.

    Labels are sorted by what they share; each detection then finds its own as one stretch of them.
    """
    keys_of_labels, keys = keys_of(labelled, by_class), keys_of(detected, by_class)
    order = np.argsort(keys_of_labels, kind="stable")
    ordered = keys_of_labels[order]
    first = np.searchsorted(ordered, keys, "left")
    counts = np.searchsorted(ordered, keys, "right") - first
    able = np.flatnonzero(counts)
    ends = np.cumsum(counts[able])
    start = done = 0
    while start < len(able):
        stop = max(start + 1, int(np.searchsorted(ends, done + PAIRS_AT_ONCE, "right")))
        chosen = able[start:stop]
        detection = np.repeat(chosen, counts[chosen])
        within = np.arange(len(detection)) - np.repeat(ends[start:stop] - counts[chosen] - done, counts[chosen])
        yield detection, order[np.repeat(first[chosen], counts[chosen]) + within]
        start, done = stop, int(ends[stop - 1])


def keys_of(rows: Detected | Labelled, by_class: bool = True) -> Integers:
    """One number for each image, or for each image and class; class ids are below 2³²."""
    images = rows.images.astype(np.int64)
    return (images << 32) + rows.classes if by_class else images
