"""flickering-class: one object, two classes in neighbouring frames."""

from tests.example_tables import Rows, boxes_of, images_of
from yoloaudit.checks.boxes.flickering_class import FlickeringClass
from yoloaudit.dataset.tables import Defects


def found(rows: Rows) -> Defects:
    images = images_of(8, source="clip", frame=range(8))
    return FlickeringClass().find(boxes_of(rows, images), images, ("cat", "dog"))


def still(classes: str, cx: float = 0.5) -> Rows:
    return [(number, int(name), cx, 0.5, 0.2, 0.2) for number, name in enumerate(classes)]


def test_the_later_row_is_named() -> None:
    (defect,) = found(still("00001111")).to_dict("records")
    assert (defect["row"], defect["related"]) == (4, [{"row": 3}])
    assert (defect["class_name"], defect["other_name"]) == ("dog", "cat")


def test_there_and_back_are_two_changes() -> None:
    assert found(still("00010000"))["row"].tolist() == [3, 4]


def test_two_objects_of_two_classes_on_one_place_do_not_change() -> None:
    assert not len(found(still("00000000") + still("11111111", 0.51)))


def test_an_object_that_moves_on_is_another() -> None:
    moved: Rows = [(number, int(number > 3), 0.3 + 0.2 * (number > 3), 0.5, 0.2, 0.2) for number in range(8)]
    assert not len(found(moved))


def test_photographs_of_one_object_each_are_no_video() -> None:
    assert not len(found(still("01010101")))
