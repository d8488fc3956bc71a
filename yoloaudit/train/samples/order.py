"""A number of images, a batch and an epoch → which image comes when, at which shape, and in which process."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.images.data import batch_shapes
from yoloaudit.train.samples.streams import streams
from yoloaudit.train.types import Integers


class Dealt(NamedTuple):
    """An epoch: N positions."""

    images: Integers
    """Which image is at each position."""
    shapes: Integers
    """N × 2: height and width that it is made at."""


def rectangular(sizes: Integers, side: int, batch: int, stride: int, pad: float) -> Dealt:
    """Every epoch alike: images by height over width, each batch at the smallest shape that holds its images."""
    return Dealt(*batch_shapes(sizes, side, batch, stride, pad))


def as_listed(count: int, side: int) -> Dealt:
    """Every epoch alike: images in their order, all square."""
    return Dealt(np.arange(count), np.full((count, 2), side))


def shuffled(count: int, side: int, seed: int, epoch: int) -> Dealt:
    """Each image once, all square."""
    order = streams(seed, epoch, "order").numpy.permutation(count)
    return Dealt(order.astype(np.int64), np.full((count, 2), side))


def weighted(weights: NDArray[np.float64], side: int, seed: int, epoch: int) -> Dealt:
    """As many images as there are, each drawn as often as its weight (not below 0) says, all square."""
    total = weights.sum()
    shares = weights / total if total > 0 else None
    drawn = streams(seed, epoch, "order").numpy.choice(len(weights), len(weights), p=shares)
    return Dealt(drawn.astype(np.int64), np.full((len(weights), 2), side))


def share(count: int, batch: int, number: int, rank: int, world: int) -> Integers:
    """Positions of a batch that are this process's; no process is left without one, if need be it repeats the first.

    `batch` images of `count` belong to a batch, in all processes together.
    """
    first, last = number * batch, min((number + 1) * batch, count)
    positions = np.arange(first, max(last, first + world)) % count
    return positions[len(positions) * rank // world : len(positions) * (rank + 1) // world]
