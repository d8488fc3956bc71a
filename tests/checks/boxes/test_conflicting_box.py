"""conflicting-box: class numbers beyond the names, and more than two classes."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.conflicting_box import ConflictingBox


def test_classes_without_a_name_are_named_by_number() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.2, 0.2), (0, 2147483647, 0.5, 0.5, 0.2, 0.2)], images_of(1))
    check = ConflictingBox()
    (defect,) = check.find(boxes, ("cat",)).to_dict("records")
    assert check.describe({str(name): fact for name, fact in defect.items()}).startswith(
        "class '2147483647' stands on the box of line 1, class 'cat': IoU 1.000"
    )


def test_three_classes_on_one_box_make_two_defects() -> None:
    boxes = boxes_of([(0, number, 0.5, 0.5, 0.2, 0.2) for number in range(3)], images_of(1))
    assert sorted(ConflictingBox().find(boxes, ("a", "b", "c"))["row"]) == [1, 2]
