"""Whom an image is compared with: against a list that is made by hand, and in parts that join without a gap."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.measure.candidates import Candidates, Images

image = st.tuples(st.sampled_from([0, 1, 3, 7, 15, 31, 63, 1 << 40, 3 << 40]), st.integers(0, 2))


def built(images: list[tuple[int, int]], distance: int = 2) -> Candidates:
    hashes = np.array([number for number, _ in images], dtype=np.uint64)
    return Candidates(hashes, np.array([split for _, split in images], dtype=np.int64), distance)


def listed(images: Images, seeker: int, low: int = 0, high: int = 1000) -> list[int]:
    pairs = images.of(np.array([seeker]), low, high)
    assert set(pairs.first.tolist()) <= {seeker}
    return [int(place) for place in pairs.second]


def test_nearest_hashes_come_first_and_of_one_hash_the_first_images() -> None:
    candidates = built([(0b11, 0), (0b1, 0), (0b11, 0), (0, 0), (0b11111, 0), (0b11, 1), (0b11, 0)])
    first, second = candidates.within(0), candidates.within(1)
    assert listed(first, 2) == [0, 2, 6, 1, 3]
    assert listed(first, 5) == [0, 2, 6, 1, 3]
    assert listed(first, 3) == [3, 1, 0, 2, 6]
    assert listed(second, 1) == [5]
    assert listed(second, 4) == []
    assert built([(0b111, 0), (0, 1)]).within(0).count(np.array([0, 1])).tolist() == [1, 0]


def test_envoys_are_the_first_of_each_hash() -> None:
    envoys = built([(0b11, 0), (0b1, 0), (0b11, 0), (0b1, 0), (0b11, 1)]).envoys(0)
    pairs = envoys.of(np.array([2, 3, 4]), 0, 2)
    assert pairs.first.tolist() == [2, 2, 3, 3, 4, 4]
    assert pairs.second.tolist() == [0, 1, 1, 0, 0, 1]
    assert listed(envoys, 2, 0, 1) == [0]


@given(st.lists(image, min_size=1, max_size=20), st.integers(1, 5))
def test_parts_make_the_whole(images: list[tuple[int, int]], width: int) -> None:
    candidates = built(images)
    assert candidates.complete
    for split in {split for _, split in images}:
        inside = candidates.within(split)
        for seeker, (own, _) in enumerate(images):
            bits = {place: (own ^ number).bit_count() for place, (number, there) in enumerate(images) if there == split}
            near = [place for place in bits if bits[place] <= 2]
            whole = listed(inside, seeker)
            assert sorted(whole) == near
            assert [bits[place] for place in whole] == sorted(bits[place] for place in near)
            assert inside.count(np.array([seeker])).tolist() == [len(near)]
            parts = [listed(inside, seeker, low, low + width) for low in range(0, len(near), width)]
            assert [place for part in parts for place in part] == whole


def test_many_seekers_at_once_are_as_each_alone() -> None:
    inside = built([(number % 7, number % 2) for number in range(60)]).within(1)
    together = inside.of(np.arange(60), 3, 9)
    alone = [(seeker, other) for seeker in range(60) for other in listed(inside, seeker, 3, 9)]
    assert list(zip(together.first.tolist(), together.second.tolist(), strict=True)) == alone


def test_hashes_that_are_too_many_and_too_near_are_told() -> None:
    many = np.random.default_rng(0).permutation(1 << 15).astype(np.uint64)
    assert not Candidates(many, np.zeros(len(many), np.int64), 4).complete
