"""property-shortcut: what gives a class away, and that chance does not."""

from typing import Any

import numpy as np
import pytest

from tests.example_looks import hashes_of, number, pixels_of, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.variety.property_shortcut import PropertyShortcut, Shown, predictive_power
from yoloaudit.dataset.tables import Defects

NAMES = ("cat", "dog", "owl", "fox")


def find(classes: list[int], widths: Any = None, clusters: Any = None, **looks: Any) -> Defects:
    """One box of a class in each image."""
    count = len(classes)
    images = images_of(count)
    if widths is not None:
        images["width"] = np.asarray(widths, dtype=np.int32)
    boxes = boxes_of([(image, number, 0.5, 0.5, 0.1, 0.1) for image, number in enumerate(classes)], images)
    hashes = hashes_of(range(count) if clusters is None else clusters)
    return PropertyShortcut().find(images, pixels_of(count, **looks), hashes, boxes, NAMES)


def test_a_property_that_tells_a_class_is_named_with_it() -> None:
    classes = [i % 4 for i in range(200)]
    bright = np.random.default_rng(1).uniform(0.5, 1, 200)
    bright[np.array(classes) == 2] -= 0.5
    defects = find(classes, brightness_p50=bright)
    (said,) = sentences(PropertyShortcut(), defects)
    assert said.startswith("the brightness of a training image tells whether it shows class 'owl'")
    assert defects["class_id"].tolist() == [2]
    assert (number(defects) or 0) > 0.9


def test_camera_and_size_give_classes_away() -> None:
    classes = [i % 2 for i in range(100)]
    (said,) = sentences(PropertyShortcut(), find(classes, camera=[("K 20", "M7")[i % 2] for i in range(100)]))
    assert said.startswith("the camera of a training image tells whether it shows class 'cat': predictive power 1.00")
    assert "100% are K 20 where it does, 0% where it does not; it gives away 1 more of the classes" in said
    (said,) = sentences(PropertyShortcut(), find(classes, widths=[(640, 320)[i % 2] for i in range(100)]))
    assert said.startswith("the size of a training image")
    assert "100% are 640 × 640 where" in said


def test_chance_gives_nothing_away() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        looks = {name: rng.random(120) for name in ("brightness_p50", "contrast", "saturation", "red")}
        defects = find(rng.integers(0, 3, 120).tolist(), camera=rng.choice(["a", "b", "c"], 120).tolist(), **looks)
        assert not len(defects), seed


def test_copies_of_an_image_do_not_confirm_each_other() -> None:
    scenes = np.repeat(np.arange(20), 5)
    rng = np.random.default_rng(4)
    bright, shows = rng.random(20)[scenes], rng.permutation(np.arange(20) % 2)[scenes].tolist()
    assert (number(find(shows, clusters=scenes, brightness_p50=bright)) or 0) < 0.3


def test_a_class_of_29_images_is_not_judged() -> None:
    for many, judged in ((29, False), (30, True)):
        classes = [1] * many + [0] * 100
        defects = find(classes, brightness_p50=[0.1] * many + [0.9] * 100)
        assert (len(defects) > 0, number(defects) is not None) == (judged, judged)


def test_a_class_in_nearly_every_image_is_not_judged() -> None:
    assert number(find([0] * 100 + [1] * 29, brightness_p50=[0.1] * 100 + [0.9] * 29)) is None


def test_images_that_are_all_alike_say_nothing() -> None:
    assert find([0, 1] * 50).attrs["why"] == "the training images are alike in every property"


def test_power_by_hand() -> None:
    bins, folds = np.repeat([0, 1], 50), np.arange(100) % 5
    perfect = Shown(np.zeros(50, int), np.arange(50))
    assert predictive_power(bins, folds, perfect, 1).tolist() == [1.0]
    nine_of_ten = Shown(np.zeros(50, int), np.r_[np.arange(45), 50:55])
    (power,) = predictive_power(bins, folds, nine_of_ten, 1).tolist()
    assert power == pytest.approx((0.9 - 2 / 3) / (1 / 3))
