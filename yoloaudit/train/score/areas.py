"""How often each image is drawn in each sample → average precision of a class in every sample, all samples at once.

N images, S samples, D detections, R of them right, T IoU thresholds. The area is YOLOv5's, as `metrics` has it: of a
sample it is that of a data set of its own, in which an image that is drawn twice stands twice. Between two grid points
that a right detection lies between, the curve is a straight line, so that each stretch adds its area in closed form.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from yoloaudit.train.score.pairs import Exact, Integers, Mask
from yoloaudit.train.types import Floats

AT_ONCE, LEAST_AT_ONCE = 1 << 18, 256
"""Numbers of a block, of which some fit into a processor's cache, and samples of it at the least."""
WIDE = 64
"""Samples from which on a row is added to the next one as a whole."""
GRID = 100
"""Steps between the recalls at which precision is taken."""

Weights: TypeAlias = NDArray[np.floating[Any]]
"""N × S: how often each image is in each sample. float32 is enough for samples."""


class Kind(NamedTuple):
    """What one class has: its labels by image, and its detections, the surest first."""

    number: int
    """The class id."""
    labelled: Integers
    """Positions of images."""
    labels: Floats
    """How many each of these has."""
    image: Integers
    """D: position of the image."""
    scores: Floats
    """D."""
    hits: Mask
    """D × T: whether a detection is right."""
    counted: Mask | None = None
    """D × T: whether it counts at all; None: all do."""


def labels_in(kind: Kind, drawn: Weights) -> Exact:
    """S: labels of the class in each sample."""
    weights = kind.labels.astype(drawn.dtype)
    return np.asarray(weights @ drawn[kind.labelled], np.float64) if len(weights) else np.zeros(drawn.shape[1])


def areas(kind: Kind, drawn: Weights) -> Exact:
    """T × S: average precision at each threshold in each sample; 0 where the sample has no label of the class."""
    labels = labels_in(kind, drawn)
    made = np.zeros((kind.hits.shape[1], drawn.shape[1]))
    if not kind.hits.any():
        return made
    rows, base = _rows(kind, drawn.dtype)
    every = summed(kind.image, base, np.append(rows + 1, len(kind.image)), drawn)
    own = drawn[kind.image[rows]]
    for column, right in enumerate(kind.hits[rows].T):
        chosen = np.flatnonzero(right)
        if not len(chosen):
            continue
        several, total = every[chosen], every[-1]
        if kind.counted is not None:
            odd = kind.counted[rows, column].astype(drawn.dtype) - base[rows]
            if odd.any():
                further = downwards(np.add, odd[:, None] * own)
                several, total = several + further[chosen], total + further[-1]
        made[column] = _in_blocks(own[chosen], several, total, np.maximum(labels, 1).astype(drawn.dtype))
    made[:, labels == 0] = 0
    return made


def _rows(kind: Kind, precise: np.dtype[Any]) -> tuple[Integers, Weights]:
    """Detections that are right at some threshold, or count at some alone; and D: what counts, but for these."""
    able: Mask = np.asarray(kind.hits.any(axis=1))
    if kind.counted is None:
        return np.flatnonzero(able), np.ones(len(able), precise)
    ever = kind.counted.any(axis=1)
    return np.flatnonzero(able | (ever & ~kind.counted.all(axis=1))), ever.astype(precise)


def summed(image: Integers, data: Weights, ends: Integers, drawn: Weights) -> Weights:
    """How many of the first `ends[i]` detections are in each sample; `data`: what each counts for."""
    starts = np.concatenate([[0], ends])
    parts = csr_array((data, image, starts), shape=(len(ends), len(drawn)))
    return downwards(np.add, parts @ drawn)


def downwards(step: np.ufunc, rows: Weights) -> Weights:
    """`step.accumulate` down the rows; of wide ones several times as fast as numpy's, which goes column by column."""
    if rows.shape[1] < WIDE:
        return np.asarray(step.accumulate(rows, axis=0))
    made = np.empty_like(rows)
    made[:1] = rows[:1]
    for row in range(1, len(rows)):
        step(made[row - 1], rows[row], out=made[row])
    return made


def _in_blocks(weights: Weights, several: Weights, total: Weights, labels: Weights) -> Exact:
    """S: the area at one threshold. `weights` R × S of the right detections, `several` R × S: detections up to each."""
    made = np.empty(weights.shape[1])
    step = max(LEAST_AT_ONCE, AT_ONCE // len(weights))
    for start in range(0, len(made), step):
        part = slice(start, start + step)
        made[part] = _area(weights[:, part], several[:, part], total[part], labels[part])
    return made


def _area(weights: Weights, several: Weights, total: Weights, labels: Weights) -> Weights:
    """Σ over right detections of what the curve has from the recall before it to the recall with it, and the rest.

    Precision at the upper end is the highest from there on; at the lower end it may be higher still. A detection that
    is drawn twice reaches that upper precision with its first copy.
    """
    upto = downwards(np.add, weights)
    before = upto - weights
    high = downwards(np.maximum, (upto / np.maximum(several, 1))[::-1])[::-1]
    start = np.maximum(several - weights, 1)
    np.divide(before, start, out=start)
    np.maximum(start, high, out=start)
    ends = _passed(upto, labels)
    ones = np.minimum(_passed(before + 1, labels), ends)
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1]
    falling = _halved(ones)
    made = high * (_halved(ends) - falling)
    falling -= _halved(starts)
    made += start * falling
    np.subtract(high, start, out=start)
    before *= falling
    ones *= ones - 1
    starts *= starts - 1
    ones -= starts
    ones *= labels / (2 * GRID)
    ones -= before
    ones *= start
    made += ones
    return np.asarray((made.sum(axis=0) + _rest(upto[-1], ends[-1], total, labels)) / GRID)


def _passed(right: Weights, labels: Weights) -> Weights:
    """Grid points below the recall that so many right detections make."""
    passed = right * GRID
    np.divide(passed, labels, out=passed)
    return np.asarray(np.ceil(passed, out=passed))


def _halved(points: Weights) -> Weights:
    """Grid points that are passed; the first one, at recall 0, counts half in the trapezoid rule."""
    halved = points - 0.5
    return np.asarray(np.maximum(halved, 0, out=halved))


def _rest(right: Weights, passed: Weights, total: Weights, labels: Weights) -> Weights:
    """What the curve has on its way from the last right detection down to precision 0 at recall 1."""
    last = right / np.maximum(total, 1)
    points = GRID - passed - 0.5 * (passed == 0)
    along = (GRID * (GRID - 1) / 2 - passed * (passed - 1) / 2) / GRID
    left = labels - right
    return np.where(left > 0, last * (points - along) * labels / np.maximum(left, 1), 0)
