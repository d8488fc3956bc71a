"""Labels of the data set → the same labels with known errors, from which the judge learns how errors look.

Every label can be given every error: its edges moved out, moved in, or the whole box shifted, so that its overlap with
the original is a given one; another class; a twin. Boxes of other labels are invented at places where no label is.
N labels; everything is decided by `rng`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.evidence import Floats, Integers, Mask, overlaps
from yoloaudit.geometry import area, iou
from yoloaudit.measure.judge.scenes import Scene

KINDS = ("right", "loose", "shifted", "tight", "class", "spurious", "duplicate")
"""What a row may be, by number; `right` stands for the labels as they are."""
RIGHT, LOOSE, SHIFTED, TIGHT, CLASS, SPURIOUS, DUPLICATE = range(len(KINDS))
OVERLAP = 0.4, 0.85
"""A displaced box overlaps its original by a share drawn from this range: less is no box of the object any more, more
is what two annotators differ by."""
JITTER = 0.1
"""Range by which each edge of a twin differs from its original's, as a share of the side."""
SMALLEST = 4.0
"""Pixels of the shorter side, below which no error is planted: nobody could see it."""
TOUCHING = 0.2
"""Share of the smaller box that an invented one may share with a label."""
HALVINGS, TRIES, GROWTH = 20, 8, 6.0
AT_ONCE = 512
"""Boxes that are held against all labels of an image at once."""


class Planted(NamedTuple):
    """Rows that stand for labels, right or wrong, of one image."""

    kinds: Integers
    """Q: numbers of KINDS."""
    boxes: Floats
    """Q × 4."""
    classes: Integers
    """Q."""
    own: Integers
    """Q: place in the scene's labels of the label it stands in for; -1 where it is one more."""


class Labels(NamedTuple):
    """All labels that errors are planted into."""

    scene: Integers
    """N: number of the scene."""
    place: Integers
    """N: in the scene's labels."""
    boxes: Floats
    classes: Integers
    frames: Floats
    """N × 2: width and height of the image."""


def plant(scenes: Sequence[Scene], rng: np.random.Generator) -> list[Planted]:
    """For each scene, each of its labels with each kind of error once, and as many invented boxes as it has labels."""
    everything = _labels(scenes)
    sides = everything.boxes[:, 2:] - everything.boxes[:, :2]
    labels = Labels._make(column[sides.min(axis=1, initial=np.inf) >= SMALLEST] for column in everything)
    parts = [_displaced(labels, kind, rng) for kind in (LOOSE, SHIFTED, TIGHT)]
    parts.append(_reclassed(labels, np.unique(everything.classes), rng))
    twins = labels.boxes + (rng.random((len(labels.scene), 4)) - 0.5) * JITTER * np.tile(_sides(labels.boxes), 2)
    parts.append((np.full(len(twins), DUPLICATE), _inside(twins, labels.frames), labels.classes, labels.scene, -1))
    parts.append(_invented(labels, scenes, rng))
    columns = [np.concatenate([_column(part[at], len(part[0])) for part in parts]) for at in range(4)]
    own = np.concatenate([_column(part[4], len(part[0])) for part in parts])
    order = np.argsort(columns[3], kind="stable")
    kinds, boxes, classes, scene, own = (column[order] for column in (*columns, own))
    starts = np.searchsorted(scene, np.arange(len(scenes) + 1))
    return [
        Planted(kinds[low:high], boxes[low:high], classes[low:high], own[low:high])
        for low, high in pairwise(starts.tolist())
    ]


def _column(value: Any, size: int) -> NDArray[Any]:
    return np.full(size, value) if np.isscalar(value) else np.asarray(value)


def _labels(scenes: Sequence[Scene]) -> Labels:
    counts = [len(scene.rows) for scene in scenes]
    frames = np.array([(scene.width, scene.height) for scene in scenes], np.float64).reshape(-1, 2)
    return Labels(
        np.repeat(np.arange(len(scenes)), counts),
        np.concatenate([np.zeros(0, np.int64), *(np.arange(count) for count in counts)]).astype(np.int64),
        np.concatenate([np.zeros((0, 4)), *(scene.labels for scene in scenes)]),
        np.concatenate([np.zeros(0, np.int64), *(scene.label_classes for scene in scenes)]),
        np.repeat(frames, counts, axis=0),
    )


def _sides(boxes: Floats) -> Floats:
    return np.asarray(boxes[:, 2:] - boxes[:, :2])


def _inside(boxes: Floats, frames: Floats) -> Floats:
    return np.clip(boxes, 0, np.tile(frames, 2))


