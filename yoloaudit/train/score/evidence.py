"""An Evaluation → its evidence image by image, which is kept with a run, so that any sample of it can be scored.

N images, K counts of labels, D detections, T IoU thresholds (0.50, 0.55 … 0.95). Detections stand in the order in which
scores are counted, the surest first, so that the scores of the whole are exactly those of the Evaluation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.score.metrics import match
from yoloaudit.train.score.pairs import Detected, Integers, Labelled, Mask
from yoloaudit.train.types import Floats

DIGEST = 12
"""Hexadecimal digits that tell the labels of an image apart from others."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a model was held against and what it found: enough to score any sample of the images.

    With boxes also to score objects by size, and to hold the detections against other labels of the same images.
    """

    images: tuple[str, ...]
    """N: paths below the root of the data set."""
    digests: tuple[str, ...]
    """N: equal for images with equal labels, so that two runs can tell whether they were held against the same."""
    labels: Integers
    """K × 3: position of the image, class, how many labels of that class it has."""
    image: Integers
    """D: position of the image."""
    classes: Integers
    """D."""
    scores: Floats
    """D, descending."""
    hits: Mask
    """D × T: whether a detection is right."""
    sizes: Integers | None = None
    """N × 2: width and height; None where that is not known, as in records of old."""
    boxes: Floats | None = None
    """D × 4: of the detections, in pixels; None likewise."""
    truth: Labelled | None = None
    """L: the labels themselves, their images by position; None likewise."""


def evidence_of(evaluation: Evaluation, paths: Sequence[str]) -> Evidence:
    """The evidence of an evaluation; `paths` of the table `images`, by row."""
    rows = evaluation.images
    position = np.full(int(rows.max(initial=-1)) + 1, -1)
    position[rows] = np.arange(len(rows))
    counts = evaluation.label_counts()
    found = evaluation.detected
    order = np.argsort(-found.scores, kind="stable")
    truth = evaluation.labelled
    return Evidence(
        images=tuple(paths[row] for row in rows.tolist()),
        digests=digests_of(evaluation.labelled, rows),
        labels=np.column_stack([position[counts[:, 0]], counts[:, 1:]]).astype(np.int64),
        image=position[found.images[order]].astype(np.int64),
        classes=found.classes[order],
        scores=found.scores[order],
        hits=evaluation.hits[order],
        sizes=evaluation.sizes,
        boxes=found.boxes[order],
        truth=truth._replace(images=position[truth.images].astype(np.int64)),
    )


def only(evidence: Evidence, images: Sequence[int]) -> Evidence:
    """The evidence of the images at these positions, in this order."""
    place = np.full(len(evidence.images) + 1, -1)
    place[np.array(images, np.int64)] = np.arange(len(images))
    labelled, found = place[evidence.labels[:, 0]] >= 0, place[evidence.image] >= 0
    labels = evidence.labels[labelled].copy()
    labels[:, 0] = place[labels[:, 0]]
    truth = evidence.truth
    if truth is not None:
        own = truth.at(place[truth.images] >= 0)
        truth = own._replace(images=place[own.images])
    return Evidence(
        tuple(evidence.images[at] for at in images),
        tuple(evidence.digests[at] for at in images),
        labels,
        place[evidence.image[found]],
        evidence.classes[found],
        evidence.scores[found],
        evidence.hits[found],
        None if evidence.sizes is None else evidence.sizes[np.array(images, np.int64)],
        None if evidence.boxes is None else evidence.boxes[found],
        truth,
    )


def held_against(evidence: Evidence, truth: Labelled) -> Evidence:
    """The same detections, held against other labels of the same images. It takes boxes."""
    assert evidence.boxes is not None
    found = Detected(evidence.image, evidence.classes, evidence.boxes, evidence.scores)
    digests = digests_of(truth, np.arange(len(evidence.images)))
    return replace(evidence, labels=counts_of(truth), hits=match(found, truth), truth=truth, digests=digests)


def counts_of(truth: Labelled) -> Integers:
    """Rows of image, class, how many labels of this class the image has."""
    together = (truth.images << 32) + truth.classes
    kinds, counts = np.unique(together, return_counts=True)
    return np.stack([kinds >> 32, kinds & 0xFFFFFFFF, counts], axis=1).astype(np.int64)


def digests_of(labelled: Labelled, images: Integers) -> tuple[str, ...]:
    """A digest of the labels of each of these images: classes and boxes, in any order."""
    records = np.column_stack([labelled.classes.astype(np.float64), labelled.boxes.astype(np.float64).round(2)])
    order = np.lexsort((*records.T[::-1], labelled.images))
    records, owners = np.ascontiguousarray(records[order]), labelled.images[order]
    starts = np.searchsorted(owners, images, "left")
    ends = np.searchsorted(owners, images, "right")
    parts = [records[start:end].tobytes() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return tuple(hashlib.sha256(part).hexdigest()[:DIGEST] for part in parts)
