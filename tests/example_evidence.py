"""Evidence of made-up runs: detections scattered about labels, with their boxes."""

from dataclasses import replace

import numpy as np

from tests.example_detections import drawn
from yoloaudit.train.score.areas import Kind
from yoloaudit.train.score.evidence import Evidence, counts_of, digests_of, held_against
from yoloaudit.train.score.metrics import ClassScores, match, score_classes
from yoloaudit.train.score.pairs import Detected, Labelled

WIDTH, HEIGHT = 1000, 800


def evidence(seed: int, images: int = 12, classes: int = 3, labels: int = 40, detections: int = 150) -> Evidence:
    """With everything that a record of today holds."""
    return of_boxes(*drawn(seed, images, classes, labels, detections, ties=seed % 2 == 0), images)


def of_boxes(found: Detected, truth: Labelled, images: int) -> Evidence:
    """Of these detections and labels, rounded as a record has them."""
    found = found._replace(boxes=np.maximum(found.boxes, 0).round(2))
    truth = truth._replace(boxes=np.maximum(truth.boxes, 0).round(2))
    hits = match(found, truth)
    order = np.argsort(-found.scores, kind="stable")
    sorted_ = found.at(order)
    return Evidence(
        tuple(f"images/val/{number}.jpg" for number in range(images)),
        digests_of(truth, np.arange(images)),
        counts_of(truth),
        sorted_.images,
        sorted_.classes,
        sorted_.scores,
        hits[order],
        np.tile([WIDTH, HEIGHT], (images, 1)),
        sorted_.boxes,
        truth,
    )


def of_old(each: Evidence) -> Evidence:
    """What a record of old holds of it."""
    return replace(each, sizes=None, boxes=None, truth=None)


def worse(each: Evidence, share: float, seed: int = 0) -> Evidence:
    """A share of its detections no longer right: their boxes lie elsewhere."""
    lost = np.random.default_rng(seed).random(len(each.scores)) < share
    if each.boxes is None or each.truth is None:
        return replace(each, hits=each.hits & ~lost[:, None])
    boxes = np.where(lost[:, None], np.array([0, 0, 1, 1], np.float32), each.boxes)
    return held_against(replace(each, boxes=boxes), each.truth)


def scored(each: Evidence) -> ClassScores:
    """As an evaluation counts."""
    truth = np.repeat(each.labels[:, 1], each.labels[:, 2])
    return score_classes(each.hits, each.scores, each.classes, truth)


def kind(seed: int, images: int = 6, thresholds: int = 2, *, counted: bool = False) -> Kind:
    """One class at random; never more of it right in an image than it has labels."""
    random = np.random.default_rng(seed)
    detections, labels = int(random.integers(0, 40)), int(random.integers(1, 25))
    owners, found = random.integers(0, images, labels), random.integers(0, images, detections)
    counts = np.bincount(owners, minlength=images)
    able = random.random((detections, thresholds)) < (0.7 if counted else 1)
    hits = np.zeros((detections, thresholds), bool)
    for column in range(thresholds):
        left = counts.copy()
        for row, image in enumerate(found):
            if able[row, column] and left[image] and random.random() < 0.6:
                hits[row, column], left[image] = True, left[image] - 1
    scores = np.sort(random.random(detections))[::-1].astype(np.float32)
    labelled = np.flatnonzero(counts)
    return Kind(0, labelled, counts[labelled].astype(np.float32), found, scores, hits, able if counted else None)
