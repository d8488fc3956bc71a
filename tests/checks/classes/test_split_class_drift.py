"""split-class-drift: the distance, and how much of it is chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes.split_class_drift import SplitClassDrift, by_chance, jensen_shannon

COUNTS = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any)


@given(COUNTS, COUNTS)
def test_distance_is_symmetric_bounded_and_zero_for_equals(first: list[int], second: list[int]) -> None:
    one, two = (np.array(counts) / sum(counts) for counts in (first, second))
    assert 0 <= jensen_shannon(one, two) <= 1
    assert jensen_shannon(one, two) == pytest.approx(jensen_shannon(two, one))
    assert jensen_shannon(one, one) == 0


def test_known_distances() -> None:
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1
    assert jensen_shannon(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == pytest.approx(0.5579, abs=1e-4)


def test_chance_exceeds_its_bound_in_less_than_one_of_twenty() -> None:
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.full(10, 5.0))
    pairs = (rng.multinomial(400, shares, 2000) / 400, rng.multinomial(150, shares, 2000) / 150)
    distances = [jensen_shannon(one, two) for one, two in zip(*pairs, strict=True)]
    assert np.mean(np.array(distances) > by_chance(10, 400, 150)) < 0.05
    assert np.mean(np.array(distances) > 0.75 * by_chance(10, 400, 150)) > 0.05, "the bound is not far from the truth"


def drift(per_split: int, classes: int) -> int:
    rng = np.random.default_rng(0)
    images = images_of(2, split=["train", "val"])
    rows = [(image, c, 0.5, 0.5, 0.1, 0.1) for image in (0, 1) for c in rng.integers(0, classes, per_split)]
    return len(SplitClassDrift().find(boxes_of(rows, images), tuple("abcdefgh" * 10)))


def test_small_splits_of_many_classes_raise_no_alarm() -> None:
    assert not drift(100, 80)
    assert not drift(49, 2)


def test_the_class_that_moved_most_is_named() -> None:
    images = images_of(2, split=["train", "val"])
    mixes = ([0] * 60 + [1] * 30 + [2] * 10, [0] * 20 + [1] * 35 + [2] * 45)
    rows = [(image, c, 0.5, 0.5, 0.1, 0.1) for image, mix in enumerate(mixes) for c in mix]
    defects = SplitClassDrift().find(boxes_of(rows, images), ("a", "b", "c"))
    assert defects["class_id"].tolist() == [0]
    assert defects.attrs["measured"] == defects["value"].iloc[0] > 0.15
