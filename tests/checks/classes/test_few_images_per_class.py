"""few-images-per-class: the numbers of its findings, and hostile names."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes.few_images_per_class import FewImagesPerClass


def test_images_and_not_boxes_are_counted() -> None:
    rows = [
        (0, 0, 0.5, 0.5, 0.1, 0.1),
        (0, 0, 0.2, 0.5, 0.1, 0.1),
        (1, 0, 0.5, 0.5, 0.1, 0.1),
        (2, 1, 0.5, 0.5, 0.1, 0.1),
    ]
    boxes = boxes_of(rows, images_of(4, split=["train", "train", "val", "train"]))
    defects = FewImagesPerClass(min_images=3).find(boxes, ("cat", "dog"))
    assert defects[["class_id", "images", "missing"]].to_numpy().tolist() == [[0, 2, 1], [1, 0, 3]]
    assert (defects.attrs["measured"], defects.attrs["limit"]) == (0.0, 3.0)


def test_long_names_are_shortened_and_control_characters_quoted() -> None:
    check = FewImagesPerClass()
    names = ("\x1b[31m" + "x" * 10_000_000,)
    (defect,) = check.find(boxes_of([], images_of(1)), names).to_dict("records")
    sentence = check.describe({str(name): fact for name, fact in defect.items()})
    assert "\x1b" not in sentence
    assert len(sentence) < 200


def test_a_hundred_thousand_names() -> None:
    names = tuple(f"name {number}" for number in range(100_000))
    boxes = boxes_of([(0, 99_999, 0.5, 0.5, 0.1, 0.1), (0, 2147483647, 0.5, 0.5, 0.1, 0.1)], images_of(1))
    assert len(FewImagesPerClass(min_images=1).find(boxes, names)) == 99_999


def test_no_names() -> None:
    assert not len(FewImagesPerClass().find(boxes_of([], images_of(1)), ()))
