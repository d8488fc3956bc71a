"""flickering-box: gaps of one frame in a video."""

from tests.example_tables import Rows, boxes_of, images_of
from yoloaudit.checks.boxes.flickering_box import FlickeringBox
from yoloaudit.dataset.tables import Defects

STEADY = [(number, 1, 0.8, 0.8, 0.2, 0.2) for number in range(8)]
NAMES = ("cat", "dog")


def found(rows: Rows, **facts: object) -> Defects:
    images = images_of(8, **({"source": "clip", "frame": range(8)} | facts))  # type: ignore[arg-type]
    return FlickeringBox().find(boxes_of(rows, images), images, NAMES)


def moving(*frames: int, class_id: int = 0) -> Rows:
    return [(number, class_id, 0.3 + number / 100, 0.3, 0.2, 0.2) for number in frames]


def test_a_gap_of_one_frame_is_named_at_the_frame() -> None:
    (defect,) = found(STEADY + moving(0, 1, 2, 3, 5, 6, 7)).to_dict("records")
    assert (defect["image"], defect["class_id"], defect["class_name"]) == (4, 0, "cat")
    assert defect["related"] == [{"row": 11}, {"row": 12}]
    assert 0.5 <= defect["score"] <= 1


def test_longer_gaps_and_ends_are_no_flicker() -> None:
    assert not len(found(STEADY + moving(0, 1, 2, 5, 6, 7)))
    assert not len(found(STEADY + moving(0, 1, 2)))


def test_another_class_in_between_is_left_to_flickering_class() -> None:
    assert not len(found(STEADY + moving(0, 1, 2, 3, 5, 6, 7) + moving(4, class_id=1)))


def test_another_object_elsewhere_does_not_fill_the_gap() -> None:
    assert len(found(STEADY + moving(0, 1, 2, 3, 5, 6, 7) + [(4, 0, 0.1, 0.9, 0.1, 0.1)])) == 1


def test_frames_of_other_steps_or_without_numbers_are_not_judged() -> None:
    rows = STEADY + moving(0, 1, 2, 3, 5, 6, 7)
    assert not len(found(rows, frame=[0, 1, 2, 3, 30, 31, 32, 33]))
    assert not len(found(rows, frame=None))
    assert not len(found(rows, source=None))


def test_clips_are_apart() -> None:
    rows = STEADY + moving(0, 1, 2, 3, 5, 6, 7)
    assert not len(found(rows, source=["a"] * 4 + ["b"] * 4, frame=range(8)))


def test_no_boxes() -> None:
    assert not len(found([]))
