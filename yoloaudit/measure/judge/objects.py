"""A scene → objects that may lack a label, with numbers that tell them from what a detector merely imagines.

To learn how a missing label looks, each label is taken away in turn: the detection that it leaves without explanation
is an example. Q objects, L labels, D detections of the image.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.evidence import Floats, Integers, Mask, log_odds, overlaps, top
from yoloaudit.geometry import area
from yoloaudit.measure.judge.habits import Habits, shape_of
from yoloaudit.measure.judge.rows import EDGE, HALF, INSIDE
from yoloaudit.measure.judge.scenes import Scene

LEAST = 0.01
"""Score of a detection that may be an object."""
SAME_OBJECT = 0.5
"""Detections that overlap more are of one object, whatever their classes."""
MOST = 300
"""Objects of an image."""


class Objects(NamedTuple):
    """Objects that the labels do not explain, or would not explain without one of them."""

    boxes: Floats
    """Q × 4."""
    classes: Integers
    scores: Floats
    own: Integers
    """Q: place of the label that explains it; -1 where none does."""
    numbers: NDArray[np.float32]
    """Q × F."""


def objects(scene: Scene, habits: Habits, *, taught: bool = True) -> Objects:
    """Unexplained objects first; with `taught` also those that one label alone explains, the best of each label."""
    chosen = _one_each(scene)
    boxes, scores, classes = scene.boxes[chosen], scene.scores[chosen], scene.classes[chosen]
    claims = overlaps(boxes, scene.labels)[0]
    free = np.flatnonzero(claims.max(axis=1, initial=0) < HALF)
    at, own = free, np.full(len(free), -1)
    if taught and len(scene.rows) and len(boxes):
        found, label = _left_by_labels(claims, scores)
        at, own = np.concatenate([free, found]), np.concatenate([own, label])
    columns = [
        *_seen(scene, boxes[at], classes[at], scores[at]),
        *_labels(scene, boxes[at], classes[at], own),
        *_company(boxes, classes, scores, claims, at, own),
        *_shape(scene, boxes[at], classes[at], habits),
    ]
    return Objects(boxes[at], classes[at], scores[at], own, np.stack(columns, axis=1).astype(np.float32))


def _one_each(scene: Scene) -> Integers:
    """Detections (the best score first), each at most half covered by a better one."""
    count = int((scene.scores > LEAST).sum())
    overlap = overlaps(scene.boxes[:count], scene.boxes[:count])[0]
    kept: list[int] = []
    covered = np.zeros(count, np.bool_)
    for at in range(count):
        if not covered[at]:
            kept.append(at)
            covered |= overlap[at] > SAME_OBJECT
    return np.array(kept[:MOST], np.int64)


def _left_by_labels(claims: Floats, scores: Floats) -> tuple[Integers, Integers]:
    """The object that each label alone explains, the best where there are several, and that label."""
    explains: Mask = claims >= HALF
    alone = explains & (explains.sum(axis=1, keepdims=True) == 1)
    weight = np.where(alone, scores[:, None] * claims, 0)
    label = np.flatnonzero(alone.any(axis=0))
    return weight[:, label].argmax(axis=0), label


def _seen(scene: Scene, boxes: Floats, classes: Integers, scores: Floats) -> list[Floats]:
    """The detections around each object."""
    overlap, shared = overlaps(boxes, scene.boxes)
    others = np.broadcast_to(scene.scores, overlap.shape)
    own, other = log_odds(scores), top(others, (classes[:, None] != scene.classes[None]) & (overlap > HALF))
    inside = (shared > INSIDE * area(boxes)[:, None]) & (overlap < HALF)
    support = np.where(overlap > 0.4, others * overlap, 0).sum(axis=1)
    return [own, other, own - other, np.log(1e-3 + support), top(others, inside)]


def _labels(scene: Scene, boxes: Floats, classes: Integers, own: Integers) -> list[Floats]:
    """The labels around each object, without the one that explains it."""
    overlap, shared = overlaps(boxes, scene.labels)
    rest = np.arange(len(scene.rows))[None] != own[:, None]
    alike = rest & (classes[:, None] == scene.label_classes[None])
    columns = [
        np.where(mask, values, 0).max(axis=1, initial=0)
        for values in (overlap, shared / area(boxes)[:, None].clip(1), shared / area(scene.labels)[None].clip(1))
        for mask in (alike, rest & ~alike)
    ]
    return [*columns, np.log1p(alike.sum(axis=1)), np.log1p(rest.sum(axis=1))]


def _company(
    boxes: Floats, classes: Integers, scores: Floats, claims: Floats, at: Integers, own: Integers
) -> list[Floats]:
    """What else in the image is, and is not, explained by the labels without the one in question."""
    explains: Mask = claims >= HALF
    itself = np.arange(claims.shape[1])[None] == own[:, None]
    count = np.count_nonzero(explains, axis=1)
    explained = (count > 0)[None] & ~((itself @ explains.T) & (count == 1)[None])
    far = overlaps(boxes[at], boxes)[0] < HALF
    alike = classes[at][:, None] == classes[None]
    weights = np.broadcast_to(scores, alike.shape)
    higher = (weights > scores[at, None]) & ~explained

    def mass(mask: Mask) -> Floats:
        return np.asarray(np.log(0.01 + np.where(mask, weights, 0).sum(axis=1)))

    return [
        mass(far & ~explained & alike),
        mass(far & ~explained),
        mass(explained & alike),
        np.log1p(higher.sum(axis=1)),
        np.where(~far & ~explained, weights, 0).sum(axis=1) - scores[at],
    ]


def _shape(scene: Scene, boxes: Floats, classes: Integers, habits: Habits) -> list[Floats]:
    size, aspect = shape_of(boxes, scene)
    usual = habits.of(scene, classes)
    ends = (boxes[:, :2] < EDGE).sum(axis=1) + (boxes[:, 2:] > np.array([scene.width, scene.height]) - EDGE).sum(axis=1)
    return [
        usual.labels,
        (size - usual.size) / usual.size_spread,
        (aspect - usual.aspect) / usual.aspect_spread,
        size,
        np.log((boxes[:, 2:] - boxes[:, :2]).min(axis=1).clip(1)),
        ends * 1.0,
        usual.found,
        boxes[:, [1, 3]].mean(axis=1) / scene.height,
    ]
