"""A data set and what a model saw on it → one scene an image: its labels and its detections, side by side.

L labels and D detections of an image; boxes are x1 y1 x2 y2 in pixels of the image as the trainer sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import PREDICTION_SOURCES, Boxes, Predictions
from yoloaudit.evidence import Floats, Integers, Mask
from yoloaudit.measure.matches import sound

CORNERS = ["x1", "y1", "x2", "y2"]
MOST_DETECTIONS = 500
"""Of an image that are looked at: those of the highest scores."""


class Scene(NamedTuple):
    """One image that a model looked at."""

    image: int
    """Its row in `images`."""
    width: int
    height: int
    rows: Integers
    """L: rows of `boxes`."""
    labels: Floats
    """L × 4."""
    label_classes: Integers
    """L."""
    boxes: Floats
    """D × 4, the highest score first."""
    scores: Floats
    """D, 0 to 1."""
    classes: Integers
    """D."""
    source: int
    """Place in PREDICTION_SOURCES."""
    file: int
    """Equal numbers: the same file, listed in several splits."""


def usable(boxes: Boxes) -> Boxes:
    """The rows that yield a box that can be judged: of a size, in an image of known size."""
    corners = boxes[CORNERS].to_numpy(np.float64)
    sides = corners[:, 2:] - corners[:, :2]
    good = boxes["error"].isna().to_numpy() & np.isfinite(corners).all(axis=1) & (sides > 0).all(axis=1)
    placed = (boxes["image"].to_numpy() >= 0) & (boxes["class_id"].to_numpy() >= 0)
    kept: Boxes = boxes[good & placed]
    return kept


def scenes(dataset: Dataset, boxes: Boxes, predictions: Predictions, looked_at: Integers) -> Iterator[Scene]:
    """The scenes of these images (rows of `images`), also of those with no label or no detection.

    What lies outside of an image is cut off from its detections; those that are no boxes are left out.
    """
    boxes = usable(boxes)
    boxes = boxes.iloc[np.argsort(boxes["image"].to_numpy(), kind="stable")]
    widths, heights = (np.maximum(dataset.images[name].to_numpy(), 1) for name in ("width", "height"))
    seen, corners = _seen(predictions, np.stack([widths, heights], axis=1))
    scores, classes = seen["score"].to_numpy(np.float64), seen["class_id"].to_numpy(np.int64)
    sources = seen["source"].cat.codes.to_numpy()
    labels, label_classes = boxes[CORNERS].to_numpy(np.float64), boxes["class_id"].to_numpy(np.int64)
    rows = boxes.index.to_numpy(np.int64)
    of_label, of_detection = (_spans(table["image"].to_numpy(), looked_at) for table in (boxes, seen))
    imported = PREDICTION_SOURCES.index("imported")
    files = files_of(dataset)
    for at, image in enumerate(looked_at.tolist()):
        mine = slice(*of_label[at])
        first, last = of_detection[at]
        found = slice(first, min(last, first + MOST_DETECTIONS))
        yield Scene(
            image,
            int(widths[image]),
            int(heights[image]),
            rows[mine],
            labels[mine],
            label_classes[mine],
            corners[found],
            scores[found],
            classes[found],
            int(sources[first]) if last > first else imported,
            int(files[image]),
        )


def known_size(dataset: Dataset) -> Mask:
    """Which images have a size: labels of others are nowhere, and all that is seen there would lack one."""
    return np.asarray((dataset.images[["width", "height"]].to_numpy() > 0).all(axis=1))


def files_of(dataset: Dataset) -> Integers:
    """The file of each image, by number in the order of their names."""
    return np.asarray(pd.factorize(dataset.images["path"], sort=True)[0], np.int64)


def _seen(predictions: Predictions, frames: Integers) -> tuple[Predictions, Floats]:
    """Detections that are boxes within the frame of their image (I × 2), by image and falling score; their corners."""
    found = predictions.iloc[sound(predictions)]
    found = found[found["image"].to_numpy() < len(frames)]
    corners = found[CORNERS].to_numpy(np.float64)
    corners = np.clip(corners, 0, np.tile(frames[found["image"].to_numpy()], 2))
    kept = np.flatnonzero((corners[:, 2:] > corners[:, :2]).all(axis=1))
    keys = (-found["score"].to_numpy()[kept], found["image"].to_numpy()[kept])
    kept = kept[np.lexsort(keys)]
    return found.iloc[kept], corners[kept]


def _spans(images: NDArray[np.integer], wanted: Integers) -> Integers:
    """N × 2: where the rows of each wanted image begin and end in a sorted column."""
    return np.stack([np.searchsorted(images, wanted, side) for side in ("left", "right")], axis=1)
