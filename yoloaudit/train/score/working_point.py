"""How often each image is drawn in each sample → precision and recall of each class, where the mean F1 is highest.

N images, S samples, K classes with labels, C = 1000 confidences. As YOLOv5 does, one confidence is chosen for all
classes, in every sample anew: that where the smoothed mean F1 over the classes is highest, at IoU 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from yoloaudit.train.score.areas import Kind, Weights, labels_in, summed
from yoloaudit.train.score.metrics import CONFIDENCES, SMOOTHING, TINY
from yoloaudit.train.score.pairs import Exact, Integers, Mask

MOST_AT_ONCE = 1 << 24
"""Numbers of the curves of all classes that are held at a time."""


class Points(NamedTuple):
    """K × S each; NaN where a sample has no label of a class."""

    precision: Exact
    recall: Exact
    best: Integers
    """S: which of the confidences."""


class Grid(NamedTuple):
    """How the curves of a class over confidence come from its detections."""

    rows: Integers
    """Positions of the detections that a confidence lies next to."""
    weights: csr_array
    """C × rows: how much of each."""
    above: Exact
    """C: 1 where a confidence is above all scores: precision there."""


def working_points(kinds: Sequence[Kind], drawn: Weights, best: Integers | None = None) -> Points:
    """Precision and recall of these classes in each sample; at those confidences, if they are given."""
    samples = drawn.shape[1]
    precision, recall = np.full((2, len(kinds), samples), np.nan)
    chosen = np.zeros(samples, np.int64) if best is None else best
    asked = np.arange(len(CONFIDENCES)) if best is None else np.unique(best)
    grids = [grid_of(kind, CONFIDENCES[asked]) for kind in kinds]
    step = max(1, MOST_AT_ONCE // max(1, len(kinds) * len(asked)))
    for start in range(0, samples, step):
        part = slice(start, start + step)
        own = np.ascontiguousarray(drawn[:, part])
        there = [np.asarray(labels_in(kind, own) > 0) for kind in kinds]
        curves = [_curves(kind, grid, own) for kind, grid in zip(kinds, grids, strict=True)]
        if best is None:
            chosen[part] = _best(curves, there, own.shape[1])
        at = np.searchsorted(asked, chosen[part]), np.arange(own.shape[1])
        for row, (known, (precise, recalled)) in enumerate(zip(there, curves, strict=True)):
            precision[row, part] = np.where(known, precise[at], np.nan)
            recall[row, part] = np.where(known, recalled[at], np.nan)
    return Points(precision, recall, chosen)


def grid_of(kind: Kind, confidences: Exact = CONFIDENCES) -> Grid:
    """Between two detections the curves are straight lines; below the last score they stay where they are."""
    scores, size = -kind.scores.astype(np.float64), len(kind.scores)
    lower = np.searchsorted(scores, -confidences, "right") - 1
    inside = np.flatnonzero(lower >= 0)
    first = lower[inside]
    second = np.minimum(first + 1, size - 1)
    gap = scores[second] - scores[first] if size else np.zeros(0)
    share = np.divide(-confidences[inside] - scores[first], gap, out=np.zeros(len(inside)), where=gap > 0)
    rows = np.unique(np.concatenate([first, second]))
    columns = np.searchsorted(rows, np.concatenate([first, second]))
    values = np.concatenate([1 - share, share])
    shape = (len(confidences), len(rows))
    weights = csr_array((values, (np.concatenate([inside, inside]), columns)), shape=shape)
    return Grid(rows, weights, (lower < 0).astype(np.float64))


def _curves(kind: Kind, grid: Grid, drawn: Weights) -> tuple[Weights, Weights]:
    """C × S: precision and recall over confidence; both 0 where nothing of the class is found at all."""
    shape, kept = (len(grid.above), drawn.shape[1]), drawn.dtype
    if not len(kind.image):
        return np.zeros(shape, kept), np.zeros(shape, kept)
    ends = np.append(grid.rows + 1, len(kind.image))
    counted = np.ones(len(kind.image), kept) if kind.counted is None else kind.counted[:, 0].astype(kept)
    every = summed(kind.image, counted, ends, drawn)
    right = _right(kind, ends, drawn)
    labels = np.maximum(labels_in(kind, drawn), 1).astype(kept)
    weights, above = grid.weights.astype(kept), grid.above[:, None].astype(kept)
    recall = weights @ (right[:-1] / labels)
    several = np.maximum(every[:-1], 1)
    precision = weights @ np.where(every[:-1] > 0, right[:-1] / several, 1).astype(kept) + above
    return np.where(every[-1] > 0, precision, 0), recall


def _right(kind: Kind, ends: Integers, drawn: Weights) -> Weights:
    """How many of the first `ends[i]` detections are right."""
    rows = np.flatnonzero(kind.hits[:, 0])
    return summed(kind.image[rows], np.ones(len(rows), drawn.dtype), np.searchsorted(rows, ends), drawn)


def _best(curves: Sequence[tuple[Weights, Weights]], known: Sequence[Mask], samples: int) -> Integers:
    """S: where the smoothed mean F1 over the classes with labels is highest."""
    sums, counts = np.zeros((len(CONFIDENCES), samples)), np.zeros(samples)
    for (precision, recall), there in zip(curves, known, strict=True):
        f1 = 2 * precision * recall / (precision + recall + np.asarray(TINY, precision.dtype))
        sums += np.where(there, f1, 0)
        counts += there
    return np.asarray(_smooth(sums / np.maximum(counts, 1)).round(12).argmax(axis=0), np.int64)


def _smooth(values: Exact) -> Exact:
    """As metrics.smooth, down each column."""
    width = round(len(values) * SMOOTHING * 2) // 2 + 1
    padded = np.pad(values, ((width // 2 + 1, width // 2), (0, 0)), mode="edge")
    padded[0] = 0
    sums = np.cumsum(padded, axis=0)
    return (sums[width:] - sums[:-width]) / width
