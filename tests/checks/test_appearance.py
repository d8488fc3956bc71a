"""Numbers of how images look, and which images count."""

import numpy as np

from tests.example_looks import pixels_of
from tests.example_tables import images_of
from yoloaudit.checks.appearance import looks, size_in_words, sizes, trained_on


def test_dropped_images_and_those_of_other_splits_do_not_count() -> None:
    images = images_of(4, split=["train", "train", "val", "train"], fate=["used", "dropped", "used", "background"])
    assert trained_on(images).tolist() == [True, False, False, True]
    assert trained_on(images, "val").tolist() == [False, False, True, False]


def test_what_is_not_known_is_no_number() -> None:
    images = images_of(3, width=200, height=100)
    images["width"] = np.array([200, 0, 200], dtype=np.int32)
    numbers = looks(images, pixels_of(3, decoded=[True, True, False], red=[0.75, 0.5, 0.5]))
    assert [np.isnan(numbers[name]).tolist() for name in ("aspect ratio", "area in pixels")] == [
        [False, True, False]
    ] * 2
    assert np.isnan(numbers["brightness"]).tolist() == [False, False, True]
    assert numbers["aspect ratio"][0] == 2
    assert numbers["area in pixels"][0] == 20_000
    assert numbers["warmth (red minus blue)"][0] == 0.25


def test_sizes_as_numbers_and_words() -> None:
    images = images_of(2, width=640, height=480)
    images["height"] = np.array([480, 0], dtype=np.int32)
    first, second = sizes(images).tolist()
    assert size_in_words(first) == "640 × 480"
    assert second == 0
