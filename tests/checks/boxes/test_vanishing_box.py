"""vanishing-box: at the training size, and never together with tiny-box."""

import pytest

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.tiny_box import TinyBox
from yoloaudit.checks.boxes.vanishing_box import VanishingBox


def test_the_training_size_decides() -> None:
    images = images_of(1, width=6400, height=6400)
    rows = [(0, 0, 0.5, 0.5, 0.1, 0.002)]
    assert len(VanishingBox().find(boxes_of(rows, images, 640), 640)) == 1
    assert not len(VanishingBox().find(boxes_of(rows, images, 1280), 1280))


@pytest.mark.parametrize(("height", "vanishes", "tiny"), [(2.0, 1, 0), (2.01, 0, 1), (2.99, 0, 1), (3.01, 0, 0)])
def test_no_box_is_reported_twice(height: float, vanishes: int, tiny: int) -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.5, height / 640)], images_of(1))
    assert len(VanishingBox().find(boxes, 640)) == vanishes
    assert len(TinyBox().find(boxes, 640)) == tiny
