"""Numbers of pixels, against the formulas they stand for."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.example_pictures import Pixels, texture
from yoloaudit.measure.pixels import (
    GREY_SIDE,
    GREY_SPREAD,
    Measured,
    contrast,
    entropy,
    histogram,
    measure,
    sharpness,
    small,
)

PERCEIVED = np.array([0.241, 0.691, 0.068])
LUMA = np.array([0.299, 0.587, 0.114])


def _flat(*colour: int, width: int = 20, height: int = 10) -> Pixels:
    return np.full((height, width, 3), colour, np.uint8)


def _numbers(picture: Pixels) -> Measured:
    return measure(picture)[0]


def test_brightness_is_the_perceived_one_at_three_percentiles() -> None:
    picture = texture(4, 101, 1)
    ranked = np.sort(np.sqrt((picture.reshape(-1, 3).astype(float) ** 2) @ PERCEIVED)) / 255
    numbers = _numbers(picture)
    assert numbers.brightness_p5 == pytest.approx(ranked[5], abs=2e-5)
    assert numbers.brightness_p50 == pytest.approx(ranked[50], abs=2e-5)
    assert numbers.brightness_p99 == pytest.approx(ranked[99], abs=2e-5)


@pytest.mark.parametrize(
    ("colour", "share"), [((255, 0, 0), 0.241**0.5), ((0, 255, 0), 0.691**0.5), ((0, 0, 255), 0.068**0.5)]
)
def test_each_channel_has_its_weight(colour: tuple[int, int, int], share: float) -> None:
    numbers = _numbers(_flat(*colour))
    assert numbers.brightness_p5 == numbers.brightness_p50 == numbers.brightness_p99 == pytest.approx(share, abs=2e-5)
    assert numbers.saturation == 1
    assert (numbers.red, numbers.green, numbers.blue) == tuple(level / 255 for level in colour)


@pytest.mark.parametrize("level", [0, 90, 255])
def test_a_flat_picture_shows_nothing(level: int) -> None:
    numbers, grey = measure(_flat(level, level, level))
    assert numbers.brightness_p50 == pytest.approx(level / 255, abs=2e-5)
    assert numbers.sharpness == pytest.approx(0, abs=1e-3)
    assert (numbers.saturation, numbers.grey) == (0, True)
    assert grey.shape == (10, 20)
    assert (grey == level).all()
    assert (small(grey) == level).all()


def test_contrast_is_the_spread_of_the_grey_levels() -> None:
    grey = measure(texture(4))[1]
    counts = np.stack([histogram(levels).astype(float) for levels in (grey, np.array([[0, 255]], np.uint8))])
    assert contrast(counts).tolist() == pytest.approx([grey.std() / 255, 0.5])
    assert contrast(np.zeros((1, 256))).tolist() == [0]


def test_grey_levels_are_rounded_luma() -> None:
    picture = texture(4)
    apart = np.abs(measure(picture)[1] - picture @ LUMA)
    assert apart.max() <= 0.502


def test_grey_means_that_channels_hardly_differ_anywhere() -> None:
    spread = int(GREY_SPREAD)
    assert _numbers(_flat(100, 100 + spread, 100)).grey
    assert not _numbers(_flat(100, 100 + spread + 1, 100)).grey
    one_pixel = _flat(100, 100, 100)
    one_pixel[3, 3] = (100, 100, 120)
    assert not _numbers(one_pixel).grey


def test_saturation_is_the_mean_difference_of_the_channels() -> None:
    picture = texture(4)
    spread = picture.max(axis=2).astype(float) - picture.min(axis=2)
    assert _numbers(picture).saturation == pytest.approx(spread.mean() / 255, rel=1e-4)


def test_sharpness_falls_with_every_blur() -> None:
    image = Image.fromarray(np.random.default_rng(4).integers(0, 256, (60, 80, 3)).astype(np.uint8))
    blurred = [np.asarray(image.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 2, 4)]
    measured = [_numbers(picture).sharpness for picture in blurred]
    assert all(sharp > 1.2 * soft for sharp, soft in pairwise(measured)), measured


def test_sharpness_of_one_dot() -> None:
    dot = np.zeros((7, 7), np.uint8)
    dot[3, 3] = 10
    values = np.zeros(25)
    values[:5] = 40, -10, -10, -10, -10
    assert sharpness(dot) == pytest.approx(values.std())


@pytest.mark.parametrize("slope", [(1, 0), (3, 2)])
def test_a_slope_has_no_sharpness(slope: tuple[int, int]) -> None:
    down, right = np.indices((8, 9))
    assert sharpness((slope[0] * down + slope[1] * right).astype(np.uint8)) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (2, 50), (50, 2)])
def test_a_picture_without_an_inside_has_no_sharpness(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    assert _numbers(picture).sharpness == 0


def test_the_small_picture_holds_means() -> None:
    down, across = np.mgrid[: 2 * GREY_SIDE, : 3 * GREY_SIDE]
    grey = (down + across // 2).astype(np.uint8)
    means = grey.reshape(GREY_SIDE, 2, GREY_SIDE, 3).mean(axis=(1, 3))
    assert np.abs(small(grey) - means).max() <= 1
    assert small(np.array([[7]], np.uint8)).tolist() == [[7] * GREY_SIDE] * GREY_SIDE


def test_a_histogram_counts_every_level() -> None:
    grey = measure(texture(4))[1]
    assert histogram(grey).tolist() == np.bincount(grey.ravel(), minlength=256).tolist()


def test_entropy_of_known_histograms() -> None:
    histograms = np.zeros((6, 256))
    histograms[1, 17] = 1000
    histograms[2, [3, 200]] = 50
    histograms[3] = 9
    histograms[4, :4] = 4, 2, 1, 1
    histograms[5, 0] = 1 << 40
    assert entropy(histograms).tolist() == pytest.approx([0, 0, 1, 8, 1.75, 0])
    assert entropy(np.zeros((0, 256))).tolist() == []
