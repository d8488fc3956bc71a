"""Groups are dealt whole; every split gets its share of every label."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.stratify import Holdings, Integers, deal


def holdings_of(table: list[list[int]]) -> Holdings:
    """From a table of groups × labels that says how many images of each group show a label; two instances in each."""
    counts = np.array(table)
    group, label = np.nonzero(counts)
    return Holdings(group, label, counts[group, label], 2 * counts[group, label])


def dealt(shares: list[float], sizes: list[int], table: list[list[int]], seed: int = 0) -> Integers:
    return deal(shares, np.array(sizes), holdings_of(table), np.random.default_rng(seed))


@given(
    sizes=st.lists(st.integers(1, 30), min_size=3, max_size=60),
    val=st.floats(0.01, 0.6),
    test=st.floats(0.01, 0.3),
    seed=st.integers(0, 9),
)
def test_no_split_is_empty_and_no_group_is_without_one(sizes: list[int], val: float, test: float, seed: int) -> None:
    split = dealt([1 - val - test, val, test], sizes, [[size] for size in sizes], seed)
    assert len(split) == len(sizes)
    assert set(split.tolist()) == {0, 1, 2}


@given(sizes=st.lists(st.integers(1, 5), min_size=40, max_size=120), val=st.floats(0.1, 0.5), seed=st.integers(0, 9))
def test_many_small_groups_come_within_one_group_of_the_share(sizes: list[int], val: float, seed: int) -> None:
    split = dealt([1 - val, val], sizes, [[size] for size in sizes], seed)
    images = np.array(sizes)[split == 1].sum()
    assert abs(images - val * sum(sizes)) <= max(sizes)


@pytest.mark.parametrize("seed", range(5))
def test_every_label_has_its_share(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = (rng.random((400, 6)) < np.array([0.9, 0.5, 0.3, 0.2, 0.1, 0.05])).astype(int)
    table[:, 0] |= ~table.any(axis=1)
    split = dealt([0.7, 0.2, 0.1], [1] * 400, table.tolist(), seed)
    for number, share in enumerate((0.7, 0.2, 0.1)):
        assert np.abs(table[split == number].sum(axis=0) / table.sum(axis=0) - share).max() < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_images_in_all_count_as_much_as_all_labels(seed: int) -> None:
    sizes = np.random.default_rng(seed).integers(1, 60, 60)
    table = np.eye(20, dtype=int)[np.arange(60) % 20]
    split = dealt([0.8, 0.2], sizes.tolist(), table.tolist(), seed)
    assert sizes[split == 1].sum() / sizes.sum() == pytest.approx(0.2, abs=0.03)


@given(sizes=st.lists(st.integers(1, 9), min_size=5, max_size=40), count=st.integers(2, 5), seed=st.integers(0, 9))
def test_where_nothing_is_learnt_from_the_first_it_is_like_the_others(sizes: list[int], count: int, seed: int) -> None:
    """Each group has a label of its own, which would all go to the first."""
    holdings = holdings_of((np.eye(len(sizes), dtype=int) * np.array(sizes)).tolist())
    rng = np.random.default_rng(seed)
    split = deal([1 / count] * count, np.array(sizes), holdings, rng, learnt=False)
    images = np.bincount(split, weights=sizes, minlength=count)
    assert images.min() > 0
    assert images.max() - images.min() <= 2 * max(sizes)


def test_a_label_of_one_group_is_learnt() -> None:
    table = np.zeros((40, 21), dtype=int)
    table[:, 0] = 1
    table[np.arange(20), np.arange(1, 21)] = 1
    split = dealt([0.5, 0.5], [1] * 40, table.tolist())
    assert not split[:20].any()
    assert split[20:].all()


def test_a_group_larger_than_val_is_trained_on() -> None:
    assert dealt([0.8, 0.2], [90, 4, 6], [[90], [4], [6]]).tolist() == [0, 1, 1]


def test_chance_decides_among_equal_groups_alone() -> None:
    table = [[1]] * 30
    first, again, other = (dealt([0.8, 0.2], [1] * 30, table, seed) for seed in (3, 3, 4))
    assert first.tolist() == again.tolist() != other.tolist()
    assert first.sum() == other.sum() == 6
