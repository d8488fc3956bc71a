"""Two runs on the same images and labels → the images on which their detections differ most, with what changed.

Detections count from the confidence on where the mean F1 of their run is highest, and are right at IoU 0.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.draws import kinds_of, once
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.metrics import CONFIDENCES, THRESHOLDS
from yoloaudit.train.score.pairs import Detected, Integers, Labelled, Mask, strongest
from yoloaudit.train.score.working_point import working_points

MOST = 24
"""Images that are kept."""
ROUNDING = 0.01


class Drawn(NamedTuple):
    """A box to be drawn."""

    class_id: int
    box: tuple[float, float, float, float]
    score: float | None
    """None: a label."""
    right: bool
    """Whether a detection is right, or a label is found."""


class Changed(NamedTuple):
    """An image, and what became of it."""

    image: str
    labels: int
    found_by_both: int
    gained: int
    """Labels that B finds and A does not."""
    lost: int
    """Labels that A finds and B does not."""
    wrong_a: int
    wrong_b: int
    """Detections that are not right."""
    truth: tuple[Drawn, ...] = ()
    seen_by_a: tuple[Drawn, ...] = ()
    seen_by_b: tuple[Drawn, ...] = ()

    @property
    def by(self) -> int:
        """How much it has changed: labels found or lost, detections too many or fewer."""
        return self.gained + self.lost + abs(self.wrong_b - self.wrong_a)


class _Sure(NamedTuple):
    """Detections of a run that it is sure enough of."""

    rows: Integers
    right: Mask
    label: Integers
    """Which label each is right on; -1 for none."""


def changed(a: Evidence, b: Evidence, most: int = MOST) -> list[Changed]:
    """The images that differ, the most changed first. Without boxes only how many labels each finds is known."""
    sure = _sure(a, b.truth), _sure(b, b.truth)
    images = len(b.images)
    counts = np.bincount(b.labels[:, 0], b.labels[:, 2], images).astype(np.int64)
    right, wrong = (
        [
            np.bincount(own.image[each.rows[each.right == kind]], minlength=images)
            for own, each in zip((a, b), sure, strict=True)
        ]
        for kind in (True, False)
    )
    both = _both(a, b, sure, np.minimum(*right))
    gained, lost = right[1] - both, right[0] - both
    change = gained + lost + np.abs(wrong[1] - wrong[0])
    order = np.argsort(-change, kind="stable")
    return [
        Changed(
            b.images[at], int(counts[at]), int(both[at]), int(gained[at]), int(lost[at]), int(wrong[0][at]),
            int(wrong[1][at]), *_boxes(a, b, sure, at),
        )
        for at in order[: min(most, int((change > 0).sum()))].tolist()
    ]  # fmt: skip


def confidence_of(evidence: Evidence) -> float:
    """Where the smoothed mean F1 over the classes is highest."""
    kinds = kinds_of(evidence)
    return float(CONFIDENCES[working_points(kinds, once(len(evidence.images))).best[0]]) if kinds else 0.0


def _sure(evidence: Evidence, truth: Labelled | None) -> _Sure:
    rows = np.flatnonzero(evidence.scores >= confidence_of(evidence))
    label = np.full(len(evidence.scores), -1)
    if evidence.boxes is not None and truth is not None:
        found = Detected(evidence.image, evidence.classes, evidence.boxes, evidence.scores)
        pairs = strongest(found, truth, float(THRESHOLDS.min()) - ROUNDING)
        label[pairs.detection] = pairs.label
    right = evidence.hits[rows, 0]
    return _Sure(rows, right, np.where(right, label[rows], -1))


def _both(a: Evidence, b: Evidence, sure: tuple[_Sure, _Sure], most: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels of each image that both find; where labels cannot be told apart, as many as can be."""
    truth = b.truth
    if truth is None or a.boxes is None or b.boxes is None:
        return most
    common = np.intersect1d(sure[0].label[sure[0].label >= 0], sure[1].label[sure[1].label >= 0])
    return np.minimum(np.bincount(truth.images[common], minlength=len(b.images)), most)


def _boxes(a: Evidence, b: Evidence, sure: tuple[_Sure, _Sure], at: int) -> list[tuple[Drawn, ...]]:
    """Labels, and detections of both, of one image."""
    truth = b.truth
    if truth is None or a.boxes is None or b.boxes is None:
        return []
    found = np.union1d(sure[0].label, sure[1].label)
    own = np.flatnonzero(truth.images == at)
    labels = [Drawn(int(truth.classes[row]), _box(truth.boxes[row]), None, bool(row in found)) for row in own]
    return [tuple(labels), *(_seen(each, there, at) for each, there in zip((a, b), sure, strict=True))]


def _seen(evidence: Evidence, sure: _Sure, at: int) -> tuple[Drawn, ...]:
    assert evidence.boxes is not None
    chosen = np.flatnonzero(evidence.image[sure.rows] == at)
    rows: Sequence[int] = sure.rows[chosen].tolist()
    return tuple(
        Drawn(int(evidence.classes[row]), _box(evidence.boxes[row]), float(evidence.scores[row]), bool(right))
        for row, right in zip(rows, sure.right[chosen], strict=True)
    )


def _box(row: NDArray[np.float32]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (round(float(side), 2) for side in row)
    return x1, y1, x2, y2
