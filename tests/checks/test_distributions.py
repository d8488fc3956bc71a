"""Entropy and the distance of samples, against what they are by hand and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.checks.distributions import distance, distance_by_chance, entropy

NUMBERS = st.lists(st.integers(-5, 5), min_size=1, max_size=20)


def test_entropy_by_hand() -> None:
    assert entropy(np.array([8, 0, 0])) == 0
    assert entropy(np.array([1, 1, 1, 1])) == pytest.approx(2)
    assert entropy(np.array([2, 1, 1])) == pytest.approx(1.5)
    assert entropy(np.array([0, 0])) == 0


@given(NUMBERS, NUMBERS)
def test_distance_is_the_widest_gap_between_the_shares(first: list[int], second: list[int]) -> None:
    def share(sample: list[int], step: int) -> float:
        return sum(value <= step for value in sample) / len(sample)

    widest = max(abs(share(first, step) - share(second, step)) for step in range(-6, 7))
    assert distance(np.array(first, float), np.array(second, float)) == pytest.approx(widest)


def test_chance_is_exceeded_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    limit = distance_by_chance(60, 90, 0.1)
    beyond = np.mean([distance(rng.random(60), rng.random(90)) > limit for _ in range(600)])
    assert 0.05 < beyond < 0.13


def test_chance_by_the_formula_and_at_the_ends() -> None:
    assert distance_by_chance(100, 100, 0.05) == pytest.approx(math.sqrt(math.log(40) / 2) * math.sqrt(0.02))
    assert distance_by_chance(5, 5, 0.05) < 1
    assert distance_by_chance(2, 2, 0.01) == 1
    assert distance_by_chance(0, 9, 0.05) == 1
