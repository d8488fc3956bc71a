"""Sides vary as the trainer's do, and four images become one together with their boxes."""

import random

import pytest
import torch

from yoloaudit.train.samples import scales

IMAGES = torch.arange(8, dtype=torch.uint8)[:, None, None, None].expand(8, 3, 4, 4) * 10


def test_sides_are_even_over_half_to_one_and_a_half_times() -> None:
    sides = [scales.side_of(0, 0, batch, 640, 32) for batch in range(4000)]
    assert set(sides) == set(range(320, 961, 32))
    assert abs(sum(sides) / len(sides) - 640) < 10
    assert sides[:9] == [scales.side_of(0, 0, batch, 640, 32) for batch in range(9)]
    assert sides[:9] != [scales.side_of(0, 1, batch, 640, 32) for batch in range(9)]
    assert min(scales.side_of(0, 0, batch, 32, 32) for batch in range(20)) == 32


@pytest.mark.parametrize(("side", "shape"), [(64, (64, 64)), (96, (96, 96)), (40, (64, 64))])
def test_scaling_rounds_up_to_the_stride(side: int, shape: tuple[int, int]) -> None:
    images = torch.rand(2, 3, 64, 64)
    scaled = scales.scaled(images, side, 32)
    assert scaled.shape[2:] == shape
    assert scales.scaled(images, 64, 32) is images
    assert scales.scaled(torch.rand(1, 3, 32, 64), 96, 32).shape[2:] == (64, 96)


def test_four_become_one() -> None:
    rows = [
        [0, 1, 0.5, 0.5, 0.2, 0.4],
        [1, 2, 0.5, 0.5, 0.2, 0.4],
        [3, 0, 0.0, 1.0, 0.2, 0.4],
        [6, 5, 0.2, 0.2, 0.1, 0.1],
    ]
    targets = torch.tensor(rows)
    seen = set()
    for seed in range(8):
        images, made = scales.quads(IMAGES, targets, random.Random(seed))
        assert images.shape == (2, 3, 8, 8)
        assert images.dtype == torch.uint8
        one = bool((images[0] == 0).all())
        mine = made[made[:, 0] == 0][:, 1:]
        if one:
            assert torch.equal(mine, targets[:1, 1:])
        else:
            expected = [[1, 0.25, 0.25, 0.1, 0.2], [2, 0.75, 0.25, 0.1, 0.2], [0, 0.5, 1.0, 0.1, 0.2]]
            torch.testing.assert_close(mine, torch.tensor(expected))
            assert images[0, 0, ::4, ::4].tolist() == [[0, 10], [20, 30]]
        alone = bool((images[1] == 40).all())
        expected = [] if alone else [[5, 0.1, 0.6, 0.05, 0.05]]
        torch.testing.assert_close(made[made[:, 0] == 1][:, 1:], torch.tensor(expected).reshape(-1, 5))
        seen.add(one)
    assert seen == {True, False}
    assert targets[3, 0] == 6, "the batch is not changed"
