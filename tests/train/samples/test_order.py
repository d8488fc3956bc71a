"""Every image comes once an epoch, in an order of its own, and every process has its share of each batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.train.samples import order

COUNTS = st.integers(1, 60)


@given(COUNTS, st.integers(0, 5), st.integers(0, 5))
def test_each_image_once(count: int, seed: int, epoch: int) -> None:
    dealt = order.shuffled(count, 64, seed, epoch)
    assert sorted(dealt.images.tolist()) == list(range(count))
    assert (dealt.images == order.shuffled(count, 64, seed, epoch).images).all()
    assert (dealt.shapes == 64).all()


def test_epochs_and_seeds_differ() -> None:
    orders = {tuple(order.shuffled(50, 64, seed, epoch).images.tolist()) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16


@given(COUNTS, st.integers(1, 20), st.integers(1, 4))
def test_processes_share_every_batch(count: int, batch: int, world: int) -> None:
    batch *= world
    whole: list[int] = []
    for number in range(-(-count // batch)):
        shares = [order.share(count, batch, number, rank, world).tolist() for rank in range(world)]
        assert all(shares)
        assert max(map(len, shares)) - min(map(len, shares)) <= 1
        joined = [position for share in shares for position in share]
        assert (
            joined[: batch if number < count // batch else count % batch]
            == order.share(count, batch, number, 0, 1)[:count].tolist()
        )
        whole += joined
    assert whole[:count] == list(range(count))
    assert len(whole) < count + world


def test_images_come_as_often_as_they_weigh() -> None:
    dealt = order.weighted(np.array([0.0, 1.0, 3.0] * 1000), 64, 0, 0)
    drawn = np.bincount(dealt.images % 3, minlength=3)
    assert drawn[0] == 0
    assert 2.5 < drawn[2] / drawn[1] < 3.5
    assert len(dealt.images) == 3000


def test_images_without_any_weight_come_alike() -> None:
    assert len(set(order.weighted(np.zeros(100), 64, 0, 0).images.tolist())) > 50


@pytest.mark.parametrize("pad", [0.0, 0.5])
def test_rectangles_hold_their_images(pad: float) -> None:
    sizes = np.array([[60, 100], [100, 60], [100, 100], [50, 100], [30, 100]])
    dealt = order.rectangular(sizes, 64, 2, 32, pad)
    assert sorted(dealt.images.tolist()) == [0, 1, 2, 3, 4]
    assert (dealt.shapes % 32 == 0).all()
    fitting = np.floor(sizes[dealt.images] * 64 / 100)
    assert (dealt.shapes >= fitting).all()


def test_as_listed() -> None:
    assert order.as_listed(3, 64).images.tolist() == [0, 1, 2]
    assert order.as_listed(3, 64).shapes.tolist() == [[64, 64]] * 3
