"""How many rows are wrong, and which: on scores of which it is known."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit

from yoloaudit.evidence import Floats
from yoloaudit.measure.judge import chances as judged
from yoloaudit.measure.judge.chances import MOST, MOST_SHARE, ORDER, UNCLEAR, Looks, expected

NUMBER = st.floats(-30, 30, allow_nan=False)


def chances(scores: Floats, planted: Floats, believed: float = 1.0) -> Floats:
    """Of one kind of error alone."""
    return judged.chances([Looks(scores, planted, believed)])[0]


def mixture(seed: int, apart: float, share: float, count: int = 1500) -> tuple[Floats, Floats, Floats]:
    """Scores of rows, which of them are wrong, and scores of planted errors, which are alike."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(count) < share
    scores: Floats = rng.normal(size=count) + apart * wrong
    return scores, wrong.astype(np.float64), rng.normal(apart, 1, 3 * count)


@pytest.mark.parametrize("share", [0.03, 0.1, 0.2])
def test_as_many_are_expected_as_there_are(share: float) -> None:
    ratios = []
    for seed in range(8):
        scores, wrong, planted = mixture(seed, 4.0, share)
        ratios.append(expected(scores, planted) / wrong.sum())
    assert 0.8 < np.mean(ratios) < 1.35
    assert all(0.6 < ratio < 1.8 for ratio in ratios)


@pytest.mark.parametrize("apart", [2.0, 3.0])
def test_chances_hold_over_all_rows(apart: float) -> None:
    """Of rows with a chance of about a half, about a half is wrong: ten per cent of errors, eight seeds."""
    made, truth = [], []
    for seed in range(8):
        scores, wrong, planted = mixture(seed, apart, 0.1)
        made.append(chances(scores, planted))
        truth.append(wrong)
    chance, wrong = np.concatenate(made), np.concatenate(truth)
    for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.7), (0.7, 1.0)):
        inside = (chance >= low) & (chance < high)
        if inside.sum() >= 60:
            assert abs(chance[inside].mean() - wrong[inside].mean()) < 0.16
    assert 0.75 < chance.sum() / wrong.sum() < 1.4


@pytest.mark.parametrize("apart", [4.0, 6.0])
def test_where_errors_stand_well_apart_few_rows_are_in_doubt(apart: float) -> None:
    for seed in range(4):
        scores, wrong, planted = mixture(seed, apart, 0.1)
        made = chances(scores, planted)
        assert 0.7 < made.sum() / wrong.sum() < 1.3
        assert made[wrong == 1].mean() > 0.55
        assert made[wrong == 0].mean() < 0.02


def test_all_right_and_far_from_errors() -> None:
    rng = np.random.default_rng(0)
    made = chances(rng.normal(size=1000), rng.normal(60, 1, 3000))
    assert made.sum() < 1


@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_few_that_stand_out_do_not_make_the_rest_suspect(spread: float) -> None:
    """All that stand out are errors: a flat curve would be as good for them, and call everything wrong."""
    rng = np.random.default_rng(3)
    scores = np.concatenate([rng.normal(-13, 1, 290), rng.normal(0, spread, 14)])
    made = chances(scores, rng.normal(0, spread, 300))
    assert made[:290].sum() < 3
    assert made[290:].mean() > 0.7


@given(st.lists(NUMBER, max_size=30), st.lists(st.one_of(NUMBER, st.just(-np.inf)), max_size=30))
def test_laws(scores: list[float], planted: list[float]) -> None:
    """Chances are bounded, rise with the score, add up to no more than is expected of half of all rows; no warning."""
    rows, errors = np.array(scores, float), np.array(planted, float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made, count = chances(rows, errors), expected(rows, errors)
    assert made.shape == rows.shape
    assert ((made >= 0) & (made <= MOST + ORDER)).all()
    assert (np.diff(made[np.argsort(rows, kind="stable")]) >= -1e-12).all()
    assert 0 <= count <= MOST_SHARE * len(rows)


def test_errors_that_show_nowhere_are_still_errors() -> None:
    """Half of the planted errors leave no trace: twice as many are expected as can be pointed at."""
    scores, wrong, planted = mixture(0, 5.0, 0.1)
    halved = np.concatenate([planted, np.full(len(planted), -np.inf)])
    assert expected(scores, halved) == pytest.approx(2 * expected(scores, planted), rel=0.35)
    assert chances(scores, halved).sum() == pytest.approx(wrong.sum(), rel=0.35)


def test_the_order_of_rows_does_not_matter() -> None:
    scores, _, planted = mixture(1, 3.0, 0.1, 400)
    order = np.random.default_rng(0).permutation(len(scores))
    np.testing.assert_allclose(chances(scores, planted)[order], chances(scores[order], planted[::-1]), atol=1e-6)


def test_the_surest_remain_in_order() -> None:
    """Also as the table keeps them, in four bytes."""
    scores, _, planted = mixture(2, 6.0, 0.1)
    sure = np.sort(scores)[-50:] * np.linspace(1, 2, 50)
    made = chances(np.concatenate([scores[:1000], sure]), planted)[-50:].astype(np.float32)
    assert (np.diff(made) > 0).all()


def test_kinds_share_a_slope() -> None:
    """A step in the score is worth as much for either kind, however few of it are known."""
    many, _, planted = mixture(0, 3.0, 0.1)
    few, _, of_few = mixture(1, 3.0, 0.1, 300)
    at = np.linspace(-1, 1, 5)
    both = judged.chances([Looks(np.append(many, at), planted), Looks(np.append(few, at), of_few)])
    heights = [logit(made[-5:] / MOST) for made in both]
    steps = np.diff(heights, axis=1)
    assert steps.min() > 0.1
    np.testing.assert_allclose(steps[0], steps[1], rtol=1e-6)


def test_who_overlooks_none_of_the_clearest_may_overlook_others() -> None:
    """Errors among the rows look like the planted ones but for the clearest quarter, of which there are none."""
    rng = np.random.default_rng(0)
    planted = rng.normal(4, 1, 500)
    overlooked = np.sort(rng.normal(4, 1, 120))[:90]
    rows = np.concatenate([rng.normal(-4, 1, 2000), overlooked])
    assert expected(rows, planted) < 20
    assert 45 < expected(rows, planted, UNCLEAR) < 130
    chance = judged.chances([Looks(rows, planted, 1.0, 1.0)])[0]
    assert 40 < chance[-90:].sum() < 130
    assert chance[:2000].sum() < 10


def test_that_there_are_none_above_the_highest_scores_may_be_luck() -> None:
    rng = np.random.default_rng(0)
    planted = rng.normal(6, 1, 3000)
    missed = np.sort(rng.choice(planted, 13))
    few = missed[missed < np.quantile(planted, 0.8)]  # none of the clearest fifth
    assert expected(np.concatenate([rng.normal(0, 1, 900), few]), planted) > 0.6 * len(few)
