"""box-outside-image: which edge, and what is left to others."""

import pytest

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.box_outside_image import BoxOutsideImage


@pytest.mark.parametrize(
    ("cx", "cy", "edge", "over"),
    [(0.05, 0.5, "left", 32), (0.5, 0.05, "upper", 24), (0.95, 0.5, "right", 32), (0.5, 0.95, "lower", 24)],
)
def test_edge_and_pixels(cx: float, cy: float, edge: str, over: float) -> None:
    images = images_of(2, width=640, height=480)
    defects = BoxOutsideImage().find(boxes_of([(1, 0, cx, cy, 0.2, 0.2)], images), images)
    assert defects["edge"].tolist() == [edge]
    assert defects["value"].tolist() == pytest.approx([over], abs=0.01)


def test_images_of_unknown_size_and_dropped_images_are_left_out() -> None:
    images = images_of(1, width=0, height=0)
    assert not len(BoxOutsideImage().find(boxes_of([(0, 0, 0.95, 0.5, 0.2, 0.2)], images), images))
    images = images_of(1)
    assert not len(BoxOutsideImage().find(boxes_of([(0, 0, 1.1, 0.5, 0.2, 0.2)], images), images))


def test_a_thousandth_counts_in_large_images() -> None:
    images = images_of(1, width=8000, height=8000)
    near, far = [(0, 0, 0.9 + over, 0.5, 0.2, 0.2) for over in (0.0009, 0.0011)]
    assert BoxOutsideImage().find(boxes_of([near, far], images), images)["row"].tolist() == [1]
