"""Made-up models on made-up val images → their evidence, from a world in which what they are truly worth is known.

Images differ in how hard and how crowded they are. Objects are easy or hard for both models alike, and a model sees
each with a chance, a score and an overlap that follow from that, from its skill and from luck; wrong detections come
more often in hard images. A seed of a training shifts the skill of its model. What a model is worth is what it scores
on very many images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.areas import Kind
from yoloaudit.train.score.metrics import THRESHOLDS

Exact = NDArray[np.float64]

TELLING, HARDSHIP = 0.6, 0.7
"""How much luck there is in how well an object suits a model, and how much images differ."""
LOOSE = 0.08
"""Share of detections that overlap too little at any threshold."""


class World(NamedTuple):
    """What there is, and two models A and B."""

    objects: tuple[float, ...]
    """By class: mean number of objects in an image; counts are over-dispersed."""
    skill: tuple[float, float] = (0.0, 0.0)
    fit: tuple[float, float] = (0.0, 0.0)
    """How closely boxes fit."""
    wrong: tuple[float, float] = (2.0, 2.0)
    """Mean number of wrong detections of a class in an image."""
    seeds: float = 0.0
    """Standard deviation of skill among seeds."""


def drawn(
    world: World, images: int, random: np.random.Generator, runs: tuple[int, int] = (1, 1)
) -> tuple[list[list[Kind]], list[list[Kind]]]:
    """The evidence by class of each run of both sides, on the same new images."""
    hardship = random.normal(size=images)
    shifts = [random.normal(size=count) * world.seeds for count in runs]
    made: tuple[list[list[Kind]], list[list[Kind]]] = ([[] for _ in shifts[0]], [[] for _ in shifts[1]])
    for number, mean in enumerate(world.objects):
        counts = random.poisson(mean * random.gamma(1.0, 1.0, images))
        owner = np.repeat(np.arange(images), counts)
        ease = random.normal(size=len(owner)) - HARDSHIP * hardship[owner] - 0.1 * number
        for side, own in enumerate(shifts):
            for run, shift in enumerate(own.tolist()):
                found = _seen(world, side, shift, (owner, ease, hardship), random)
                made[side][run].append(_kind(number, counts, *found))
    return made


def _seen(
    world: World, side: int, shift: float, truth: tuple[NDArray[np.int64], Exact, Exact], random: np.random.Generator
) -> tuple[NDArray[np.int64], Exact, Exact]:
    """Image, score and overlap of each detection."""
    owner, ease, hardship = truth
    size = len(owner)
    suits = ease + world.skill[side] + shift + random.normal(size=size) * TELLING
    seen = random.random(size) < _share(1.5 + 1.2 * suits)
    scores = _share(0.3 + suits + random.normal(size=size) * 0.5)
    overlap = 0.5 + 0.5 * _share(0.8 + 0.6 * suits + world.fit[side] + random.normal(size=size) * 0.7)
    overlap = np.where(random.random(size) < LOOSE, 0.4, overlap)
    rate = 0.8 * world.wrong[side] * np.exp(0.5 * HARDSHIP * hardship - 0.3 * shift)
    wrong = np.repeat(np.arange(len(hardship)), random.poisson(rate))
    of_wrong = _share(-1.8 + random.normal(size=len(wrong)) * 1.2)
    return (
        np.concatenate([owner[seen], wrong]),
        np.concatenate([scores[seen], of_wrong]),
        np.concatenate([overlap[seen], np.zeros(len(wrong))]),
    )


def _share(values: Exact) -> Exact:
    return np.asarray(1 / (1 + np.exp(-values)))


def _kind(number: int, counts: NDArray[np.int64], image: NDArray[np.int64], scores: Exact, overlap: Exact) -> Kind:
    order = np.argsort(-scores, kind="stable")
    labelled = np.flatnonzero(counts)
    hits = overlap[order][:, None] >= THRESHOLDS
    return Kind(
        number, labelled, counts[labelled].astype(np.float32), image[order], scores[order].astype(np.float32), hits
    )


def labelled(kinds: Sequence[Kind]) -> list[Kind]:
    """Those classes that have labels at all: the others are not scored."""
    return [kind for kind in kinds if len(kind.labelled)]
