"""Detections and labels as columns → average precision as COCO's own evaluation counts it, over all and by size.

D detections, L labels, P pairs, K classes with labels, T IoU thresholds (0.50, 0.55 … 0.95), A ranges of area. It
differs from `metrics`: a detection may take its second choice, at most 100 detections of a class count in an image,
precision is sampled and not interpolated, and a perfect detector has AP 1. The definition is that of the COCO
detection challenge (Lin et al. 2014, and its reference implementation pycocotools, which the tests hold this against).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.pairs import Detected, Exact, Integers, Labelled, Mask, Pairs, keys_of, overlapping

THRESHOLDS: Exact = np.linspace(0.5, 0.95, 10)
RECALLS: Exact = np.linspace(0, 1, 101)
MOST_DETECTIONS = 100
"""Of one class in one image."""
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""Square pixels, both ends included. What is labelled outside a range neither counts nor makes a detection wrong."""


class CocoScores(NamedTuple):
    """Means over the classes that have labels; NaN where none has."""

    ap: float
    """Over IoU 0.50 to 0.95."""
    ap50: float
    ap75: float
    ap_small: float
    ap_medium: float
    ap_large: float


def coco_scores(detected: Detected, labelled: Labelled) -> CocoScores:
    """The scores of these detections; those of one image and class are ranked by score, of equal ones the earlier."""
    ranked = _ranked(detected)
    hits, counts, ignored = _match(ranked, labelled)
    ap = [_average_precision(ranked, hits[a], counts[a], labelled.classes[~ignored[a]]) for a in range(len(AREAS))]
    overall, small, medium, large = (table.mean() if table.size else float("nan") for table in ap)
    by_threshold = ap[0].mean(axis=0) if ap[0].size else np.full(len(THRESHOLDS), np.nan)
    return CocoScores(*map(float, (overall, by_threshold[0], by_threshold[5], small, medium, large)))


def _ranked(detected: Detected) -> Detected:
    """The detections by class, then the highest score first, of equal ones the earlier image; only those that count."""
    keys = keys_of(detected)
    order = np.lexsort((-detected.scores, keys))
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    chosen = detected.at(order[rank < MOST_DETECTIONS])
    return chosen.at(np.lexsort((-chosen.scores, chosen.classes)))


def _match(ranked: Detected, labelled: Labelled) -> tuple[Mask, Mask, Mask]:
    """A × T × D: detections that are right; A × T × D: those that count; A × L: labels outside the range of area."""
    limits = np.array(list(AREAS.values()))
    outside = _outside(ranked.boxes, limits)
    ignored = _outside(labelled.boxes, limits)
    least = np.minimum(THRESHOLDS, 1 - 1e-10)
    shape = (len(AREAS), len(THRESHOLDS))
    hits = np.zeros((*shape, len(ranked.scores)), dtype=bool)
    counts = np.repeat(~outside[:, None], len(THRESHOLDS), axis=1)
    free = np.ones((*shape, len(labelled.classes)), dtype=bool)
    pairs = _preferred(overlapping(ranked, labelled, float(least[0])))
    for turn in _turns(pairs, ranked):
        able = (pairs.overlap[turn] >= least[:, None])[None] & free[..., pairs.label[turn]]
        taken = _first_choice(able, pairs.detection[turn], ignored[:, None, pairs.label[turn]])
        area, threshold, place = np.nonzero(taken)
        detection, label = pairs.detection[turn][place], pairs.label[turn][place]
        free[area, threshold, label] = False
        hits[area, threshold, detection] = counts[area, threshold, detection] = ~ignored[area, label]
    return hits, counts, ignored


def _outside(boxes: NDArray[np.float32], limits: Exact) -> Mask:
    """A × N: whether a box's area is beyond the range."""
    width, height = (boxes[:, 2:].astype(np.float64) - boxes[:, :2]).T
    outside: Mask = (width * height < limits[:, :1]) | (width * height > limits[:, 1:])
    return outside


def _preferred(pairs: Pairs) -> Pairs:
    """The pairs by detection, the one it prefers first: the larger overlap, of equal ones the later label."""
    return pairs.at(np.lexsort((-pairs.label, -pairs.overlap, pairs.detection)))


def _turns(pairs: Pairs, ranked: Detected) -> list[Integers]:
    """Positions of the pairs of each turn: the best detections of all images and classes, then the second best …

    Detections compete only within their image and class, so that all those of one turn choose at once.
    """
    able, of_pair = np.unique(pairs.detection, return_inverse=True)
    keys = keys_of(ranked)[able]
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    turn = np.empty(len(able), np.int64)
    turn[order] = np.arange(len(able)) - np.repeat(starts, np.diff(starts, append=len(able)))
    by_turn = np.argsort(turn[of_pair], kind="stable")
    return np.split(by_turn, np.cumsum(np.bincount(turn[of_pair]))[:-1]) if len(by_turn) else []


def _first_choice(able: Mask, detection: Integers, ignored: Mask) -> Mask:
    """A × T × P: the pair that each detection takes: its first that is able, and one of a label that counts if any."""
    starts = np.flatnonzero(np.diff(detection, prepend=-1))
    place = np.arange(len(detection))
    rank = np.where(able, place + np.where(ignored, len(detection), 0), 2 * len(detection))
    best = np.minimum.reduceat(rank, starts, axis=-1)
    sizes = np.diff(starts, append=len(detection))
    chosen: Mask = able & (rank == np.repeat(best, sizes, axis=-1))
    return chosen


def _average_precision(ranked: Detected, hits: Mask, counts: Mask, labels: Integers) -> Exact:
    """K × T: mean precision at 101 recalls, each the best that is reached at this recall or beyond."""
    known, instances = np.unique(labels, return_counts=True)
    starts = np.searchsorted(ranked.classes, known, "left")
    ends = np.searchsorted(ranked.classes, known, "right")
    ap = np.zeros((len(known), len(THRESHOLDS)))
    for row, (start, end, several) in enumerate(zip(starts, ends, instances, strict=True)):
        right = np.cumsum(hits[:, start:end], axis=1)
        seen = np.cumsum(counts[:, start:end], axis=1)
        precise = right / np.maximum(seen, 1)
        precise = np.maximum.accumulate(precise[:, ::-1], axis=1)[:, ::-1]
        for column in range(len(THRESHOLDS)):
            reached = np.searchsorted(right[column] / several, RECALLS, "left")
            ap[row, column] = precise[column, reached[reached < end - start]].sum() / len(RECALLS)
    return ap
