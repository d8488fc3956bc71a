"""Views of test-time augmentation have the sizes that the trainer gives them."""

import numpy as np
import pytest
import torch

from tests.example_detector import CPU, eager
from yoloaudit.train import decode
from yoloaudit.train.eye import MEAN_GREY, Eye, Timer, batch_of, scaled
from yoloaudit.train.images.augment import Letterboxed
from yoloaudit.train.images.data import Fitted


@pytest.mark.parametrize(
    ("shape", "scale", "padded", "inside"),
    [
        ((640, 640), 0.83, (544, 544), (531, 531)),
        ((640, 640), 0.67, (448, 448), (428, 428)),
        ((384, 640), 0.83, (320, 544), (318, 531)),
        ((32, 64), 0.67, (32, 64), (21, 42)),
    ],
)
def test_a_scaled_view_is_padded_right_and_below(
    shape: tuple[int, int], scale: float, padded: tuple[int, int], inside: tuple[int, int]
) -> None:
    made = scaled(torch.ones((1, 3, *shape)), scale, 32)
    assert tuple(made.shape[2:]) == padded
    assert torch.allclose(made[..., : inside[0], : inside[1]], torch.tensor(1.0))
    assert torch.allclose(made[..., inside[0] :, :], torch.tensor(MEAN_GREY))
    assert torch.allclose(made[..., :, inside[1] :], torch.tensor(MEAN_GREY))
    same = torch.ones((1, 3, *shape))
    assert scaled(same, 1.0, 32) is same


def test_three_views_have_the_rows_of_the_levels_that_count() -> None:
    settings = decode.Settings(0.3, 0.5, 10)
    eye = Eye(eager(), settings, device=CPU, augment=True)
    with torch.inference_mode():
        rows = eye._rows(torch.rand((2, 3, 64, 64)))
    first, second, third = 3 * (64 + 16), 3 * (64 + 16 + 4), 3 * (16 + 4)
    assert [row.shape for row in rows] == [(first + second + third, 8)] * 2


def test_detections_are_in_pixels_of_the_image() -> None:
    eye = Eye(eager(), decode.Settings(0.3, 0.5, 10), device=CPU)
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    plain = Fitted(0, image, native=(64, 64))
    twice = Fitted(1, image, Letterboxed((0.5, 0.5), (0, 0)), (128, 128))
    (one, other), seconds = eye.look([plain, twice])
    assert len(one) > 0
    np.testing.assert_allclose(one.boxes * 2, other.boxes, atol=1e-3)
    assert all(part >= 0 for part in seconds)
    assert eye.look([Fitted(0, error="unreadable")]) == ([], [0, 0, 0, 0])


def test_a_batch_has_no_targets() -> None:
    batch = batch_of([Fitted(5, np.zeros((32, 64, 3), np.uint8)), Fitted(7, np.zeros((32, 64, 3), np.uint8))])
    assert batch.images.shape == (2, 3, 32, 64)
    assert batch.images.dtype == torch.uint8
    assert batch.targets.shape == (0, 6)
    assert batch.places == (5, 7)


def test_a_timer_tells_the_mean_and_the_latest() -> None:
    timer = Timer()
    timer.add(1, [0.001, 0.002, 0.003, 0.004])
    timer.add(3, [0.003, 0.006, 0.009, 0.012])
    assert timer.speed() == pytest.approx((1, 2, 3, 4))
    assert timer.latest == pytest.approx((1, 2, 3, 4))
