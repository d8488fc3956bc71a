"""split-appearance-drift: what differs, by how much, and how often chance alone is found to."""

import numpy as np
import pytest

from tests.example_looks import number, pixels_of, sentences
from tests.example_tables import images_of
from yoloaudit.checks.variety.split_appearance_drift import SplitAppearanceDrift
from yoloaudit.dataset.tables import Defects

LOOKS = ("brightness_p50", "contrast", "saturation", "red")


def find(train: int, val: int, seed: int = 0, **shift: float) -> Defects:
    """Random looks; `shift` is added to those of val."""
    rng = np.random.default_rng(seed)
    images = images_of(train + val, split=["train"] * train + ["val"] * val)
    looks = {name: rng.random(train + val) for name in LOOKS}
    for name, amount in shift.items():
        looks[name][train:] += amount
    return SplitAppearanceDrift().find(images, pixels_of(train + val, **looks))


def test_what_differs_is_named_alone() -> None:
    defects = find(1000, 500, saturation=0.3)
    (said,) = sentences(SplitAppearanceDrift(), defects)
    assert said.startswith("saturation of train and val is 0.3")
    assert number(defects) == pytest.approx(0.3, abs=0.05)
    assert defects["split"].tolist() == ["val"]


def test_a_small_shift_of_large_splits_passes() -> None:
    assert not len(find(5000, 5000, contrast=0.18))
    assert len(find(5000, 5000, contrast=0.22)) == 1


def test_random_splits_differ_at_most_once_in_twenty_times() -> None:
    alarms = sum(len(find(80, 20, seed)) > 0 for seed in range(100))
    assert alarms <= 5


def test_too_few_images_say_nothing() -> None:
    assert number(find(100, 1, brightness_p50=5.0)) is None
    assert number(find(0, 100)) is None
    assert len(find(100, 6, brightness_p50=5.0)) == 1


def test_shape_and_size_are_compared_too() -> None:
    images = images_of(200, split=["train"] * 100 + ["val"] * 100)
    images["width"] = np.where(np.arange(200) < 100, 640, 320).astype(np.int32)
    assert SplitAppearanceDrift().find(images, pixels_of(200))["look"].tolist() == ["aspect ratio", "area in pixels"]


def test_images_that_were_not_decoded_are_left_out() -> None:
    images = images_of(200, split=["train"] * 100 + ["val"] * 100)
    bright = np.where(np.arange(200) < 100, 0.3, np.nan)
    pixels = pixels_of(200, brightness_p50=bright, decoded=[i < 100 for i in range(200)])
    assert not len(SplitAppearanceDrift().find(images, pixels))
