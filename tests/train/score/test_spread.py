"""Intervals of differences: wider for few images and for seeds that differ, and as sure as they say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_evidence import kind
from yoloaudit.train.score.spread import NOTHING, effective_images, spread_of

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.normal(size=(1, 2000)) * 0.02


def between(gap: float, images: float = 1000.0, noise: np.ndarray = NOISE, **how: bool) -> tuple[float, float, float]:
    """Two runs, of which the second one is better by so much."""
    a, b = np.array([0.5]), np.array([0.5 + gap])
    return spread_of((a, b), (np.full((1, noise.shape[1]), 0.5), 0.5 + gap + noise), images, **how)


def test_of_many_images_the_ends_are_percentiles() -> None:
    low, high, _ = between(0.01, 1e9)
    assert (low, high) == pytest.approx(np.quantile(0.01 + NOISE, [0.025, 0.975]))


def test_scores_that_jump_vary_less_than_their_samples() -> None:
    low, high, _ = between(0.01, 1e9, jumping=True)
    assert high - low == pytest.approx(0.95 * 2 * 1.96 * NOISE.std(ddof=1), rel=1e-3)
    assert (low + high) / 2 == pytest.approx(0.01)


def test_few_images_make_it_wider() -> None:
    widths = [high - low for low, high, _ in (between(0.01, images) for images in (1e9, 50, 10, 3))]
    assert widths == sorted(widths)
    assert widths[3] > 2 * widths[0]


@given(st.floats(-0.1, 0.1), st.floats(3, 1e6), st.booleans())
def test_it_is_as_sure_as_its_interval_says(gap: float, images: float, jumping: bool) -> None:
    low, high, chance = between(gap, images, jumping=jumping)
    assert low <= high
    if jumping:
        assert low <= gap <= high
    if not low < 0 < high and gap:
        assert chance >= 0.97
    elif chance > 0.98:
        assert not low < 0 < high


@given(st.floats(0.001, 0.1))
def test_turned_round_it_is_the_same(gap: float) -> None:
    low, high, chance = between(gap, 40)
    back = spread_of((np.array([0.5 + gap]), np.array([0.5])), (0.5 + gap + NOISE, np.full((1, 2000), 0.5)), 40)
    assert back == pytest.approx((-high, -low, chance))


def test_seeds_that_differ_make_it_wider() -> None:
    flat = np.full((3, 2000), 0.5)
    calm = spread_of((np.full(3, 0.5), np.full(3, 0.6)), (flat, 0.6 + NOISE + flat - 0.5), 500)
    wild_a, wild_b = np.array([0.45, 0.5, 0.55]), np.array([0.57, 0.6, 0.63])
    wild = spread_of((wild_a, wild_b), (wild_a[:, None] + flat - 0.5, wild_b[:, None] + NOISE + flat - 0.5), 500)
    assert wild.high - wild.low > 2 * (calm.high - calm.low)
    assert wild.chance < calm.chance


def test_a_side_of_one_run_is_thought_to_vary_as_the_other() -> None:
    own = np.array([0.45, 0.5, 0.55])
    many = np.tile(own[:, None], 2000) + NOISE
    one, three = (spread_of((own, np.full(runs, 0.6)), (many, np.full((runs, 2000), 0.6)), 500) for runs in (1, 3))
    assert one.high - one.low > three.high - three.low


def test_what_differs_nowhere_differs_by_nothing() -> None:
    same = np.array([0.5]), np.full((1, 100), 0.5)
    assert spread_of((same[0], same[0]), (same[1], same[1]), 50) == (0, 0, 0.5)
    low, high, chance = spread_of((same[0], same[0] + 0.1), (same[1], same[1] + 0.1), 50)
    assert (low, high, chance) == pytest.approx((0.1, 0.1, 1.0))


def test_nothing_is_said_where_nothing_is_known() -> None:
    nan = np.array([math.nan]), np.full((1, 100), math.nan)
    for spread in (
        spread_of((nan[0], nan[0]), (nan[1], nan[1]), 50),
        spread_of((np.array([0.5]), np.array([0.5])), (nan[1], nan[1]), 50),
        between(0.1, 1.5),
    ):
        assert all(map(math.isnan, spread))
    assert all(map(math.isnan, NOTHING))


def test_samples_without_a_score_do_not_count() -> None:
    holed = NOISE.copy()
    holed[0, ::3] = np.nan
    assert between(0.01, noise=holed) == pytest.approx(between(0.01, noise=np.delete(NOISE, np.s_[::3], axis=1)))


def test_images_that_hold_most_labels_are_few() -> None:
    each = kind(1)
    level = each._replace(labelled=np.arange(5), labels=np.ones(5, np.float32))
    assert effective_images([level]) == pytest.approx(5)
    steep = level._replace(labels=np.array([96, 1, 1, 1, 1], np.float32))
    assert effective_images([steep]) == pytest.approx(1.085, abs=0.01)
    rare = level._replace(labelled=np.array([0]), labels=np.ones(1, np.float32))
    assert effective_images([level, rare]) == pytest.approx(4 / (1.2**2 + 4 * 0.04))
    assert effective_images([]) == 0
