"""What a place of an epoch draws depends on nothing but seed, epoch and place."""

from itertools import pairwise

import pytest

from yoloaudit.train.samples.streams import streams


def test_the_same_place_draws_the_same() -> None:
    first, second = streams(3, 4, 5), streams(3, 4, 5)
    assert first.python.random() == second.python.random()
    assert first.numpy.uniform() == second.numpy.uniform()


@pytest.mark.parametrize("other", [(1, 4, 5), (3, 1, 5), (3, 4, 1), (3, 45, ""), (34, 4, 5), (3, 4, "order")])
def test_another_place_draws_other_numbers(other: tuple[int, int, int | str]) -> None:
    mine, its = streams(3, 4, 5), streams(*other)
    assert mine.python.random() != its.python.random()
    assert mine.numpy.uniform() != its.numpy.uniform()


def test_neighbours_have_nothing_in_common() -> None:
    drawn = sorted(streams(0, 0, place).python.random() for place in range(1000))
    assert max(after - before for before, after in pairwise(drawn)) < 0.02
    assert 0.45 < sum(drawn) / len(drawn) < 0.55
