"""Predictions and labels → the table `skill`: how well the model knows each class, held against the labels as they are.

D detections, L labels, K classes. Detections are right as YOLOv5 counts them (train.score.metrics, at IoU 0.5), so that
AP50 is the number that its users know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.tables import SKILL, Boxes, Predictions, Skill, table
from yoloaudit.measure.coverage import looked_at
from yoloaudit.measure.matches import CORNERS, LEAST_IOU, sound, usable
from yoloaudit.train.score.metrics import TINY, average_precision
from yoloaudit.train.score.pairs import Detected, Labelled, strongest

PRECISION, LEAST_DETECTIONS = 0.90, 20
"""How often detections are right from the threshold on, and how many it takes to say so."""
LEAST_RIGHT = 10
"""Right detections of a class that its own error is measured on; of fewer, all classes' error is taken."""
NORMAL = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation, which wrong labels hardly move."""

Integers = NDArray[np.int64]
Exact = NDArray[np.float64]
Edges = NDArray[np.floating[Any]]


class Ranked(NamedTuple):
    """Detections of the images that were looked at, by class and falling score."""

    classes: Integers
    """D."""
    scores: Exact
    """D."""
    right: NDArray[np.bool_]
    """D."""
    overlap: Exact
    """D: with the label that makes it right; NaN where it is not."""
    offsets: Edges
    """D × 4: how far the label's edges lie outside of the detection's, as shares of its sides; NaN likewise."""

    def at(self, rows: slice | Integers | NDArray[np.bool_]) -> Ranked:
        """These rows."""
        classes, scores, right, overlap, offsets = self
        return Ranked(classes[rows], scores[rows], right[rows], overlap[rows], offsets[rows])


def skill(predictions: Predictions, boxes: Boxes, names: Sequence[str]) -> Skill:
    """A row for each class. Only images count that were looked at (measure.coverage); both tables whole.

    The threshold of a class is the least score from which on 90 % of its detections are right, 20 of them or more. A
    class with fewer than 20 detections above the threshold of all classes together takes that; one with more, of which
    too many are wrong, has none.
    """
    count = len(names)
    labelled, ranked = _held_against(predictions, boxes, count)
    labels = np.bincount(labelled, minlength=count)
    detections = np.bincount(ranked.classes, minlength=count)
    starts = np.searchsorted(ranked.classes, np.arange(count + 1))
    known = ranked.at(labels[ranked.classes] > 0)
    together = threshold_of(*_falling(known.scores, known.right))
    columns = {name: np.full(count, np.nan) for name in ("ap50", "recall", "threshold", "iou", "spread")}
    confident, pooled = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    for number in np.flatnonzero((labels > 0) | (detections > 0)).tolist():
        own = ranked.at(slice(int(starts[number]), int(starts[number + 1])))
        if labels[number]:
            columns["ap50"][number] = _average_precision(own.right, int(labels[number]))
        threshold = threshold_of(own.scores, own.right)
        if np.isnan(threshold) and (own.scores >= together).sum() < LEAST_DETECTIONS:
            threshold, pooled[number] = together, not np.isnan(together)
        confident[number] = (own.scores >= threshold).sum()
        columns["threshold"][number] = threshold
        right = own.right & (own.scores >= threshold)
        if labels[number] and not np.isnan(threshold):
            columns["recall"][number] = right.sum() / labels[number]
    sure = ranked.at(ranked.right & (ranked.scores >= columns["threshold"][ranked.classes]))
    columns["iou"], columns["spread"] = _localisation(sure, count)
    counts = {"labels": labels, "detections": detections, "confident": confident, "pooled": pooled}
    return table(SKILL, counts | columns)


def threshold_of(scores: Exact, right: NDArray[np.bool_]) -> float:
    """The least of these falling scores from which on detections are right often enough; NaN where there is none."""
    number = np.arange(1, len(scores) + 1)
    last_of_equals = np.append(scores[1:] < scores[:-1], True) if len(scores) else np.zeros(0, np.bool_)
    good = (np.cumsum(right) >= PRECISION * number) & (number >= LEAST_DETECTIONS) & last_of_equals
    return float(scores[np.flatnonzero(good)[-1]]) if good.any() else float("nan")


def _held_against(predictions: Predictions, boxes: Boxes, count: int) -> tuple[Integers, Ranked]:
    """The class of each label, and the detections."""
    images = max(int(rows["image"].to_numpy().max(initial=-1)) for rows in (predictions, boxes))
    seen = looked_at(predictions, images + 1)
    labels = boxes.iloc[usable(boxes)]
    labels = labels[labels["class_id"].between(0, count - 1).to_numpy() & seen[labels["image"].to_numpy()]]
    found = predictions.iloc[sound(predictions)]
    found = found[found["class_id"].between(0, count - 1).to_numpy() & seen[found["image"].to_numpy()]]
    found = found.iloc[np.lexsort((-found["score"].to_numpy(), found["image"].to_numpy()))]
    labelled = Labelled(_column(labels, "image"), _column(labels, "class_id"), labels[CORNERS].to_numpy(np.float32))
    corners, scores = found[CORNERS].to_numpy(np.float32), found["score"].to_numpy(np.float32)
    detected = Detected(_column(found, "image"), _column(found, "class_id"), corners, scores)
    return labelled.classes, _ranked(detected, labelled)


def _column(rows: pd.DataFrame, name: str) -> Integers:
    return rows[name].to_numpy(np.int64)


def _ranked(detected: Detected, labelled: Labelled) -> Ranked:
    pairs = strongest(detected, labelled, LEAST_IOU)
    _, earliest = np.unique(pairs.label, return_index=True)
    pairs = pairs.at(earliest)
    size = len(detected.scores)
    right, overlap = np.zeros(size, np.bool_), np.full(size, np.nan)
    offsets = np.full((size, 4), np.nan, np.float32)
    right[pairs.detection], overlap[pairs.detection] = True, pairs.overlap
    box, label = detected.boxes[pairs.detection].astype(np.float64), labelled.boxes[pairs.label].astype(np.float64)
    sides = np.tile(label[:, 2:] - label[:, :2], 2)
    offsets[pairs.detection] = (label - box) * (-1, -1, 1, 1) / np.maximum(sides, TINY)
    order = np.lexsort((-detected.scores, detected.classes))
    return Ranked(detected.classes, detected.scores.astype(np.float64), right, overlap, offsets).at(order)


def _falling(scores: Exact, right: NDArray[np.bool_]) -> tuple[Exact, NDArray[np.bool_]]:
    order = np.argsort(-scores, kind="stable")
    return scores[order], right[order]


def _average_precision(right: NDArray[np.bool_], labels: int) -> float:
    if not len(right):
        return 0.0
    found = np.cumsum(right)
    return average_precision(found / (labels + TINY), found / np.arange(1, len(right) + 1))


def _localisation(sure: Ranked, count: int) -> tuple[Exact, Exact]:
    """K: the median overlap and the spread of an edge. A habit of the labels, as to leave some space, is no error."""
    overlap, spread = np.full(count, np.nan), np.full(count, np.nan)
    if not len(sure.classes):
        return overlap, spread
    known, starts = np.unique(sure.classes, return_index=True)
    for number, start, stop in zip(known.tolist(), starts, [*starts[1:], len(sure.classes)], strict=True):
        overlap[number] = np.median(sure.overlap[start:stop])
        if stop - start >= LEAST_RIGHT:
            spread[number] = _spread(sure.offsets[start:stop])
    spread[np.isnan(spread)] = _spread(sure.offsets)
    return overlap, spread


def _spread(offsets: Edges) -> float:
    return float(NORMAL * np.median(np.abs(offsets - np.median(offsets))))
