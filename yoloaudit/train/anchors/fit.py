"""Sizes of labels → anchors that fit them: k-means, then an evolution. No torch here, and no randomness but the given.

N labels, K anchors; sizes are width and height in pixels at the network's input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.types import Floats

RUNS, ROUNDS, STILL = 30, 100, 1e-5
"""Of k-means: starts, rounds of each at most, and the mean move below which it ends."""
GENERATIONS, MUTATION, SPREAD = 1000, 0.9, 0.1
"""Of the evolution: tries, the probability that a side changes, and by how much it does."""
SMALLEST = 2.0
"""Pixels: labels whose sides are both smaller are left out, and no anchor becomes smaller."""
MOST = 10_000
"""Labels that anchors are fitted to; of more than these, so many are drawn."""
CHUNK = 100_000
"""Labels that are judged at a time, for the memory's sake."""

Exact: TypeAlias = NDArray[np.float64]


class Quality(NamedTuple):
    """How well anchors fit labels. A label and an anchor fit by 1 / (the factor that their sides differ by at most)."""

    bpr: float
    """Share of the labels that some anchor fits well enough to be trained for it: the best possible recall."""
    aat: float
    """Anchors above the threshold, a label."""
    fitness: float
    """Mean fit of the best anchors, 0 to 1; one below the threshold counts 0."""


def quality(sizes: Floats, anchors: Floats, anchor_t: float) -> Quality:
    """How well K × 2 anchors fit N × 2 sizes; zeros where there are no labels."""
    if not len(sizes):
        return Quality(0, 0, 0)
    parts = [_fits(sizes[first : first + CHUNK], anchors) for first in range(0, len(sizes), CHUNK)]
    enough = np.concatenate([(part > 1 / anchor_t).sum(axis=1) for part in parts])
    best = np.concatenate([part.max(axis=1) for part in parts])
    fitness = (best * (best > 1 / anchor_t)).mean(dtype=np.float64)
    return Quality(float((enough > 0).mean()), float(enough.mean()), float(fitness))


def _fits(sizes: Floats, anchors: Floats) -> Floats:
    """N × K: 1 where an anchor has the very size, 0 where a side is 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = sizes[:, None].astype(np.float32) / anchors.astype(np.float32)
        fits: Floats = np.nan_to_num(np.minimum(ratio, 1 / ratio).min(axis=2))
    return fits


def fit(sizes: Floats, count: int, anchor_t: float, rng: np.random.Generator, start: Floats | None = None) -> Floats:
    """`count` × 2 anchors for N × 2 sizes, at least as fit as those of `start`, the smallest area first.

    Without labels they are squares of many sizes. k-means is over the logarithms of the sides; YOLOv5's is over the
    sides themselves and neglects small boxes.
    """
    usable = (sizes >= SMALLEST).any(axis=1) & (sizes > 0).all(axis=1) & np.isfinite(sizes).all(axis=1)
    sizes = sizes[usable] if usable.any() else np.geomspace([10, 10], [400, 400], count, dtype=np.float32)
    if len(sizes) > MOST:
        sizes = sizes[rng.choice(len(sizes), MOST, replace=False)]
    logarithms = np.log(sizes.astype(np.float64))
    beginnings = [np.exp(np.quantile(logarithms, (np.arange(count) + 0.5) / count, axis=0))]
    if len(np.unique(sizes, axis=0)) > count:
        beginnings.append(np.exp(kmeans(logarithms, count, rng)))
    if start is not None:
        beginnings.append(start.astype(np.float64))
    fitness = _Fitness(sizes, anchor_t)
    evolved = evolve(max(beginnings, key=fitness), fitness, rng)
    return evolved[np.argsort(evolved.prod(axis=1), kind="stable")].astype(np.float32)


def kmeans(points: Exact, count: int, rng: np.random.Generator) -> Exact:
    """`count` centres of N × 2 points: of several random starts, the one whose points are nearest to their centres."""
    runs = [_lloyd(points, points[rng.choice(len(points), count, replace=False)]) for _ in range(RUNS)]
    return min(runs, key=lambda run: run[1])[0]


def _lloyd(points: Exact, centres: Exact) -> tuple[Exact, float]:
    """Centres moved to the middle of their points until they stay, and the mean distance of the points."""
    distance = np.inf
    for _ in range(ROUNDS):
        apart = ((points[:, None] - centres) ** 2).sum(axis=2)
        nearest = apart.argmin(axis=1)
        before, distance = distance, float(np.sqrt(apart.min(axis=1)).mean())
        if before - distance <= STILL:
            break
        counts = np.bincount(nearest, minlength=len(centres))
        sums = np.stack([np.bincount(nearest, points[:, axis], len(centres)) for axis in (0, 1)], axis=1)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
    return centres, distance


def evolve(anchors: Exact, fitness: Callable[[Exact], float], rng: np.random.Generator) -> Exact:
    """Anchors after many small random changes, each of which is kept if it fits better."""
    best = np.maximum(anchors, SMALLEST)
    score = fitness(best)
    for _ in range(GENERATIONS):
        factors = np.ones_like(best)
        while (factors == 1).all():
            is_changed = rng.random(best.shape) < MUTATION
            factors = 1 + is_changed * rng.random() * rng.standard_normal(best.shape) * SPREAD
        changed = np.maximum(best * factors.clip(0.3, 3.0), SMALLEST)
        if (news := fitness(changed)) > score:
            best, score = changed, news
    return best


class _Fitness:
    """The fitness in `Quality`, over logarithms: a difference there is a factor here."""

    def __init__(self, sizes: Floats, anchor_t: float) -> None:
        self.widths, self.heights = np.log(sizes.astype(np.float32)).T[:, :, None].copy()
        self.least = 1 / anchor_t

    def __call__(self, anchors: Exact) -> float:
        width, height = np.log(anchors).astype(np.float32).T
        apart = np.maximum(np.abs(self.widths - width), np.abs(self.heights - height)).min(axis=1)
        best = np.exp(-apart)
        return float((best * (best > self.least)).mean(dtype=np.float64))
