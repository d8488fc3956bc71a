"""Pairs of near hashes against a comparison of each with each, at every distance, and with hashes that are alike."""

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.measure import neighbours
from yoloaudit.measure.neighbours import Words, search

word = st.integers(0, 2**64 - 1)


@st.composite
def crowds(draw: st.DrawFn) -> Words:
    """Hashes around a few others, up to eight flipped bits away."""
    flips = st.lists(st.integers(0, 63), max_size=8)
    around = st.lists(flips, max_size=12)
    hashes = set()
    for centre, bits in draw(st.lists(st.tuples(word, around), max_size=6)):
        hashes |= {centre} | {centre ^ sum(1 << bit for bit in set(some)) for some in bits}
    return np.array(sorted(hashes, key=hash), dtype=np.uint64)


def each_with_each(hashes: Words, distance: int) -> dict[tuple[int, int], int]:
    found = {}
    for first, second in combinations(range(len(hashes)), 2):
        bits = (int(hashes[first]) ^ int(hashes[second])).bit_count()
        if bits <= distance:
            found[first, second] = bits
    return found


def told(hashes: Words, distance: int = 4) -> dict[tuple[int, int], int]:
    found = search(hashes, distance)
    assert found.complete
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == sorted(set(pairs)), "in order, and each pair once"
    return dict(zip(pairs, found.bits.tolist(), strict=True))


@given(crowds(), st.integers(0, 6))
def test_equals_each_with_each(hashes: Words, distance: int) -> None:
    assert told(hashes, distance) == each_with_each(hashes, distance)


@pytest.mark.parametrize("spare", neighbours.SPARE_BANDS)
@pytest.mark.parametrize("flipped", range(7))
def test_no_pair_is_lost_wherever_its_bits_differ(spare: int, flipped: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "SPARE_BANDS", (spare,))
    rng = np.random.default_rng(flipped)
    hashes = rng.integers(0, 2**64, 3000, dtype=np.uint64)
    masks = [sum(1 << int(bit) for bit in rng.choice(64, flipped, replace=False)) for _ in hashes]
    near = hashes ^ np.array(masks, dtype=np.uint64)
    found = told(np.concatenate([hashes, near]))
    planted = {(number, number + len(hashes)): flipped for number in range(len(hashes))}
    assert found == (planted if flipped <= 4 else {})


def test_bits_that_hardly_vary_cost_little() -> None:
    rng = np.random.default_rng(0)
    hashes = np.unique(rng.integers(0, 2**64, 200_000, dtype=np.uint64) & np.uint64((1 << 36) - 1))
    began = time.process_time()
    found = search(hashes)
    assert found.complete
    assert len(found.first) == pytest.approx(0.5 * 200_000**2 * 66712 / 2**36, rel=0.05)
    assert time.process_time() - began < 20


def test_past_the_budget_it_says_so_and_still_finds_some_of_each() -> None:
    hashes = np.arange(1 << 15, dtype=np.uint64)
    began = time.process_time()
    found = search(hashes)
    assert not found.complete
    assert time.process_time() - began < 10
    assert len(found.first) * neighbours.COST_OF_A_PAIR < 2 * (neighbours.WORK + neighbours.WORK_A_HASH * len(hashes))
    degree = np.bincount(found.first, minlength=len(hashes)) + np.bincount(found.second, minlength=len(hashes))
    assert degree.min() >= 10
    assert (np.bitwise_count(hashes[found.first] ^ hashes[found.second]) == found.bits).all()


def test_a_thousand_alike_are_all_compared() -> None:
    centre = np.uint64(0x0123456789ABCDEF)
    masks = [(1 << first) | (1 << second) for first, second in combinations(range(64), 2)]
    hashes = centre ^ np.array(masks[:1000], dtype=np.uint64)
    assert len(told(hashes)) == 1000 * 999 // 2


@given(st.lists(word, max_size=50))
def test_bits_are_counted_alike_without_numpy_2(words: list[int]) -> None:
    counted = neighbours._counted_in_parallel(np.array(words, dtype=np.uint64))
    assert counted.tolist() == [number.bit_count() for number in words]


def test_none_and_one() -> None:
    assert told(np.zeros(0, np.uint64)) == {}
    assert told(np.zeros(1, np.uint64)) == {}