def _moved(boxes: Floats, kind: int, draws: Floats, strength: Floats) -> Floats:
    """Boxes at a strength (N) along random directions (draws: N × 4, 0 to 1)."""
    sides = _sides(boxes)
    if kind == SHIFTED:
        angle = 2 * np.pi * draws[:, 0]
        step = strength[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) * sides
        return np.asarray(boxes + np.tile(step, 2))
    step = strength[:, None] * draws * np.tile(sides, 2) * np.array([1.0, 1.0, -1.0, -1.0])
    return np.asarray(boxes + step if kind == TIGHT else boxes - step)


def _displaced(labels: Labels, kind: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Each label displaced to a drawn overlap, by bisection; those that the frame does not allow are left out."""
    count = len(labels.scene)
    made, done = labels.boxes.copy(), np.zeros(count, np.bool_)
    for _ in range(TRIES):
        todo = np.flatnonzero(~done)
        boxes, frames = labels.boxes[todo], labels.frames[todo]
        wanted, draws = rng.uniform(*OVERLAP, len(todo)), rng.random((len(todo), 4))
        span = np.maximum(draws[:, 0] + draws[:, 2], draws[:, 1] + draws[:, 3])
        top = 0.98 / np.maximum(span, 1e-6) if kind == TIGHT else np.full(len(todo), 1.0 if kind == SHIFTED else GROWTH)
        low, high = np.zeros(len(todo)), top
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            over = _overlap(boxes, kind, draws, middle, frames) > wanted
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        new = _framed(_moved(boxes, kind, draws, high), kind, frames)
        reached = iou(boxes, new) <= wanted + 0.02
        inside = (new >= 0).all(axis=1) & (new <= np.tile(frames, 2)).all(axis=1)
        good = reached & inside
        made[todo[good]], done[todo[good]] = new[good], True
    return np.full(int(done.sum()), kind), made[done], labels.classes[done], labels.scene[done], labels.place[done]


def _framed(boxes: Floats, kind: int, frames: Floats) -> Floats:
    return boxes if kind == SHIFTED else _inside(boxes, frames)


def _overlap(boxes: Floats, kind: int, draws: Floats, strength: Floats, frames: Floats) -> Floats:
    return np.asarray(iou(boxes, _framed(_moved(boxes, kind, draws, strength), kind, frames)), np.float64)


def _reclassed(labels: Labels, classes: Integers, rng: np.random.Generator) -> tuple[Any, ...]:
    """Each label with another class of those that labels have; none where there is but one."""
    if len(classes) < 2:
        return np.zeros(0, np.int64), np.zeros((0, 4)), *(np.zeros(0, np.int64) for _ in range(3))
    at = np.searchsorted(classes, labels.classes)
    other = classes[(at + rng.integers(1, len(classes), len(at))) % len(classes)]
    return np.full(len(at), CLASS), labels.boxes, other, labels.scene, labels.place


def _invented(labels: Labels, scenes: Sequence[Scene], rng: np.random.Generator) -> tuple[Any, ...]:
    """Class and size, as a share of the image, of random labels, at places of random scenes where no label is."""
    found: list[tuple[Floats, Integers, Integers]] = []
    count = len(labels.scene)
    for _ in range(TRIES if count else 0):
        missing = count - sum(len(scene) for _, _, scene in found)
        if missing <= 0:
            break
        scene = np.sort(rng.integers(len(scenes), size=missing))
        donor = rng.integers(count, size=missing)
        frames = np.array([(scenes[at].width, scenes[at].height) for at in scene.tolist()], np.float64)
        sides = _sides(labels.boxes[donor]) / labels.frames[donor] * frames
        corner = rng.random((missing, 2)) * np.maximum(frames - sides, 0)
        boxes = np.concatenate([corner, corner + sides], axis=1)
        free = np.concatenate([_is_free(scenes[at], boxes[scene == at]) for at in np.unique(scene).tolist()])
        free &= sides.min(axis=1) >= SMALLEST
        found.append((boxes[free], labels.classes[donor][free], scene[free]))
    boxes, classes, scene = (
        np.concatenate([empty, *(part[at] for part in found)])
        for at, empty in enumerate((np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(0, np.int64)))
    )
    return np.full(len(scene), SPURIOUS), boxes, classes, scene, -1


def _is_free(scene: Scene, boxes: Floats) -> Mask:
    free = np.ones(len(boxes), np.bool_)
    for at in range(0, len(boxes), AT_ONCE):
        part = boxes[at : at + AT_ONCE]
        shared = overlaps(part, scene.labels)[1]
        smaller = np.minimum(area(part)[:, None], area(scene.labels)[None])
        free[at : at + AT_ONCE] = (shared <= TOUCHING * smaller).all(axis=1)
    return free
