"""extreme-aspect-box: two grades, by pixels and not by shares."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.extreme_aspect_box import ExtremeAspectBox


def test_grades_and_limits() -> None:
    rows = [(0, 0, 0.5, 0.5, 0.5, 0.5 / ratio) for ratio in (19, 21, 99, 101)]
    defects = ExtremeAspectBox().find(boxes_of(rows, images_of(1)))
    assert defects["row"].tolist() == [1, 2, 3]
    assert defects["severity"].tolist() == ["info", "info", "warning"]
    assert defects["limit"].tolist() == [20, 20, 100]


def test_a_square_share_of_a_wide_image_is_a_wide_box() -> None:
    images = images_of(1, width=4000, height=190)
    assert len(ExtremeAspectBox().find(boxes_of([(0, 0, 0.5, 0.5, 0.5, 0.5)], images))) == 1


def test_unknown_size_no_area_and_overflow_are_not_judged() -> None:
    unknown = boxes_of([(0, 0, 0.5, 0.5, 0.5, 0.001)], images_of(1, width=0, height=0))
    assert not len(ExtremeAspectBox().find(unknown))
    odd = boxes_of([(0, 0, 0.5, 0.5, 3e38, 3e38), (0, 0, 0.5, 0.5, 0.5, 0), (0, 0, 0.5, 0.5, 0.5, -1)], images_of(1))
    assert not len(ExtremeAspectBox().find(odd))
