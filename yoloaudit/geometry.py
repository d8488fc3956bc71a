"""Boxes as arrays of N rows: conversion, area, clipping, overlap, and the pairs of a group that overlap much.

N boxes, P pairs. `corners` (N, 4) are x1 y1 x2 y2, `centres` (N, 4) are cx cy w h, in any one unit; overlap does not
depend on it. A box of no width or height, and one beyond what floats hold, overlaps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Mask: TypeAlias = NDArray[np.bool_]

CHUNK = 1 << 20
"""Boxes that are compared at once."""
FACED = 10_000
"""Boxes that one box is held against at most."""
PAIRS, PAIRS_A_BOX = 2_000_000, 40
"""Pairs compared at most: all of an image of 2,000 boxes, but no square of 100,000 that are stacked."""


class Pairs(NamedTuple):
    """Positions of two boxes each, and how much these overlap."""

    first: Integers
    second: Integers
    overlap: Floats

    def kept(self, mask: Mask) -> Pairs:
        return Pairs(self.first[mask], self.second[mask], self.overlap[mask])

    def turned(self, mask: Mask) -> Pairs:
        """First and second changed over where the mask says so."""
        first, second, overlap = self
        return Pairs(np.where(mask, second, first), np.where(mask, first, second), overlap)


def corners_of(centres: Floats) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        half = centres[:, 2:] / 2
        return np.concatenate([centres[:, :2] - half, centres[:, :2] + half], axis=1)


def centres_of(corners: Floats) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        size = corners[:, 2:] - corners[:, :2]
        return np.concatenate([corners[:, :2] + size / 2, size], axis=1)


def clip(corners: Floats, width: float = 1.0, height: float = 1.0) -> Floats:
    """The part of each box that lies in the frame from 0, 0 to width, height; what lies outside becomes empty."""
    limits = np.array([width, height, width, height], dtype=corners.dtype)
    return np.clip(corners, 0, limits)


def area(corners: Floats) -> Floats:
    """In squares of the unit; 0 where a side is not positive."""
    with np.errstate(over="ignore", invalid="ignore"):
        sides = np.maximum(corners[:, 2:].astype(np.float64) - corners[:, :2], 0)
        return np.asarray(sides[:, 0] * sides[:, 1])


def intersection(first: Floats, second: Floats) -> Floats:
    """Area that row i of both has in common."""
    with np.errstate(over="ignore", invalid="ignore"):
        left, top, right, bottom = first.T.astype(np.float64)
        width = np.minimum(right, second[:, 2]) - np.maximum(left, second[:, 0])
        height = np.minimum(bottom, second[:, 3]) - np.maximum(top, second[:, 1])
        return np.asarray(np.maximum(width, 0) * np.maximum(height, 0))


def iou(first: Floats, second: Floats) -> Floats:
    """Intersection over union of row i of both, 0 to 1."""
    shared = intersection(first, second)
    with np.errstate(over="ignore", invalid="ignore"):
        return _share(shared, area(first) + area(second) - shared)


def containment(first: Floats, second: Floats) -> Floats:
    """Intersection over the smaller of row i of both, 0 to 1."""
    return _share(intersection(first, second), np.minimum(area(first), area(second)))


def _share(part: Floats, whole: Floats) -> Floats:
    sound = (whole > 0) & np.isfinite(whole)
    return np.minimum(np.divide(part, whole, out=np.zeros(len(part)), where=sound), 1.0)


def close_pairs(
    groups: Integers,
    corners: Floats,
    least: float,
    *,
    overlap: Callable[[Floats, Floats], Floats] = iou,
    reach: float | None = None,
    accept: Callable[[Integers, Integers], Mask] | None = None,
) -> Iterator[Pairs]:
    """Pairs of boxes of one group that overlap by `least` or more, in chunks of at most CHUNK.

    `accept` is asked first and throws pairs out cheaply. `reach` bounds how far the box that starts later may start
    after the other, in widths of the other: for IoU ≥ t that is 1 − t, because IoU is no more than that of the widths.
    """
    for first, second in sweep(groups, corners, 1 - least if reach is None else reach):
        if accept is not None:
            accepted = accept(first, second)
            first, second = first[accepted], second[accepted]
        pairs = Pairs(first, second, overlap(corners[first], corners[second]))
        if (enough := pairs.overlap >= least).any():
            yield pairs.kept(enough)


def sweep(groups: Integers, corners: Floats, reach: float) -> Iterator[tuple[Integers, Integers]]:
    """Positions of boxes of one group, the second starting within `reach` widths of the first, from left to right.

    Boxes are sorted by group and x1; each is held against its next, its next but one, and so on, as long as any of
    these starts near enough, and the number of pairs stays within PAIRS + PAIRS_A_BOX for each box.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        start = corners[:, 0].astype(np.float32)
        end = (corners[:, 0] + reach * (corners[:, 2] - corners[:, 0])).astype(np.float32)
        end = np.nextafter(end, np.float32(np.inf))
    order = np.argsort(sort_key(groups, start), kind="stable")
    group, start, end = groups[order], start[order], end[order]
    for begin in range(0, len(order), CHUNK):
        active = np.arange(begin, min(begin + CHUNK, len(order)))
        step, left = 0, PAIRS + PAIRS_A_BOX * len(active)
        while len(active) and left > 0:
            step += 1
            active = active[: np.searchsorted(active, len(order) - step)]
            active = active[(group[active + step] == group[active]) & (start[active + step] <= end[active])]
            left -= len(active)
            yield order[active], order[active + step]


