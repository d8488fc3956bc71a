"""Times of photographs: whose count, and when they say too little."""

import numpy as np

from tests.example_looks import pixels_of
from tests.example_tables import images_of
from yoloaudit.checks.capture import Capture, capture_of, spread_in_words


def test_times_are_those_of_training_images() -> None:
    images = images_of(4, split=["train", "val", "train", "train"])
    capture = capture_of(images, pixels_of(4, taken=[5, 6, -1, 0]))
    assert (capture.taken.tolist(), capture.total) == ([5, 0], 3)


def test_half_of_the_images_have_to_tell_and_enough_of_them() -> None:
    assert Capture(np.arange(30), 60).doubt(30, 0.5) is None
    assert Capture(np.arange(30), 61).doubt(30, 0.5) == "30 of 61 training images tell when they were taken, below 50%"
    assert Capture(np.arange(29), 29).doubt(30, 0.5) == "29 training images tell when they were taken, below 30"
    assert Capture(np.arange(0), 0).doubt(1, 0.5) is not None


def test_shares_in_words() -> None:
    assert spread_in_words(("day", "night"), np.array([3, 1])) == "day 75 %, night 25 %"
