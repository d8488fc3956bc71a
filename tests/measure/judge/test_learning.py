"""Nothing is judged by what was learnt on its own image; what tells kinds apart is learnt; no warning."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import norm

from yoloaudit.evidence import Floats, Integers, Mask
from yoloaudit.measure.judge import learning
from yoloaudit.measure.judge.learning import FOLDS, likeness


def asked(
    numbers: Floats,
    kinds: Integers,
    images: Integers,
    taught: Mask | None = None,
    doubted: Sequence[int] = (),
    seed: int = 0,
) -> Floats:
    mask = np.ones(len(kinds), np.bool_) if taught is None else taught
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return likeness(
            numbers.astype(np.float32), kinds, images, mask, seed=seed, threads=1, lines=0.4, doubted=doubted
        )


def auroc(right: Floats, wrong: Floats) -> float:
    """Share of pairs in which the wrong one has the higher score."""
    return float(((wrong[:, None] > right[None]) + 0.5 * (wrong[:, None] == right[None])).mean())


@pytest.mark.parametrize("doubted", [(), (1,)])
def test_what_is_peculiar_to_an_image_is_no_help_on_that_image(doubted: tuple[int, ...]) -> None:
    """Each image has numbers of its own, and rows of one kind only: who looked at it would know them all."""
    rng = np.random.default_rng(0)
    images = np.repeat(np.arange(80), 24)  # three leaves
    kinds = (rng.random(80) < 0.5).astype(np.int64)[images]
    numbers = rng.normal(size=(80, 6))[images] + rng.normal(0, 0.01, (len(images), 6))
    score = asked(numbers, kinds, images, doubted=doubted)[:, 1]
    assert 0.3 < auroc(score[kinds == 0], score[kinds == 1]) < 0.7
    own = asked(numbers, kinds, np.arange(len(images)))[:, 1]
    assert auroc(own[kinds == 0], own[kinds == 1]) > 0.95, "it could be learnt, were rows dealt out one by one"


def kinds_apart(seed: int, rows: int = 800) -> tuple[Floats, Integers, Integers]:
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 3, rows)
    numbers = rng.normal(size=(rows, 5))
    numbers[:, 0] += 3 * (kinds == 1)
    numbers[:, 1] += 3 * (kinds == 2)
    return numbers, kinds, rng.integers(0, 50, rows)


def test_each_kind_is_told_from_rows_as_they_are() -> None:
    numbers, kinds, images = kinds_apart(0)
    made = asked(numbers, kinds, images)
    assert made.shape == (len(kinds), 3)
    np.testing.assert_allclose(made[:, 0], 0, atol=1e-9)
    for kind in (1, 2):
        assert auroc(made[kinds == 0, kind], made[kinds == kind, kind]) > 0.93
        assert auroc(made[kinds == 3 - kind, kind], made[kinds == kind, kind]) > 0.9
        assert made[kinds == kind, kind].mean() > 0 > made[kinds == 0, kind].mean()


@pytest.mark.parametrize("doubles", [150, 300, 450, 900])
def test_what_is_next_in_rank_is_told_apart_if_it_lies_apart(doubles: int) -> None:
    """Few labels overlap another one by two thirds, and none by more, but for doubles, however many there are."""
    rng = np.random.default_rng(0)
    parts = rng.uniform(0, 0.05, 3000), rng.uniform(0.55, 0.75, 40), rng.uniform(0.86, 0.97, doubles)
    kinds = np.repeat([0, 0, 1], [len(part) for part in parts])
    numbers = np.column_stack([np.concatenate(parts), rng.normal(size=(len(kinds), 4))])
    made = asked(numbers, kinds, rng.integers(0, 60, len(kinds)))[:, 1]
    assert auroc(made[3000:3040], made[3040:]) > 0.97


def test_equal_numbers_have_the_mean_of_their_ranks() -> None:
    """Also where they are the lowest or the highest of all: most labels overlap no other, and are no outliers."""
    rng = np.random.default_rng(0)
    middle = np.concatenate([np.zeros(300), rng.uniform(1, 2, 700)])
    numbers = np.column_stack([middle, -middle, rng.integers(0, 2, 1000) * 40.0 - 9.2]).astype(np.float32)
    taught = np.ones(1000, np.bool_)
    taught[999] = False
    table = learning._Table(numbers, taught)
    low = norm.ppf(0.15)
    np.testing.assert_allclose(table.known[:300, 0], low, atol=0.05)
    np.testing.assert_allclose(table.known[:300, 1], -low, atol=0.05)
    assert np.abs(table.known[:, 2]).max() < 0.8, "two values lie as far apart as two halves do"
    parts = dict(zip(("taught", "other"), table.parts(np.arange(990, 1000)), strict=True))
    assert parts["taught"][0].tolist() == list(range(990, 999))
    assert parts["other"][0].tolist() == [999]
    assert np.abs(np.concatenate([part for _, part in parts.values()])).max() < 3.2, "nothing lies further out"


def test_how_many_rows_a_kind_has_does_not_matter() -> None:
    """Likeness is a ratio for kinds that are equally frequent: also where one is planted ten times as often."""
    numbers, kinds, images = kinds_apart(1, 1200)
    rare = (kinds != 1) | (np.arange(len(kinds)) % 5 == 0)
    all_rows, fewer = asked(numbers, kinds, images)[rare], asked(numbers[rare], kinds[rare], images[rare])
    assert abs(np.median(all_rows[:, 1] - fewer[:, 1])) < 0.6


def test_rows_that_are_not_taught_are_judged_and_teach_nothing() -> None:
    numbers, kinds, images = kinds_apart(2, 400)
    taught = images % 2 == 0
    spoilt = kinds.copy()
    spoilt[~taught] = 0
    one, other = asked(numbers, kinds, images, taught), asked(numbers, np.where(taught, kinds, kinds), images, taught)
    np.testing.assert_array_equal(one, other)
    odd = numbers.copy()
    odd[np.flatnonzero(~taught)[:50]] = 99
    np.testing.assert_allclose(asked(odd, kinds, images, taught)[taught], one[taught])
    assert auroc(one[(kinds == 0) & ~taught, 1], one[(kinds == 1) & ~taught, 1]) > 0.9


def test_the_seed_decides() -> None:
    numbers, kinds, images = kinds_apart(3, 300)
    one = asked(numbers, kinds, images)
    np.testing.assert_array_equal(one, asked(numbers, kinds, images))
    assert not np.array_equal(one, asked(numbers, kinds, images, seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        both = likeness(numbers.astype(np.float32), kinds, images, np.ones(300, np.bool_), seed=0, threads=2, lines=0.4)
    np.testing.assert_allclose(one, both, atol=1e-9)


def test_doubt_tells_hidden_errors_at_least_as_well() -> None:
    """One row of ten is said to be as it is and is not: the judge learns from them as if they were right."""
    ranks = []
    for doubted in ((), (1,)):
        numbers, kinds, images = kinds_apart(5, 1000)
        hidden = (kinds == 1) & (np.arange(1000) % 4 == 0)
        score = asked(numbers, np.where(hidden, 0, kinds), images, doubted=doubted)[:, 1]
        ranks.append(auroc(score[kinds == 0], score[hidden]))
    assert ranks[1] > max(0.93, ranks[0] - 0.01)


@pytest.mark.parametrize("kinds", [[], [0] * 40, [1] * 40])
def test_where_there_is_nothing_to_learn_from_nothing_is_said(kinds: list[int]) -> None:
    made = asked(np.ones((len(kinds), 3)), np.array(kinds, np.int64), np.arange(len(kinds)))
    assert made.shape == (len(kinds), max(kinds, default=0) + 1)
    assert not made.any()


def test_images_with_labels_are_dealt_out_evenly_among_many_without() -> None:
    """Otherwise all of the few might be held at once, and nothing learnt."""
    images = np.arange(200)
    kinds = np.full(200, 5)
    kinds[::50] = 0
    for seed in range(20):
        folds = learning._folds(images, kinds, seed)
        assert sorted(folds[::50].tolist()) == list(range(FOLDS))
        assert np.bincount(folds, minlength=FOLDS).tolist() == [50] * FOLDS


def test_numbers_that_never_change_and_regressions_that_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "STEPS", 2)
    numbers, kinds, images = kinds_apart(4, 200)
    numbers[:, 2:] = 1e6
    assert np.isfinite(asked(numbers, kinds, images)).all()
