"""An Evaluation → its evidence image by image, small enough to be kept with a run; evidence → scores of any sample.

N images, K counts of labels, D detections, T IoU thresholds (0.50, 0.55 … 0.95). Detections stand in the order in which
scores are counted, the surest first, so that the scores of the whole are exactly those of the Evaluation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.score.pairs import Integers, Labelled, Mask
from yoloaudit.train.types import Floats

DIGEST = 12
"""Hexadecimal digits that tell the labels of an image apart from others."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a model was held against and what it found, without boxes: enough to score any sample of the images."""

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


def evidence_of(evaluation: Evaluation, paths: Sequence[str]) -> Evidence:
    """The evidence of an evaluation; `paths` of the table `images`, by row."""
    rows = evaluation.images
    position = np.full(int(rows.max(initial=-1)) + 1, -1)
    position[rows] = np.arange(len(rows))
    counts = evaluation.label_counts()
    found = evaluation.detected
    order = np.argsort(-found.scores, kind="stable")
    return Evidence(
        images=tuple(paths[row] for row in rows.tolist()),
        digests=digests_of(evaluation.labelled, rows),
        labels=np.column_stack([position[counts[:, 0]], counts[:, 1:]]).astype(np.int64),
        image=position[found.images[order]].astype(np.int64),
        classes=found.classes[order],
        scores=found.scores[order],
        hits=evaluation.hits[order],
    )


def digests_of(labelled: Labelled, images: Integers) -> tuple[str, ...]:
    """A digest of the labels of each of these images: classes and boxes, in any order."""
    records = np.column_stack([labelled.classes.astype(np.float64), labelled.boxes.astype(np.float64).round(2)])
    order = np.lexsort((*records.T[::-1], labelled.images))
    records, owners = np.ascontiguousarray(records[order]), labelled.images[order]
    starts = np.searchsorted(owners, images, "left")
    ends = np.searchsorted(owners, images, "right")
    parts = [records[start:end].tobytes() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return tuple(hashlib.sha256(part).hexdigest()[:DIGEST] for part in parts)
