"""A scene and rows that stand for its labels → numbers that tell right ones from wrong ones, by the detections alone.

Q rows, L labels, D detections of the image. Only what any detector gives is used: boxes, classes and scores.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.evidence import Floats, Integers, Mask, fused, margins, overlaps, top
from yoloaudit.geometry import area
from yoloaudit.measure.judge.habits import Habits, shape_of
from yoloaudit.measure.judge.planting import Planted
from yoloaudit.measure.judge.scenes import Scene

AT_ONCE = 512
"""Rows that are held against all detections of an image at once: an image can have thousands."""
FAINT = 0.02
"""Scores below it do not tell where an object is."""
NEAR, HALF, CLOSE = 0.3, 0.5, 0.75
"""Overlaps from which on a detection may be, probably is, and surely is of the same object."""
INSIDE = 0.7
"""Share of a box that lies in another one, if it is said to lie in it."""
EDGE = 2.0
"""Pixels from the edge of the image within which a box ends at it."""


class Seen(NamedTuple):
    """What the detections say of each row."""

    numbers: NDArray[np.float32]
    """Q × F."""
    boxes: Floats
    """Q × 4: the object as they see it; the row's own box where none is near."""
    score: Floats
    """Q: of the detection that speaks most clearly of the object, times its overlap."""
    classes: Integers
    """Q: the class that they would rather give it, -1 none."""


def seen(scene: Scene, rows: Planted, habits: Habits) -> Seen:
    claims = overlaps(scene.labels, scene.boxes)[0]
    parts = [
        _seen(scene, Planted._make(column[at : at + AT_ONCE] for column in rows), habits, claims)
        for at in range(0, max(1, len(rows.kinds)), AT_ONCE)
    ]
    return Seen._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _seen(scene: Scene, rows: Planted, habits: Habits, claims: Floats) -> Seen:
    """Claims are L × D: how much each label overlaps each detection."""
    overlap, shared = overlaps(rows.boxes, scene.boxes)
    same = rows.classes[:, None] == scene.classes[None]
    weight = scene.scores[None] * overlap**2
    boxes = fused(np.where(overlap > NEAR, weight, 0), scene.boxes, rows.boxes)
    of_class = fused(np.where(same & (overlap > NEAR), weight, 0), scene.boxes, rows.boxes)
    columns = [
        *_scores(scene, overlap, same),
        *margins(rows.boxes, *boxes),
        *margins(rows.boxes, *of_class),
        *_nested(scene, rows.boxes, shared, overlap, same),
        *_neighbours(scene, rows, overlap, same, claims),
        *_shape(scene, rows, habits),
    ]
    firm = of_class[2] > np.log(FAINT)
    other = np.where(same | (overlap < HALF), 0, scene.scores[None])
    best = other.max(axis=1, initial=0)
    classes = np.where(best > 0, scene.classes[other.argmax(axis=1)], -1) if len(scene.classes) else rows.own * 0 - 1
    strongest = (scene.scores[None] * overlap).max(axis=1, initial=0)
    return Seen(
        np.stack(columns, axis=1).astype(np.float32), np.where(firm[:, None], of_class[0], boxes[0]), strongest, classes
    )


def _scores(scene: Scene, overlap: Floats, same: Mask) -> list[Floats]:
    """How clearly the row's class, and any other, is seen at its place."""
    scores = np.broadcast_to(scene.scores, overlap.shape)
    columns = [top(scores, mask & (overlap >= least)) for mask in (same, ~same) for least in (NEAR, HALF, CLOSE)]
    columns += [top(scores * overlap, mask) for mask in (same, ~same)]
    columns.append(columns[1] - columns[4])
    weight = scores * overlap**2
    for mask in (same, np.ones_like(same)):
        held = np.where(mask, weight, 0)
        best = held.argmax(axis=1) if held.shape[1] else np.zeros(len(held), np.int64)
        at = np.arange(len(held)), best
        columns.append(overlap[at] * (held[at] > 0) if held.shape[1] else np.zeros(len(held)))
        columns.append(np.where(mask & (scores > FAINT), overlap, 0).max(axis=1, initial=0))
        columns.append(np.log(1e-4 + held.sum(axis=1)))
    columns.append(same[at] * 1.0 if same.shape[1] else np.zeros(len(same)))
    columns.append(top(scores, np.broadcast_to(same, scores.shape)))
    columns.append(np.full(len(overlap), np.log1p(scene.scores[scene.scores > 0.1].sum())))
    return columns


def _nested(scene: Scene, own: Floats, shared: Floats, overlap: Floats, same: Mask) -> list[Floats]:
    """Detections that lie in the row's box, or around it, and are not of the same size."""
    scores = np.broadcast_to(scene.scores, overlap.shape)
    apart = overlap < HALF
    inside = apart & (shared > INSIDE * area(scene.boxes)[None])
    around = apart & (shared > INSIDE * area(own)[:, None])
    return [top(scores, mask & where) for mask in (same, ~same) for where in (inside, around)]


def _neighbours(scene: Scene, rows: Planted, overlap: Floats, same: Mask, claims: Floats) -> list[Floats]:
    """The image's other labels, and whether one of them has a better claim to the detection."""
    among, shared = overlaps(rows.boxes, scene.labels)
    itself = np.arange(len(scene.rows))[None] == rows.own[:, None]
    among, shared = np.where(itself, 0, among), np.where(itself, 0, shared)
    alike = rows.classes[:, None] == scene.label_classes[None]
    columns = [
        np.where(alike, among, 0).max(axis=1, initial=0),
        np.where(alike, 0, among).max(axis=1, initial=0),
        np.minimum(1, shared.sum(axis=1) / np.maximum(area(rows.boxes), 1)),
        (among > 0.05).sum(axis=1) * 1.0,
        np.log1p((alike & ~itself).sum(axis=1)),
        np.log1p(len(scene.rows) - (rows.own >= 0)),
    ]
    if not len(scene.scores):
        return [*columns, np.zeros(len(rows.kinds)), np.zeros(len(rows.kinds))]
    for mask, rivals in ((np.ones_like(same), ~itself), (same, alike & ~itself)):
        best = np.where(mask, scene.scores[None] * overlap**2, 0).argmax(axis=1)
        rival = np.where(rivals, claims[:, best].T, 0).max(axis=1, initial=0)
        columns.append(rival - overlap[np.arange(len(best)), best])
    return columns


def _shape(scene: Scene, rows: Planted, habits: Habits) -> list[Floats]:
    """Size, shape and place of the row's box, and how usual they are for its class."""
    size, aspect = shape_of(rows.boxes, scene)
    usual = habits.of(scene, rows.classes)
    sides = np.maximum(rows.boxes[:, 2:] - rows.boxes[:, :2], 1)
    frame = np.array([scene.width, scene.height])
    ends = (rows.boxes[:, :2] < EDGE).sum(axis=1) + (rows.boxes[:, 2:] > frame - EDGE).sum(axis=1)
    return [
        usual.labels,
        (size - usual.size) / usual.size_spread,
        (aspect - usual.aspect) / usual.aspect_spread,
        size,
        np.log(sides.min(axis=1)),
        np.abs(aspect),
        ends * 1.0,
        rows.boxes[:, [1, 3]].mean(axis=1) / scene.height,
        usual.found,
    ]
