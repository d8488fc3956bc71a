"""Polygons and a matrix → the boxes around what is seen of them.

The trainer samples each outline at 1000 points and takes the hull of those that lie in the picture. Here that is done
only for outlines that cross its border, or where the picture is tilted; of one that lies inside, the extremes are among
the samples next to its corners, and one that lies outside has none. The result is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.images.augment import Shape
from yoloaudit.train.samples.warp import Boxes, Matrix, moved, tilts
from yoloaudit.train.types import Floats, Integers

POINTS = 1000
AT_ONCE = 256
"""Polygons that are sampled together: a file may hold many."""


class Samples(NamedTuple):
    """Points along a closed outline, by the numbers of its corners, not by length."""

    corners: Integers
    """The corner before each point."""
    shares: NDArray[np.float64]
    """Of the way from there to the next corner."""


def moved_polygons(polygons: Sequence[Floats], made: Matrix, output: Shape) -> Boxes:
    """The hull of what lies in the output of each polygon (at least one point); 0 0 0 0 where that is nothing."""
    hulls = np.zeros((len(polygons), 4))
    crossing = np.ones(len(polygons), np.bool_)
    if not tilts(made):
        ends = np.cumsum([len(polygon) for polygon in polygons])
        starts = ends - [len(polygon) for polygon in polygons]
        corners = moved(np.concatenate(polygons), made)
        low, high = np.minimum.reduceat(corners, starts), np.maximum.reduceat(corners, starts)
        limits = np.array([output[1], output[0]])
        inside = np.flatnonzero(((low >= 0) & (high <= limits)).all(axis=1))
        crossing &= ((high >= 0) & (low <= limits)).all(axis=1)
        crossing[inside] = False
        if len(inside):
            hulls[inside] = _between([corners[starts[at] : ends[at]] for at in inside.tolist()])
    rest = np.flatnonzero(crossing).tolist()
    for first in range(0, len(rest), AT_ONCE):
        some = rest[first : first + AT_ONCE]
        hulls[some] = seen([polygons[at] for at in some], made, output)
    return hulls


def seen(polygons: Sequence[NDArray[np.floating]], made: Matrix, output: Shape) -> Boxes:
    """The same, with every polygon sampled in full."""
    sampled = np.stack([points(polygon, along(len(polygon))) for polygon in polygons])
    through = moved(sampled.reshape(-1, 2), made).reshape(sampled.shape)
    within: NDArray[np.bool_] = (through >= 0) & (through <= np.array([output[1], output[0]]))
    inside = within[..., :1] & within[..., 1:]
    low = np.where(inside, through, np.inf).min(axis=1)
    high = np.where(inside, through, -np.inf).max(axis=1)
    hulls: Boxes = np.where(inside.any(axis=1), np.concatenate([low, high], axis=1), 0.0)
    return hulls


def _between(polygons: Sequence[NDArray[np.float64]]) -> Boxes:
    """Hulls of the samples of polygons that are moved already and lie inside."""
    chosen = [points(polygon, near_corners(len(polygon))) for polygon in polygons]
    starts = np.cumsum([0, *(len(some) for some in chosen[:-1])])
    whole = np.concatenate(chosen)
    return np.concatenate([np.minimum.reduceat(whole, starts), np.maximum.reduceat(whole, starts)], axis=1)


def points(polygon: NDArray[np.floating], samples: Samples) -> NDArray[np.float64]:
    """Points of a closed outline."""
    closed = np.concatenate([polygon, polygon[:1], polygon[:1]]).astype(np.float64, copy=False)
    begins = closed[samples.corners]
    return begins + (closed[samples.corners + 1] - begins) * samples.shares


@lru_cache(maxsize=256)
def along(corners: int) -> Samples:
    """All samples of an outline of so many corners."""
    return _samples(np.arange(POINTS), corners)


@lru_cache(maxsize=256)
def near_corners(corners: int) -> Samples:
    """The samples next to a corner, before it and after it."""
    before = np.arange(corners + 1) * (POINTS - 1) // corners
    return _samples(np.unique(np.minimum([before, before + 1], POINTS - 1)), corners)


def _samples(numbers: Integers, corners: int) -> Samples:
    at = numbers * (corners / (POINTS - 1))
    whole = at.astype(np.int64)
    return Samples(whole, (at - whole)[:, None].astype(np.float64, copy=False))
