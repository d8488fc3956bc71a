"""narrow-object-scale at the borders of its bands."""

from collections.abc import Sequence

import pytest

from tests.example_looks import number, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.variety.narrow_object_scale import NarrowObjectScale
from yoloaudit.dataset.tables import Defects


def find(sides: Sequence[float], *, width: int = 640, imgsz: int = 640, split: str = "train") -> Defects:
    """Square boxes of so many pixels on a side of a square image."""
    images = images_of(1, split=split, width=width, height=width)
    boxes = boxes_of([(0, 0, 0.5, 0.5, side / width, side / width) for side in sides], images, imgsz)
    return NarrowObjectScale().find(boxes, imgsz)


def test_bands_are_those_of_coco_at_the_training_size() -> None:
    for side, band in ((31.9, "small"), (32.1, "medium"), (95.9, "medium"), (96.1, "large")):
        assert f"are {band} (" in sentences(NarrowObjectScale(), find([side] * 100))[0]
    assert "are small (" in sentences(NarrowObjectScale(), find([60.0] * 100, width=1280))[0]


def test_ninety_five_of_a_hundred_are_too_many() -> None:
    assert len(find([10] * 95 + [200] * 5)) == 1
    assert number(find([10] * 94 + [200] * 6)) == pytest.approx(0.94)
    assert not len(find([10] * 94 + [200] * 6))


def test_few_boxes_and_other_splits_say_nothing() -> None:
    assert number(find([10] * 99)) is None
    assert number(find([10] * 200, split="val")) is None
    images = images_of(1, width=0)
    unknown = boxes_of([(0, 0, 0.5, 0.5, 0.1, 0.1)] * 200, images)
    assert number(NarrowObjectScale().find(unknown, 640)) is None