def facing(
    groups: Integers, corners: Floats, other_groups: Integers, others: Floats, before: float, after: float
) -> Iterator[tuple[Integers, Integers]]:
    """Positions of a box and one of `others` of its group that starts near enough: x1 is from `before` of the box's
    width before its own to `after` of it behind. All pairs of a group are in one chunk; a box has at most FACED.

    IoU ≥ t takes `before` = (1 − t) / t and `after` = 1 − t: the overlap in width is at least t of both together.
    """
    keys = sort_key(other_groups, others[:, 0])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    with np.errstate(over="ignore", invalid="ignore"):
        width = corners[:, 2].astype(np.float64) - corners[:, 0]
        low = (corners[:, 0] - before * width).astype(np.float32)
        high = (corners[:, 0] + after * width).astype(np.float32)
    first = np.searchsorted(keys, sort_key(groups, np.nextafter(low, np.float32(-np.inf))), "left")
    last = np.searchsorted(keys, sort_key(groups, np.nextafter(high, np.float32(np.inf))), "right")
    counts = np.clip(last - first, 0, FACED)
    able = np.flatnonzero(counts)
    able = able[np.argsort(groups[able], kind="stable")]
    ends = np.cumsum(counts[able])
    stops = np.append(np.flatnonzero(np.diff(groups[able])) + 1, len(able)) if len(able) else able
    start = done = 0
    while start < len(able):
        full = np.searchsorted(ends[stops - 1], done + CHUNK, "right")
        stop = int(stops[max(full - 1, np.searchsorted(stops, start, "right"))])
        chosen = able[start:stop]
        begins = np.repeat(ends[start:stop] - counts[chosen] - done, counts[chosen])
        within = np.arange(len(begins)) - begins
        yield np.repeat(chosen, counts[chosen]), order[np.repeat(first[chosen], counts[chosen]) + within]
        start, done = stop, int(ends[stop - 1])


def sort_key(groups: Integers, values: Floats) -> NDArray[np.int64]:
    """Integers that sort by group (0 to 2³¹ − 1), then by float32 value: the order of its bits, negatives mirrored."""
    bits = (values.astype(np.float32) + np.float32(0)).view(np.int32)
    return (groups.astype(np.int64) << 32) + _mirrored(bits)


def key_values(keys: NDArray[np.int64]) -> NDArray[np.float32]:
    """The values that `sort_key` was given."""
    return _mirrored(keys.astype(np.int32)).view(np.float32)


def _mirrored(bits: NDArray[np.int32]) -> NDArray[np.int32]:
    return bits ^ ((bits >> 31) & np.int32(0x7FFFFFFF))


def strongest(pairs: Iterable[Pairs], size: int) -> Pairs:
    """One pair for each box that is a first (of `size` boxes): that of the largest overlap, in order of position."""
    overlap = np.zeros(size)
    partner = np.full(size, -1, dtype=np.int64)
    for chunk in pairs:
        order = np.argsort(chunk.overlap, kind="stable")
        order = order[chunk.overlap[order] > overlap[chunk.first[order]]]
        overlap[chunk.first[order]] = chunk.overlap[order]
        partner[chunk.first[order]] = chunk.second[order]
    found = np.flatnonzero(partner >= 0)
    return Pairs(found, partner[found], overlap[found])
