"""Scenes, and our own model's views where it can be asked → what is seen of every label, planted row and object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from yoloaudit.evidence import Floats, Integers, Mask
from yoloaudit.measure.judge import objects, planting, rows
from yoloaudit.measure.judge.habits import Habits
from yoloaudit.measure.judge.planting import Planted
from yoloaudit.measure.judge.scenes import Scene
from yoloaudit.progress import Progress

MOST_TAUGHT = 12_000
"""Planted rows that are learnt from; where there would be more, errors are planted into some images only."""


class Asked(Protocol):
    """What an image says of boxes (train.views.Asked)."""

    @property
    def numbers(self) -> Floats: ...
    @property
    def boxes(self) -> Floats: ...
    @property
    def spread(self) -> Floats: ...


Views = Callable[[Mapping[int, tuple[Floats, Integers]], Progress], Iterator[tuple[int, Asked]]]
"""Asks images, by row, about boxes and their classes; images that cannot be read are left out."""


class Rows(NamedTuple):
    """Rows of all scenes, as they are and planted (N), and what is seen of them."""

    scene: Integers
    place: Integers
    """In the scene's labels, of rows as they are."""
    kinds: Integers
    own: Floats
    """N × 4: the boxes that they say."""
    numbers: NDArray[np.float32]
    boxes: Floats
    """N × 4: the objects' boxes, as they are seen."""
    spread: Floats
    """N: how far apart the views put the edges, pixels."""
    score: Floats
    classes: Integers

    def without_numbers(self) -> Rows:
        return self._replace(numbers=self.numbers[:, :0])

    def only(self, mask: Mask) -> Rows:
        return Rows._make(column[mask] for column in self)


class Objects(NamedTuple):
    """Objects of all scenes: unexplained ones, and those that one label alone explains."""

    scene: Integers
    taught: Mask
    boxes: Floats
    classes: Integers
    score: Floats
    numbers: NDArray[np.float32]

    def without_numbers(self) -> Objects:
        return self._replace(numbers=self.numbers[:, :0])

    def only(self, mask: Mask) -> Objects:
        return Objects._make(column[mask] for column in self)


def lessons(found: Sequence[Scene], seed: int) -> Mask:
    """The scenes to learn from: each file once, and of very many as many as there is use for."""
    once = np.zeros(len(found), np.bool_)
    once[np.unique([scene.file for scene in found], return_index=True)[1]] = True
    order = np.random.default_rng(seed).permutation(np.flatnonzero(once))
    counts = np.cumsum([len(found[at].rows) for at in order.tolist()]) * (len(planting.KINDS) - 1)
    once[order[int(np.searchsorted(counts, MOST_TAUGHT)) + 1 :]] = False
    return once


def gathered(
    found: Sequence[Scene], taught: Mask, views: Views | None, seed: int, progress: Progress
) -> tuple[Rows, Objects]:
    """What is seen of all labels, of rows planted into the scenes that are `taught`, and of objects."""
    habits = Habits(found)
    planted = _planted(found, np.flatnonzero(taught), seed)
    asked = [_with_labels(scene, errors) for scene, errors in zip(found, planted, strict=True)]
    seen, free = [], []
    with progress.task("looking at labels", len(found)) as step:
        for scene, rows_of in zip(found, asked, strict=True):
            seen.append(rows.seen(scene, rows_of, habits))
            free.append(objects.objects(scene, habits))
            step(1)
    more = _viewed(found, asked, free, views, progress) if views is not None else {}
    return _all_rows(asked, seen, more), _all_objects(free, asked, more)


def _planted(found: Sequence[Scene], chosen: Integers, seed: int) -> list[Planted]:
    """Errors in the labels of the chosen scenes, none in the others."""
    rng = np.random.default_rng(seed)
    made = [Planted(np.zeros(0, np.int64), np.zeros((0, 4)), *(np.zeros(0, np.int64) for _ in range(2)))] * len(found)
    for at, planted in zip(chosen, planting.plant([found[at] for at in chosen], rng), strict=True):
        made[at] = planted
    return made


def _with_labels(scene: Scene, planted: Planted) -> Planted:
    """The scene's labels as they are, then the planted rows."""
    count = len(scene.rows)
    return Planted(
        np.concatenate([np.zeros(count, np.int64), planted.kinds]),
        np.concatenate([scene.labels, planted.boxes]),
        np.concatenate([scene.label_classes, planted.classes]),
        np.concatenate([np.arange(count), planted.own]),
    )


def _viewed(
    found: Sequence[Scene],
    asked: Sequence[Planted],
    free: Sequence[objects.Objects],
    views: Views,
    progress: Progress,
) -> dict[int, Asked]:
    """What the raw heads say of the rows and then the objects of each scene, by its number."""
    numbers = {scene.image: number for number, scene in enumerate(found)}
    questions = {
        scene.image: (
            np.concatenate([asked[number].boxes, free[number].boxes]),
            np.concatenate([asked[number].classes, free[number].classes]),
        )
        for number, scene in enumerate(found)
    }
    return {numbers[image]: answer for image, answer in views(questions, progress)}


def _all_rows(asked: Sequence[Planted], seen: Sequence[rows.Seen], more: Mapping[int, Asked]) -> Rows:
    """One table; images that could not be viewed are left out where others were."""
    parts = []
    for number, (rows_of, facts) in enumerate(zip(asked, seen, strict=True)):
        answer = more.get(number)
        if more and answer is None:
            continue
        count = len(rows_of.kinds)
        numbers, boxes, spread = facts.numbers, facts.boxes, np.zeros(count)
        if answer is not None:
            numbers = np.concatenate([numbers, answer.numbers[:count]], axis=1)
            boxes, spread = answer.boxes[:count], answer.spread[:count].mean(axis=1)
        place = np.where(rows_of.kinds == 0, rows_of.own, -1)
        parts.append(
            Rows(
                np.full(count, number),
                place,
                rows_of.kinds,
                rows_of.boxes,
                numbers.astype(np.float32, copy=False),
                boxes,
                spread,
                facts.score,
                facts.classes,
            )
        )
    return Rows._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _all_objects(free: Sequence[objects.Objects], asked: Sequence[Planted], more: Mapping[int, Asked]) -> Objects:
    parts = []
    for number, facts in enumerate(free):
        answer = more.get(number)
        if more and answer is None:
            continue
        numbers = facts.numbers
        if answer is not None:
            numbers = np.concatenate([numbers, answer.numbers[len(asked[number].kinds) :]], axis=1)
        parts.append(
            Objects(
                np.full(len(facts.own), number),
                facts.own >= 0,
                facts.boxes,
                facts.classes,
                facts.scores,
                numbers.astype(np.float32, copy=False),
            )
        )
    return Objects._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
