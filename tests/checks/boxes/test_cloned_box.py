"""cloned-box: one defect a box, with examples, by images and by share."""

from tests.example_tables import Rows, boxes_of, images_of
from yoloaudit.checks.boxes.cloned_box import ClonedBox


def clones(count: int, cx: float = 0.5) -> Rows:
    return [(number, 0, cx, 0.5, 0.25, 0.25) for number in range(count)]


def different(count: int) -> Rows:
    return [(number % 50, 0, 0.1 + number / 10_000, 0.3, 0.1, 0.1) for number in range(count)]


def test_one_defect_for_each_box_with_five_others() -> None:
    boxes = boxes_of(clones(8) + clones(6, 0.25) + clones(4, 0.3), images_of(50))
    defects = ClonedBox().find(boxes).to_dict("records")
    assert [(defect["row"], defect["count"]) for defect in defects] == [(0, 8), (8, 6)]
    assert defects[0]["related"] == [{"row": row} for row in range(1, 6)]
    assert 0.5 < defects[0]["score"] < 1


def test_share_of_all_boxes() -> None:
    images = images_of(50)
    assert len(ClonedBox().find(boxes_of(clones(8) + different(792), images))) == 1
    assert not len(ClonedBox().find(boxes_of(clones(8) + different(793), images)))


def test_images_count_and_not_rows() -> None:
    rows = [(number % 4, number, 0.5, 0.5, 0.25, 0.25) for number in range(12)]
    assert not len(ClonedBox().find(boxes_of(rows, images_of(4))))


def test_signed_zero_is_zero() -> None:
    rows = [(number, 0, -0.0 if number % 2 else 0.0, 0.5, 0.25, 0.25) for number in range(5)]
    assert len(ClonedBox().find(boxes_of(rows, images_of(5)))) == 1


def test_few_or_no_boxes() -> None:
    for count in (0, 1, 4):
        assert not len(ClonedBox().find(boxes_of(clones(count), images_of(5))))
