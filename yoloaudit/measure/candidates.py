"""Perceptual hashes and splits of images → the images that each is to be compared with, nearest hashes first."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.measure.neighbours import Neighbours, Words, search

Integers: TypeAlias = NDArray[np.int64]


class Pairs(NamedTuple):
    """Positions of two images each."""

    first: Integers
    second: Integers

    def kept(self, mask: NDArray[np.bool_]) -> Pairs:
        return Pairs(self.first[mask], self.second[mask])


class _Links(NamedTuple):
    """For each hash the hashes near to it, itself the first: those of hash h are near[start[h] : start[h + 1]]."""

    start: Integers
    near: NDArray[np.int32]


class Images:
    """Images in the order in which each of all images is compared with them.

    The order is the same for all images of a hash, so that many that are alike are compared with the same few.
    """

    def __init__(self, images: Integers, hashes: Integers, links: _Links) -> None:
        self._members = images[np.argsort(hashes[images], kind="stable")]
        self._hashes, self._links = hashes, links
        ends = np.searchsorted(hashes[self._members], np.arange(len(links.start)))
        self._begins = ends[:-1]
        self._before = np.append(0, np.cumsum(np.diff(ends)[links.near]))

    def of(self, seekers: Integers, low: int, high: int) -> Pairs:
        """Each seeker with those of its images that are number `low` to `high`; itself may be among them."""
        many = np.clip(self.count(seekers), low, high) - low
        base = self._before[self._links.start[self._hashes[seekers]]] + low
        seeker = np.repeat(seekers, many)
        number = np.arange(len(seeker)) + np.repeat(base - np.cumsum(many) + many, many)
        link = np.searchsorted(self._before, number, side="right") - 1
        return Pairs(seeker, self._members[self._begins[self._links.near[link]] + number - self._before[link]])

    def count(self, seekers: Integers) -> Integers:
        """How many images each seeker can be compared with, itself included."""
        start, hashes = self._links.start, self._hashes[seekers]
        counted: Integers = self._before[start[hashes + 1]] - self._before[start[hashes]]
        return counted


class Candidates:
    """For every image the images of a split whose hash is near: by the bits that differ, then by position."""

    def __init__(self, hashes: Words, splits: Integers, distance: int) -> None:
        """Positions are those in `hashes` and `splits`, which have one value an image."""
        distinct, self.hash = np.unique(hashes, return_inverse=True)
        neighbours = search(distinct, distance)
        self.complete = neighbours.complete
        """False: more hashes are near to one another than were searched for."""
        self.splits = splits
        self._links = _links(neighbours, len(distinct))

    def within(self, split: int) -> Images:
        """All images of a split."""
        return Images(np.flatnonzero(self.splits == split), self.hash, self._links)

    def envoys(self, split: int) -> Images:
        """The first image of each hash in a split alone: they join the images of one hash to those of others."""
        inside = np.flatnonzero(self.splits == split)
        return Images(inside[np.unique(self.hash[inside], return_index=True)[1]], self.hash, self._links)


def _links(pairs: Neighbours, count: int) -> _Links:
    own = np.arange(count, dtype=np.int32)
    of, near = np.concatenate([own, pairs.second, pairs.first]), np.concatenate([own, pairs.first, pairs.second])
    order = np.lexsort((np.concatenate([np.zeros(count, np.int8), pairs.bits, pairs.bits]), of))
    return _Links(np.searchsorted(of[order], np.arange(count + 1)), near[order])
