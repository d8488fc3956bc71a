"""Evidence → how sure its mAP is, and that of a difference between two runs: images drawn anew, with replacement.

The bootstrap of Efron (1979): each sample holds as many images as there are, some of them twice, some not at all; the
interval is what 95 % of the samples lie within. Scores are YOLOv5's, at each IoU threshold. N images, S samples, D
detections, T IoU thresholds. What was held out by chance is all that is judged: another training is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.metrics import AP_RECALLS, TINY
from yoloaudit.train.score.pairs import Integers
from yoloaudit.training_run import Interval

SAMPLES, LEAST_SAMPLES = 1000, 200
WORK, CURVES = 200_000_000, 200_000
"""Detections, and curves (a class at a threshold), that all samples together take: of much evidence fewer are drawn."""
AT_ONCE = 4_000_000
SEED = 0
OUTSIDE = (2.5, 97.5)
"""Percent of the samples that lie below, and up to where the interval reaches."""
AT_HALF, AT_ALL = slice(0, 1), slice(None)
"""Thresholds of mAP50 and of mAP50-95."""

Exact: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.float32]
"""S × N: how often each image is in each sample."""


class Kind(NamedTuple):
    """What one class has: its labels by image, and its detections, the surest first."""

    labelled: Integers
    """Positions of images."""
    labels: Exact
    """How many each of these has."""
    image: Integers
    """Of each detection."""
    hits: NDArray[np.bool_]


def interval(evidence: Evidence, thresholds: slice = AT_HALF, *, seed: int = SEED) -> Interval | None:
    """The mean average precision over the classes with labels, and where it lies; None where nothing is labelled.

    Samples hold images twice, which flatters every score by as much: the interval is laid about the score of the whole.
    """
    whole, sampled = _means(evidence, thresholds, _samples(evidence, thresholds), seed)
    if not np.isfinite(whole) or not np.isfinite(sampled).any():
        return None
    flattered = float(np.nanmean(sampled)) - whole
    low, high = (min(max(end - flattered, 0.0), 1.0) for end in _percentiles(sampled))
    return Interval(whole, low, high, len(evidence.images))


def difference(ours: Evidence, theirs: Evidence, thresholds: slice = AT_ALL, *, seed: int = SEED) -> Interval | None:
    """The same of ours less theirs, sample by sample on the images that both were held against, with equal labels.

    None where they have none in common, or none that is labelled.
    """
    common = _common(ours, theirs)
    pair = [only(each, [place[at] for place in common]) for at, each in enumerate((ours, theirs))]
    samples = min(_samples(each, thresholds) for each in pair)
    (whole, sampled), (other, others) = (_means(each, thresholds, samples, seed) for each in pair)
    gaps = sampled - others
    if not np.isfinite(whole - other) or not np.isfinite(gaps).any():
        return None
    low, high = _percentiles(gaps)
    return Interval(whole - other, low, high, len(common))


def _common(ours: Evidence, theirs: Evidence) -> list[tuple[int, int]]:
    """Positions of the images that both have with the same labels."""
    known = {(path, digest): at for at, (path, digest) in enumerate(zip(theirs.images, theirs.digests, strict=True))}
    keys = zip(ours.images, ours.digests, strict=True)
    return [(at, known[key]) for at, key in enumerate(keys) if key in known]


def only(evidence: Evidence, images: Sequence[int]) -> Evidence:
    """The evidence of the images at these positions, in this order."""
    place = np.full(len(evidence.images) + 1, -1)
    place[np.array(images, np.int64)] = np.arange(len(images))
    labelled, found = place[evidence.labels[:, 0]] >= 0, place[evidence.image] >= 0
    labels = evidence.labels[labelled].copy()
    labels[:, 0] = place[labels[:, 0]]
    return Evidence(
        tuple(evidence.images[at] for at in images),
        tuple(evidence.digests[at] for at in images),
        labels,
        place[evidence.image[found]],
        evidence.classes[found],
        evidence.scores[found],
        evidence.hits[found],
    )


def _samples(evidence: Evidence, thresholds: slice) -> int:
    curves = evidence.hits[:, thresholds].shape[1] * len(np.unique(evidence.labels[:, 1]))
    most = min(WORK // max(1, len(evidence.scores)), CURVES // max(1, curves))
    return int(np.clip(most, LEAST_SAMPLES, SAMPLES))


def _drawn(images: int, samples: int, seed: int) -> Iterator[Weights]:
    """How often each image is drawn in so many samples, some of them at a time; before them, all images once."""
    random = np.random.default_rng(seed)
    yield np.ones((1, images), np.float32)
    rows = max(1, AT_ONCE // max(1, images))
    for start in range(0, samples, rows):
        picks = random.integers(0, images, (min(rows, samples - start), images))
        yield np.stack([np.bincount(row, minlength=images) for row in picks]).astype(np.float32)


def _percentiles(values: Exact) -> tuple[float, float]:
    low, high = np.percentile(values[np.isfinite(values)], OUTSIDE)
    return float(low), float(high)


def _means(evidence: Evidence, thresholds: slice, samples: int, seed: int) -> tuple[float, Exact]:
    """Mean over classes and thresholds: of all images, and of each sample (NaN where it has no label)."""
    if not len(evidence.images):
        return np.nan, np.zeros(0)
    kinds = list(_kinds(evidence, thresholds))
    parts = [_mean(kinds, drawn) for drawn in _drawn(len(evidence.images), samples, seed)]
    means = np.concatenate(parts)
    return float(means[0]), means[1:]


def _mean(kinds: Sequence[Kind], drawn: Weights) -> Exact:
    """S: the mean over the classes that a sample has labels of."""
    sums, counts = np.zeros(len(drawn)), np.zeros(len(drawn))
    for kind in kinds:
        labels = np.asarray(drawn[:, kind.labelled] @ kind.labels, np.float64)
        known = labels > 0
        sums += np.where(known, _precisions(kind, drawn, labels).mean(axis=1), 0.0)
        counts += known
    means: Exact = np.divide(sums, counts, out=np.full(len(drawn), np.nan), where=counts > 0)
    return means


def _kinds(evidence: Evidence, thresholds: slice) -> Iterator[Kind]:
    """The classes with labels."""
    labels = evidence.labels[np.argsort(evidence.labels[:, 1], kind="stable")]
    order = np.argsort(evidence.classes, kind="stable")
    numbers, starts = np.unique(labels[:, 1], return_index=True)
    ends = np.append(starts[1:], len(labels))[: len(numbers)]
    found = np.searchsorted(evidence.classes[order], np.stack([numbers, numbers + 1]))
    for start, end, first, last in zip(starts, ends, *found, strict=True):
        own, rows = labels[start:end], order[first:last]
        yield Kind(own[:, 0], own[:, 2].astype(np.float64), evidence.image[rows], evidence.hits[rows, thresholds])


def _precisions(kind: Kind, drawn: Weights, labels: Exact) -> Exact:
    """S × T: average precision of one class in each sample; 0 where it has no labels there."""
    found = np.zeros((len(drawn), kind.hits.shape[1]))
    if not kind.hits.any():
        return found
    for start in range(0, len(drawn), max(1, AT_ONCE // len(kind.image))):
        rows = slice(start, start + max(1, AT_ONCE // len(kind.image)))
        weights = drawn[rows][:, kind.image]
        every = np.cumsum(weights, axis=1)
        for column in range(kind.hits.shape[1]):
            found[rows, column] = _of_chunk(weights, every, kind.hits[:, column], labels[rows])
    return np.where(labels[:, None] > 0, found, 0.0)


def _of_chunk(weights: Weights, every: Weights, hits: NDArray[np.bool_], labels: Exact) -> Exact:
    """Average precision in some samples at one threshold; `every`: detections up to each.

    Between two detections that are right, precision only falls: it takes those that are right, the one before each,
    and the last one, to draw the same curve.
    """
    right = np.flatnonzero(hits)
    if not len(right):
        return np.zeros(len(weights))
    kept = np.unique(np.concatenate([right, right - 1, [len(hits) - 1]]))
    kept = kept[kept >= 0]
    true = np.cumsum(weights[:, right], axis=1, dtype=np.float64)
    true = np.concatenate([np.zeros((len(true), 1)), true], axis=1)[:, np.searchsorted(right, kept, "right")]
    several = every[:, kept].astype(np.float64)
    precision = np.divide(true, several, out=np.ones_like(true), where=several > 0)
    recall = true / (labels[:, None] + TINY)
    return np.array([_area(*curve) for curve in zip(recall, precision, strict=True)])


def _area(recall: Exact, precision: Exact) -> float:
    """As metrics.average_precision."""
    across = np.concatenate(([0.0], recall, [1.0]))
    upward = np.concatenate(([1.0], precision, [0.0]))
    heights = np.interp(AP_RECALLS, across, np.maximum.accumulate(upward[::-1])[::-1])
    return float(((heights[1:] + heights[:-1]) / 2 * np.diff(AP_RECALLS)).sum())
