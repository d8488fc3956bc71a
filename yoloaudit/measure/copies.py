"""Hashes of images → pairs that show the same, and the clusters that these pairs join."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.dataset.tables import COPIES, COPY_KINDS, categorical, table
from yoloaudit.measure.neighbours import count_bits, search

DISTANCE = 4
"""Bits of 64 by which the perceptual hashes of near-duplicates differ at most."""
CORRELATION = 0.98
"""Of the grey levels at 64 × 64 pixels: what confirms a near-duplicate."""
LEAST_SPREAD = 2.0
"""Standard deviation of grey levels below which a picture shows too little to be compared."""
EVERY_PAIR = 32
"""Images of one perceptual hash that are compared each with each; of more, each is compared with a few of them."""
LEADERS, ENVOYS = 8, 4
"""Images of one split that stand for those of their hash: within it, and against those of near hashes."""
PAIRS_AT_ONCE = 1024

Integers: TypeAlias = NDArray[np.int64]
GreyOf: TypeAlias = Callable[[Integers], NDArray[np.uint8]]


class Pairs(NamedTuple):
    """Positions of two images each."""

    first: Integers
    second: Integers


def find_copies(
    splits: Integers,
    content: Integers,
    pixels: Integers,
    perceptual: NDArray[np.uint64],
    decoded: NDArray[np.bool_],
    grey_of: GreyOf,
) -> tuple[DataFrame, Integers]:
    """The table `copies`, and the number of each image's cluster, -1 where it was not decoded.

    All arguments have one value an image: codes of its split, bytes (-1 unread) and pixels (-1 not decoded), its
    perceptual hash. `grey_of` gives the grey pictures of images, N × 64 × 64. `attrs["complete"]` of the table is False
    where so many images are alike that some near pairs were not looked for.
    """
    group = _groups(content, pixels, decoded)
    by_bytes, by_pixels = _exact(splits, content, group)
    nodes = _firsts(group, splits)
    near, distance, correlation, complete = _near(nodes[decoded[nodes]], splits, group, perceptual, grey_of)
    kinds = np.repeat([0, 1, 2], [len(by_bytes.first), len(by_pixels.first), len(near.first)])
    first, second = (np.concatenate([some[side] for some in (by_bytes, by_pixels, near)]) for side in (0, 1))
    exact = len(first) - len(near.first)
    columns = {
        "first": first,
        "second": second,
        "kind": categorical(kinds, COPY_KINDS),
        "distance": np.concatenate([np.zeros(exact, np.int8), distance]),
        "correlation": np.concatenate([np.ones(exact, np.float32), correlation]),
    }
    copies = table(COPIES, columns)
    copies.attrs["complete"] = complete
    return copies, np.where(decoded, connected(len(splits), first, second), -1)


def connected(count: int, first: Integers, second: Integers) -> Integers:
    """The least position that each of `count` positions is connected with by these pairs."""
    least = np.arange(count)
    while len(first):
        lower = np.minimum(least[first], least[second])
        before = least.copy()
        for ends in (first, second):
            np.minimum.at(least, least[ends], lower)
            np.minimum.at(least, ends, lower)
        least = least[least]
        if (least == before).all():
            break
    return least


def _groups(content: Integers, pixels: Integers, decoded: NDArray[np.bool_]) -> Integers:
    """A number for each set of equal images: equal pixels, or equal bytes where there are no pixels; -1 unread."""
    offset = int(pixels.max(initial=-1)) + 1
    joined = np.where(decoded, pixels, content + offset)
    return np.where(content < 0, -1, pd.factorize(joined)[0])


def _firsts(group: Integers, splits: Integers) -> Integers:
    """The first image of each group in each split."""
    known = np.flatnonzero(group >= 0)
    _, first = np.unique(np.stack([group[known], splits[known]]), axis=1, return_index=True)
    return known[np.sort(first)]


def _exact(splits: Integers, content: Integers, group: Integers) -> tuple[Pairs, Pairs]:
    """Pairs of equal bytes, and pairs of equal pixels in other bytes."""
    images = DataFrame({"split": splits, "content": content, "group": group})[group >= 0]
    images["image"] = images.index
    images["same"] = images.groupby(["content", "split"])["image"].transform("min")
    images["shown"] = images.groupby(["group", "split"])["image"].transform("min")
    copy = images[images["image"] != images["same"]]
    again = images[(images["image"] == images["same"]) & (images["same"] != images["shown"])]
    bytes_across = _across(images.drop_duplicates(["content", "split"]), "content")
    pixels_across = _across(images.drop_duplicates(["group", "split"]), "group")
    fresh = content[pixels_across.first] != content[pixels_across.second]
    told = set(_sides(bytes_across, group, splits))
    fresh &= np.array([side not in told for side in _sides(pixels_across, group, splits)], dtype=bool)
    return (
        _joined(Pairs(copy["same"].to_numpy(), copy["image"].to_numpy()), bytes_across),
        _joined(
            Pairs(again["shown"].to_numpy(), again["image"].to_numpy()),
            Pairs(pixels_across.first[fresh], pixels_across.second[fresh]),
        ),
    )


def _across(firsts: DataFrame, key: str) -> Pairs:
    """Pairs of images, one a split, that have the same key in two splits."""
    shared = firsts[firsts.duplicated(key, keep=False)]
    pairs = shared.merge(shared, on=key, suffixes=("_one", "_two"))
    pairs = pairs[pairs["image_one"] < pairs["image_two"]]
    return Pairs(pairs["image_one"].to_numpy(), pairs["image_two"].to_numpy())


def _sides(pairs: Pairs, group: Integers, splits: Integers) -> Iterator[tuple[int, int, int]]:
    """The group that each pair is of, and the two splits that it joins, the lesser one first."""
    one, other = splits[pairs.first], splits[pairs.second]
    sides = np.stack([group[pairs.first], np.minimum(one, other), np.maximum(one, other)], axis=1)
    return map(tuple, sides.tolist())


def _joined(one: Pairs, other: Pairs) -> Pairs:
    return Pairs(np.concatenate([one.first, other.first]), np.concatenate([one.second, other.second]))


def _near(
    nodes: Integers, splits: Integers, group: Integers, perceptual: NDArray[np.uint64], grey_of: GreyOf
) -> tuple[Pairs, NDArray[np.int8], NDArray[np.float32], bool]:
    nodes = nodes[perceptual[nodes] != 0]
    hashes, of_hash = np.unique(perceptual[nodes], return_inverse=True)
    neighbours = search(hashes, DISTANCE)
    members = _ranked(nodes, of_hash, splits)
    pairs = _joined(
        _crossed(members.envoys(), neighbours.first.astype(np.int64), neighbours.second.astype(np.int64)),
        _within(members),
    )
    first, second = np.minimum(*pairs), np.maximum(*pairs)
    apart = group[first] != group[second]
    pairs = Pairs(first[apart], second[apart])
    correlation = correlations(pairs, grey_of)
    kept = correlation >= CORRELATION
    first, second = pairs.first[kept], pairs.second[kept]
    distance = count_bits(perceptual[first] ^ perceptual[second]).astype(np.int8)
    return Pairs(first, second), distance, correlation[kept], neighbours.complete


class _Members(NamedTuple):
    """Images sorted by their hash, where each hash begins, and each image's place among those of its hash and split."""

    image: Integers
    hash: Integers
    start: Integers
    rank: Integers
    many: Integers

    def envoys(self) -> _Members:
        """A few images of each hash and split, spread over them."""
        return self.chosen(ENVOYS)

    def chosen(self, most: int) -> _Members:
        step = -(-self.many // most)
        kept = self.rank % step == 0
        hashes = self.hash[kept]
        start = np.searchsorted(hashes, np.arange(len(self.start)))
        return _Members(self.image[kept], hashes, np.append(start[:-1], len(hashes)), self.rank[kept], self.many[kept])


def _ranked(nodes: Integers, of_hash: Integers, splits: Integers) -> _Members:
    order = np.lexsort((nodes, splits[nodes], of_hash))
    image, hashes = nodes[order], of_hash[order]
    sets = np.cumsum(np.append(0, (np.diff(hashes) != 0) | (np.diff(splits[image]) != 0)))[: len(image)]
    many = np.bincount(sets)[sets] if len(image) else np.zeros(0, np.int64)
    rank = np.arange(len(image)) - np.searchsorted(sets, sets)
    count = int(of_hash.max(initial=-1)) + 1
    return _Members(image, hashes, np.searchsorted(hashes, np.arange(count + 1)), rank, many)


def _crossed(members: _Members, one: Integers, other: Integers) -> Pairs:
    """Every member of hash one[i] with every member of hash other[i]."""
    sizes = np.diff(members.start)
    left, right = sizes[one], sizes[other]
    total = left * right
    which = np.repeat(np.arange(len(one)), total)
    place = np.arange(len(which)) - np.repeat(np.cumsum(total) - total, total)
    width = right[which]
    return Pairs(
        members.image[members.start[one[which]] + place // np.maximum(width, 1)],
        members.image[members.start[other[which]] + place % np.maximum(width, 1)],
    )


def _within(members: _Members) -> Pairs:
    """Pairs of one hash: each with each where they are few, else each with the leaders of every split."""
    sizes = np.diff(members.start)
    few = np.flatnonzero((sizes > 1) & (sizes <= EVERY_PAIR))
    every = _crossed(members, few, few)
    leaders = members.chosen(LEADERS)
    led = np.flatnonzero(sizes[members.hash] > EVERY_PAIR)
    count = np.diff(leaders.start)[members.hash[led]]
    follower = np.repeat(members.image[led], count)
    place = np.arange(len(follower)) - np.repeat(np.cumsum(count) - count, count)
    pairs = _joined(every, Pairs(follower, leaders.image[np.repeat(leaders.start[members.hash[led]], count) + place]))
    once = np.unique(np.stack([np.minimum(*pairs), np.maximum(*pairs)]), axis=1)
    once = once[:, once[0] != once[1]]
    return Pairs(once[0], once[1])


def correlations(pairs: Pairs, grey_of: GreyOf) -> NDArray[np.float32]:
    """Pearson's correlation of the grey pictures of each pair; 0 where one of them shows too little."""
    order = np.lexsort((pairs.second, pairs.first))
    found = np.zeros(len(order), np.float32)
    for part in _parts(order):
        first, second = pairs.first[part], pairs.second[part]
        images, at = np.unique(np.concatenate([first, second]), return_inverse=True)
        levels = _standard(grey_of(images))
        found[part] = np.einsum("ij,ij->i", levels[at[: len(first)]], levels[at[len(first) :]])
    return found


def _parts(order: Integers) -> Iterator[Integers]:
    return (order[start : start + PAIRS_AT_ONCE] for start in range(0, len(order), PAIRS_AT_ONCE))


def _standard(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """N × pixels, of mean 0 and length 1; zeros where a picture shows too little."""
    levels = pictures.reshape(len(pictures), -1).astype(np.float32)
    levels -= levels.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", levels, levels))
    shows = length >= LEAST_SPREAD * np.sqrt(levels.shape[1])
    standard: NDArray[np.float32] = levels * np.where(shows, 1 / np.maximum(length, 1e-6), 0)[:, None]
    return standard
