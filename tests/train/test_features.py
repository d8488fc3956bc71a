"""What lies in a box, in numbers: the mean of the maps over it, whatever was done to make the image fit."""

import numpy as np
import pytest
import torch

from tests.example_detector import CPU, eager
from yoloaudit.train.features import LEAST_SIDE, WIDTH, Describer, _pooled, _projection
from yoloaudit.train.images.augment import Letterboxed
from yoloaudit.train.images.data import Fitted

IMAGE = np.random.default_rng(0).integers(0, 255, (96, 64, 3), np.uint8)
BOXES = np.array(
    [
        [4.0, 4, 30, 40],
        [0, 0, 64, 96],
        [10, 10, 20, 20],
        [-30, -30, 90, 120],
        [5, 5, np.nan, 9],
        [-np.inf, 0, 1e30, 50],
        [70, 0, 99, 50],
    ]
)


def test_boxes_in_pixels_of_the_image() -> None:
    describer = Describer(eager(), device=CPU)
    looks = describer.describe(Fitted(0, IMAGE, native=(96, 64)), BOXES)
    assert looks.shape == (7, 3, WIDTH)
    assert np.isfinite(looks).all(axis=(1, 2)).tolist() == [True, True, False, True, False, True, False]
    np.testing.assert_array_equal(looks[3], looks[1])
    twice = Fitted(0, IMAGE, Letterboxed((0.5, 0.5), (0, 0)), (192, 128))
    np.testing.assert_array_equal(describer.describe(twice, BOXES[:2] * 2), looks[:2])
    moved = Fitted(0, IMAGE, Letterboxed((1, 1), (3, 2)), (96, 64))
    np.testing.assert_allclose(describer.describe(moved, BOXES[:1] - [3, 2, 3, 2]), looks[:1])
    assert describer.describe(twice, BOXES[:0]).shape == (0, 3, WIDTH)


def test_the_model_is_left_as_it_is() -> None:
    before = {name: tensor.clone() for name, tensor in eager().state_dict().items()}
    Describer(eager(), device=CPU).describe(Fitted(0, IMAGE, native=(96, 64)), BOXES)
    assert not eager().head._forward_pre_hooks
    assert all(torch.equal(tensor, before[name]) for name, tensor in eager().state_dict().items())


def test_the_mean_over_a_box() -> None:
    maps = torch.zeros((1, 2, 8, 8))
    maps[0, 0, :4], maps[0, 1, :, :2] = 1.0, 4.0
    boxes = torch.tensor([[8.0, 8, 24, 24], [40, 40, 64, 64], [0, 0, 64, 64]])
    means = _pooled(maps, boxes, 8).numpy()
    assert means[0] == pytest.approx([1, 2], abs=0.3)
    assert means[1] == pytest.approx([0, 0])
    assert means[2] == pytest.approx([0.5, 1], abs=0.1)
    assert LEAST_SIDE == 16


def test_a_projection_keeps_angles() -> None:
    assert torch.equal(_projection(32), torch.eye(32, WIDTH))
    assert torch.equal(_projection(256), _projection(256))
    points = torch.randn((50, 256), generator=torch.Generator().manual_seed(0))
    near, far = points + 0.2 * points.flip(1), points.roll(1, 0)
    made = [torch.nn.functional.normalize(each @ _projection(256)) for each in (points, near, far)]
    assert ((made[0] * made[1]).sum(1) > (made[0] * made[2]).sum(1)).all()
