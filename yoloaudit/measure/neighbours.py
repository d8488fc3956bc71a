"""64-bit hashes → every pair of them that differs in few bits, without comparing each with each.

Pigeonhole (Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling", 2007): the 64 bits are dealt out to
B bands. Two hashes that differ in d bits or fewer agree in B - d bands at least, so that they stand together when the
hashes are sorted by the bits of some B - d bands. Each choice of B - d bands is sorted once; only neighbours that agree
in all bits of the choice are compared, and a pair counts for the first choice that it agrees in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]

BITS = 64
SPARE_BANDS = (2, 4)
"""Bands beyond the distance: 15 sorts by a third of the bits, or 70 by half of them, where a third tells too little."""
WORK, WORK_A_HASH = 100_000_000, 1000
"""Comparisons at most: all of a thousand hashes that are alike, but no square of a million."""
COST_OF_A_PAIR = 64
"""What a pair that is kept counts in comparisons, so that memory is bounded too."""
EVEN_SHARES = 4
"""Times its even share of what is left that one sort may use up, since the first ones meet most of the pairs."""
COST_OF_A_SORT = 4
"""Comparisons that take as long as sorting one hash."""
CHUNK = 1 << 18
SAMPLE = 1 << 15


class Neighbours(NamedTuple):
    """Positions of two hashes each, first < second, and the bits by which they differ."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    bits: NDArray[np.int8]
    complete: bool = True
    """False: too many hashes are alike, and some pairs are missing."""


class _Choice(NamedTuple):
    """Bands of which a pair has to agree in all bits, and those before the last of them, of which it must not."""

    agreed: np.uint64
    differing: list[np.uint64]


def search(hashes: Words, distance: int = 4) -> Neighbours:
    """All pairs of distinct hashes that differ in `distance` bits or fewer, in order of position.

    Every pair is found unless so many hashes are alike that it takes more than WORK + WORK_A_HASH · N comparisons; then
    each hash has been compared with those that follow it in every order, all by nearly the same number of steps.
    """
    dealt = _dealt(hashes)
    choices = _choices(dealt, distance)
    left = WORK + WORK_A_HASH * len(hashes)
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]] = []
    complete = True
    for number, choice in enumerate(choices):
        reserved = left - left * EVEN_SHARES // max(len(choices) - number, EVEN_SHARES)
        for first, second, bits, compared in _alike(dealt, choice, distance):
            left -= compared + COST_OF_A_PAIR * len(first)
            found.append((first, second, bits))
            if left < reserved:
                complete = False
                break
    first, second, bits = (np.concatenate(column) for column in zip(*found, strict=True)) if found else _none()
    order = np.lexsort((second, first))
    return Neighbours(first[order], second[order], bits[order], complete)


def _none() -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int8)


def _dealt(hashes: Words) -> Words:
    """The same bits in another order: those that tell hashes apart best come first, those that hardly vary last."""
    sample = hashes[:: len(hashes) // SAMPLE + 1]
    ones = np.array([np.count_nonzero(sample & _bit(place)) for place in range(BITS)])
    order = np.argsort(np.abs(2 * ones - len(sample)), kind="stable")
    dealt = np.zeros_like(hashes)
    for place, bit in enumerate(order.tolist()):
        dealt |= ((hashes >> np.uint64(bit)) & np.uint64(1)) << np.uint64(place)
    return dealt


def _choices(dealt: Words, distance: int) -> list[_Choice]:
    """The choices of bands by which sorting and comparing are likely to cost least."""
    sample = dealt[:: len(dealt) // SAMPLE + 1]
    scale = (len(dealt) / max(len(sample), 1)) ** 2
    best: list[_Choice] = []
    least = np.inf
    for spare in SPARE_BANDS:
        choices = _choices_of(distance + spare, spare)
        few = choices[:: len(choices) // 5 + 1]
        compared = scale * sum(_agreeing(sample & choice.agreed) for choice in few) / len(few)
        cost = len(choices) * (COST_OF_A_SORT * len(dealt) + compared)
        if cost < least:
            best, least = choices, cost
    return best


def _choices_of(bands: int, agreeing: int) -> list[_Choice]:
    masks = [np.uint64(sum(1 << bit for bit in range(band, BITS, bands))) for band in range(bands)]
    return [
        _Choice(
            agreed=np.bitwise_or.reduce([masks[band] for band in chosen]),
            differing=[masks[band] for band in range(chosen[-1]) if band not in chosen],
        )
        for chosen in combinations(range(bands), agreeing)
    ]


def _agreeing(keys: Words) -> float:
    """Pairs of equal keys."""
    many = np.unique(keys, return_counts=True)[1].astype(np.float64)
    return float((many * (many - 1) / 2).sum())


def _alike(
    dealt: Words, choice: _Choice, distance: int
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], int]]:
    """Pairs that agree in the choice and are near, in chunks, each with the number of comparisons that it took.

    Hashes that agree form runs of the sorted order: each is compared with its next, its next but one, and so on.
    """
    keys = dealt & choice.agreed
    order = np.argsort(keys, kind="stable").astype(np.int32)
    keys, words = keys[order], dealt[order]
    step, active = 1, np.flatnonzero(keys[1:] == keys[:-1]).astype(np.int32)
    while len(active):
        for start in range(0, len(active), CHUNK):
            here = active[start : start + CHUNK]
            apart = words[here] ^ words[here + step]
            near = np.flatnonzero(count_bits(apart) <= distance)
            apart = apart[near]
            for mask in choice.differing:
                kept = (apart & mask) != 0
                near, apart = near[kept], apart[kept]
            one, other = order[here[near]], order[here[near] + step]
            yield np.minimum(one, other), np.maximum(one, other), count_bits(apart).astype(np.int8), len(here)
        step += 1
        active = active[: np.searchsorted(active, len(keys) - step)]
        active = active[keys[active + step] == keys[active]]


def _bit(place: int) -> np.uint64:
    return np.uint64(1 << place)


def _counted_in_parallel(words: Words) -> NDArray[np.uint8]:
    """Bits that are set: neighbouring counts are added, two and two, four and four, then all bytes (Knuth, 7.1.3)."""
    pairs = words - ((words >> np.uint64(1)) & np.uint64(0x5555555555555555))
    nibble = np.uint64(0x3333333333333333)
    fours = (pairs & nibble) + ((pairs >> np.uint64(2)) & nibble)
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    counted: NDArray[np.uint8] = ((eights * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)
    return counted


count_bits = np.bitwise_count if hasattr(np, "bitwise_count") else _counted_in_parallel
"""numpy counts bits itself since its version 2."""
