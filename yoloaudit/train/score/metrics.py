"""Detections and labels as columns → which detections are right, and precision, recall, F1 and AP of each class.

D detections, L labels, K classes with labels, T IoU thresholds (0.50, 0.55 … 0.95). Numbers are those of YOLOv5, whose
users compare them: a detection chooses the label it overlaps most and is not offered a second one, and AP is the area
under a 101-point curve that falls to 0 behind its last point, so that a perfect detector has AP 0.995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.pairs import Detected, Exact, Integers, Labelled, Mask, strongest
from yoloaudit.train.types import Floats

THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10).astype(np.float32)
CONFIDENCES = np.linspace(0, 1, 1000)
"""Where the curves over confidence are sampled."""
RECALLS = np.linspace(0, 1, 1000)
"""Where the curve of precision over recall is sampled."""
AP_RECALLS = np.linspace(0, 1, 101)
SMOOTHING = 0.1
"""Share of the samples on each side that the mean F1 is averaged over before its maximum is sought."""
TINY = 1e-16

Curves: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class ClassScores:
    """Scores of each class that has labels, at IoU 0.5 where nothing else is said."""

    classes: Integers
    """K: class ids, ascending."""
    instances: Integers
    """K: labels of each class."""
    confidence: float
    """Where the smoothed mean F1 is highest: precision, recall, F1 and the counts are those at this confidence."""
    precision: Exact
    """K."""
    recall: Exact
    """K."""
    f1: Exact
    """K."""
    right: Exact
    """K: detections that are right."""
    wrong: Exact
    """K: detections that are not."""
    ap: Exact
    """K × T: average precision at each IoU threshold."""
    precision_curve: Curves
    """K × 1000: over CONFIDENCES."""
    recall_curve: Curves
    """K × 1000: over CONFIDENCES."""
    f1_curve: Curves
    """K × 1000: over CONFIDENCES."""
    precision_by_recall: Curves
    """K × 1000: over RECALLS, made non-increasing."""


def match(detected: Detected, labelled: Labelled, thresholds: Floats = THRESHOLDS) -> Mask:
    """D × T: whether a detection is right. Overlaps are compared as float32.

    A detection goes to the label of its class that it overlaps most; of those that go to one label and overlap it by
    the threshold or more, the earliest in the list (the most confident) is right. Each threshold is judged by itself.
    """
    pairs = strongest(detected, labelled, float(thresholds.min()))
    hits = np.zeros((len(detected.scores), len(thresholds)), dtype=bool)
    for column, threshold in enumerate(thresholds):
        enough = np.flatnonzero(pairs.overlap >= threshold)
        _, earliest = np.unique(pairs.label[enough], return_index=True)
        hits[pairs.detection[enough[earliest]], column] = True
    return hits


def score_classes(hits: Mask, scores: Floats, classes: Integers, labels: Integers) -> ClassScores:
    """Scores by class, from D × T hits, scores and class ids of detections and the class id of each label.

    Detections of classes without labels are left out; a class with labels and no detection scores 0.
    """
    known, instances = np.unique(labels, return_counts=True)
    width = hits.shape[1]
    ap = np.zeros((len(known), width))
    precision, recall = np.zeros((len(known), 1000)), np.zeros((len(known), 1000))
    by_recall = np.zeros((len(known), 1000), np.float32)
    order = np.lexsort((-scores, classes))
    starts = np.searchsorted(classes, known, "left", sorter=order)
    ends = np.searchsorted(classes, known, "right", sorter=order)
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start == end:
            continue
        own = order[start:end]
        right = np.cumsum(hits[own], axis=0)
        recalled = right / (instances[row] + TINY)
        precise = right / np.arange(1, end - start + 1)[:, None]
        recall[row] = np.interp(-CONFIDENCES, -scores[own].astype(np.float64), recalled[:, 0], left=0)
        precision[row] = np.interp(-CONFIDENCES, -scores[own].astype(np.float64), precise[:, 0], left=1)
        for column in range(width):
            ap[row, column] = average_precision(recalled[:, column], precise[:, column])
        by_recall[row] = np.interp(RECALLS, *envelope(recalled[:, 0], precise[:, 0]))
    return _at_best_f1(known, instances, ap, precision, recall, by_recall)


def _at_best_f1(
    known: Integers, instances: Integers, ap: Exact, precision: Exact, recall: Exact, by_recall: Curves
) -> ClassScores:
    """Take precision and recall at the one confidence for all classes where the smoothed mean F1 is highest."""
    f1 = 2 * precision * recall / (precision + recall + TINY)
    best = int(smooth(f1.mean(axis=0), SMOOTHING).argmax()) if len(known) else 0
    right = (recall[:, best] * instances).round()
    return ClassScores(
        classes=known.astype(np.int64),
        instances=instances.astype(np.int64),
        confidence=float(CONFIDENCES[best]),
        precision=precision[:, best].copy(),
        recall=recall[:, best].copy(),
        f1=f1[:, best].copy(),
        right=right,
        wrong=(right / (precision[:, best] + TINY) - right).round(),
        ap=ap,
        precision_curve=precision.astype(np.float32),
        recall_curve=recall.astype(np.float32),
        f1_curve=f1.astype(np.float32),
        precision_by_recall=by_recall,
    )


def envelope(recall: Exact, precision: Exact) -> tuple[Exact, Exact]:
    """The curve from recall 0 to 1, its precision made non-increasing; it ends at (1, 0)."""
    recalled = np.concatenate(([0.0], recall, [1.0]))
    precise = np.concatenate(([1.0], precision, [0.0]))
    return recalled, np.maximum.accumulate(precise[::-1])[::-1]


def average_precision(recall: Exact, precision: Exact) -> float:
    """Area under the envelope, by the trapezoid rule at 101 recalls."""
    heights = np.interp(AP_RECALLS, *envelope(recall, precision))
    return float(((heights[1:] + heights[:-1]) / 2 * np.diff(AP_RECALLS)).sum())


def smooth(values: Exact, share: float) -> Exact:
    """Mean over `share` of the values on each side; at the ends the last value is repeated."""
    width = round(len(values) * share * 2) // 2 + 1
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")
