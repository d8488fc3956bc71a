"""full-frame-box: the class decides, and what lies outside the image does not count."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.full_frame_box import FullFrameBox

SMALL = [(0, 0, 0.1 + number / 20, 0.5, 0.1, 0.1) for number in range(3)]


def test_only_the_class_of_small_objects_is_flagged() -> None:
    rows = [*SMALL, (0, 0, 0.5, 0.5, 1, 1), (0, 1, 0.5, 0.5, 1, 1), (0, 1, 0.5, 0.5, 0.98, 0.98)]
    defects = FullFrameBox().find(boxes_of(rows, images_of(1)))
    assert defects["row"].tolist() == [3]
    assert defects["typical"].tolist()[0] < 0.02


def test_pixel_numbers_cover_nothing() -> None:
    assert not len(FullFrameBox().find(boxes_of([*SMALL, (0, 0, 320, 240, 640, 480)], images_of(1))))
    far = (0, 0, 3e38, 3e38, 3e38, 3e38)
    assert not len(FullFrameBox().find(boxes_of([*SMALL, far], images_of(1))))
