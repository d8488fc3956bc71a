"""train_batch*.jpg: what the model is given, with its boxes where they are."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from yoloaudit.train.plot.batches import batch_picture
from yoloaudit.train.plot.ink import colour_of
from yoloaudit.train.plot.mosaic import LONGEST_SIDE
from yoloaudit.train.types import Batch


def batch(images: int, *targets: tuple[float, ...], side: int = 64) -> Batch:
    """White pictures; rows of image, class, cx, cy, w, h."""
    pixels = torch.full((images, 3, side, side), 255, dtype=torch.uint8)
    return Batch(pixels, torch.tensor(targets, dtype=torch.float32).reshape(-1, 6), tuple(range(images)))


def opened(jpeg: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("images", [1, 3, 16, 40])
def test_any_number_of_pictures(images: int) -> None:
    made = batch(images, *((place, place, 0.5, 0.5, 0.3, 0.3) for place in range(images)))
    paths = [f"images/train/{'é$' * 90}{place}.jpg" for place in range(images)]
    shape = opened(batch_picture(made, paths, ["a\x1b[31m"])).shape
    assert LONGEST_SIDE * 0.7 < max(shape) <= LONGEST_SIDE


def test_a_box_lies_where_its_target_says_on_the_picture_that_it_is_of() -> None:
    made = batch(4, (2, 0, 0.5, 0.5, 0.5, 0.5))
    pixels = opened(batch_picture(made, ["x.jpg"] * 4, ["cat"])).astype(int)
    near = np.abs(pixels - colour_of(0)).max(axis=2) < 60
    half = pixels.shape[0] // 2
    quarters = [near[:half, :half], near[:half, half:], near[half:, :half], near[half:, half:]]
    assert [bool(quarter.any()) for quarter in quarters] == [False, False, True, False]
    columns = np.flatnonzero(quarters[2].any(axis=0))
    assert (columns.min(), columns.max()) == pytest.approx((0.25 * half, 0.75 * half), abs=0.04 * half)


def test_a_batch_without_targets() -> None:
    assert opened(batch_picture(batch(2), ["a.jpg", "b.jpg"], [])).size
