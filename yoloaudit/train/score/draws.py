"""Evidence → the scores of each class in samples of its images, which are drawn anew with replacement.

The bootstrap of Efron (1979): a sample holds as many images as there are, some of them twice, some not at all. Two
models are held against each other in the same samples. N images, S samples, K classes with labels, T thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from yoloaudit.train.score.areas import Kind, Weights, areas, labels_in
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.pairs import Exact, Integers, Mask
from yoloaudit.train.score.working_point import working_points

AT_ONCE = 20_000_000
"""Numbers of the weights of samples that are held at a time."""
METRICS = ("precision", "recall", "map50", "map50_95")


class Scores(NamedTuple):
    """Of each class in each sample, K × S; NaN where a sample has no label of the class."""

    classes: Integers
    """K: class ids."""
    precision: Exact
    recall: Exact
    map50: Exact
    map50_95: Exact
    best: Integers
    """S: the confidence, of metrics.CONFIDENCES, that precision and recall are taken at."""


def drawn(images: int, samples: int, seed: int) -> Iterator[Weights]:
    """How often each image is drawn, N × some samples at a time."""
    random = np.random.default_rng(seed)
    step = max(1, AT_ONCE // max(1, images))
    for start in range(0, samples, step):
        picks = random.integers(0, images, (min(step, samples - start), images))
        counts = np.stack([np.bincount(row, minlength=images) for row in picks], axis=1)
        yield np.ascontiguousarray(counts, np.float32)


def once(images: int) -> Weights:
    """The one sample that every image is in once."""
    return np.ones((images, 1))


def kinds_of(evidence: Evidence, counted: Mask | None = None, labels: Integers | None = None) -> list[Kind]:
    """The classes with labels. `labels`: others than all, K × 3; `counted`: D × T, which detections count."""
    table = evidence.labels if labels is None else labels
    table = table[np.argsort(table[:, 1], kind="stable")]
    order = np.argsort(evidence.classes, kind="stable")
    numbers, starts = np.unique(table[:, 1], return_index=True)
    ends = np.append(starts[1:], len(table))[: len(numbers)]
    found = np.searchsorted(evidence.classes[order], np.stack([numbers, numbers + 1]))
    made = []
    for number, start, end, first, last in zip(numbers, starts, ends, *found, strict=True):
        own, rows = table[start:end], order[first:last]
        if counted is not None:
            rows = rows[counted[rows].any(axis=1)]
        mask = None if counted is None else counted[rows]
        hits = evidence.hits[rows] if mask is None else evidence.hits[rows] & mask
        counts, found_in = own[:, 2].astype(np.float32), evidence.image[rows]
        made.append(Kind(int(number), own[:, 0], counts, found_in, evidence.scores[rows], hits, mask))
    return made


def scores_of(kinds: Sequence[Kind], weights: Weights, best: Integers | None = None) -> Scores:
    """The scores of these classes in these samples; precision and recall at the confidences `best`, if given."""
    half, whole = np.full((2, len(kinds), weights.shape[1]), np.nan)
    for row, kind in enumerate(kinds):
        known = labels_in(kind, weights) > 0
        area = areas(kind, weights)
        half[row] = np.where(known, area[0], np.nan)
        whole[row] = np.where(known, area.mean(axis=0), np.nan)
    points = working_points(kinds, weights, best)
    numbers = np.array([kind.number for kind in kinds], np.int64)
    return Scores(numbers, points.precision, points.recall, half, whole, points.best)


def mean_over_classes(values: Exact) -> Exact:
    """S: the mean of K × S over the classes that a sample has labels of; NaN where it has none at all."""
    known = np.isfinite(values)
    counts = known.sum(axis=0)
    sums = np.where(known, values, 0).sum(axis=0)
    return np.asarray(np.divide(sums, counts, out=np.full(values.shape[1], np.nan), where=counts > 0), np.float64)
