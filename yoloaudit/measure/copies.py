"""Hashes of images → pairs that show the same, and the clusters that these pairs join."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.dataset.tables import COPIES, COPY_KINDS, categorical, table
from yoloaudit.measure.candidates import Candidates, Integers, Pairs
from yoloaudit.measure.neighbours import count_bits

DISTANCE = 4
"""Bits of 64 by which the perceptual hashes of near-duplicates differ at most."""
CORRELATION = 0.98
"""Of the grey levels at 64 × 64 pixels: what confirms a near-duplicate."""
LEAST_SPREAD = 2.0
"""Standard deviation of grey levels below which a picture shows too little to be compared."""
NEAREST, GROWTH = 8, 4
"""Images of a split that each is compared with at first, and the factor by which that grows while none is near."""
COMPARED, COMPARED_AN_IMAGE = 1_000_000, 16
"""Comparisons beyond the first ones, at most."""
PAIRS_AT_ONCE, PRODUCTS_AT_ONCE = 1024, 16
"""Pairs whose pictures are fetched together, and few enough of them for a processor's cache."""

GreyOf: TypeAlias = Callable[[Integers], NDArray[np.uint8]]


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
    nodes = nodes[decoded[nodes] & (perceptual[nodes] != 0)]
    candidates = Candidates(perceptual[nodes], splits[nodes], DISTANCE)
    near, correlation, complete = _near(candidates, group[nodes], lambda places: grey_of(nodes[places]))
    near = Pairs(nodes[near.first], nodes[near.second])
    distance = count_bits(perceptual[near.first] ^ perceptual[near.second]).astype(np.int8)
    kinds = np.repeat([0, 1, 2], [len(by_bytes.first), len(by_pixels.first), len(near.first)])
    first, second = _joined(by_bytes, by_pixels, near)
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


def _joined(*parts: Pairs) -> Pairs:
    return Pairs(np.concatenate([part.first for part in parts]), np.concatenate([part.second for part in parts]))


def _no_pairs() -> Pairs:
    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def _near(candidates: Candidates, group: Integers, grey_of: GreyOf) -> tuple[Pairs, NDArray[np.float32], bool]:
    """Near pairs, how much they correlate, and whether all that could be near were compared.

    Each image is compared with the few nearest by hash in its own split and in each earlier one. Where none of them
    shows the same, and there are more, it is compared with ever more of them, so that no copy in another split is lost
    among many that only look alike by their hash.
    """
    found, confirmed = [_no_pairs()], [np.zeros(0, np.float32)]
    left, complete = COMPARED + COMPARED_AN_IMAGE * len(group), candidates.complete
    for split in np.unique(candidates.splits).tolist():
        images, low, high = candidates.within(split), 0, NEAREST
        seekers = np.flatnonzero(candidates.splits >= split)
        chosen = _joined(images.of(seekers, low, high), candidates.envoys(split).of(seekers, low, high))
        while len(seekers) and left > 0:
            pairs = _once(chosen, group)
            correlation = correlations(pairs, grey_of)
            near = correlation >= CORRELATION
            found.append(pairs.kept(near))
            confirmed.append(correlation[near])
            seekers = seekers[~_settled(found[-1], candidates.splits, split)[seekers]]
            seekers = seekers[images.count(seekers) > high]
            low, high = high, GROWTH * high
            chosen = images.of(seekers, low, high)
            left -= len(chosen.first)
        complete &= not len(seekers)
    pairs, correlation = _joined(*found), np.concatenate(confirmed)
    _, once = np.unique(_keys(pairs, len(group)), return_index=True)
    return Pairs(pairs.first[once], pairs.second[once]), correlation[once], complete


def _once(pairs: Pairs, group: Integers) -> Pairs:
    """Pairs of images that are not equal, the earlier image first, each pair once."""
    pairs = pairs.kept(group[pairs.first] != group[pairs.second])
    keys = np.unique(_keys(Pairs(np.minimum(*pairs), np.maximum(*pairs)), len(group)))
    return Pairs(keys // max(len(group), 1), keys % max(len(group), 1))


def _keys(pairs: Pairs, count: int) -> Integers:
    keys: Integers = pairs.first * count + pairs.second
    return keys


def _settled(near: Pairs, splits: Integers, split: int) -> NDArray[np.bool_]:
    """Images that have a near one in this split."""
    settled = np.zeros(len(splits), dtype=bool)
    settled[near.first[splits[near.second] == split]] = True
    settled[near.second[splits[near.first] == split]] = True
    return settled


def correlations(pairs: Pairs, grey_of: GreyOf) -> NDArray[np.float32]:
    """Pearson's correlation of the grey pictures of each pair; 0 where one of them shows too little."""
    often = np.bincount(np.concatenate(pairs))
    rarer = np.where(often[pairs.first] < often[pairs.second], pairs.first, pairs.second)
    order = np.argsort(rarer, kind="stable")  # so that an image stands in few parts
    found = np.zeros(len(order), np.float32)
    for part in _parts(order):
        first, second = pairs.first[part], pairs.second[part]
        images, at = np.unique(np.concatenate([first, second]), return_inverse=True)
        levels = _standard(grey_of(images))
        for start in range(0, len(first), PRODUCTS_AT_ONCE):
            here = slice(start, start + PRODUCTS_AT_ONCE)
            one, other = at[: len(first)][here], at[len(first) :][here]
            found[part[here]] = np.einsum("ij,ij->i", levels[one], levels[other])
    return found


def _parts(order: Integers) -> Iterator[Integers]:
    return (order[start : start + PAIRS_AT_ONCE] for start in range(0, len(order), PAIRS_AT_ONCE))


def _standard(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """N × pixels, of mean 0 and length 1; zeros where a picture shows too little."""
    levels = pictures.reshape(len(pictures), -1).astype(np.float32)
    for row in levels:  # one by one, as a picture fits into a processor's cache and all of them do not
        row -= row.mean()
        length = np.sqrt(row @ row)
        row *= 1 / length if length >= LEAST_SPREAD * np.sqrt(len(row)) else 0
    return levels
