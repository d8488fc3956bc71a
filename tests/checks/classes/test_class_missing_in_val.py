"""class-missing-in-val: two grades, and never together with its siblings."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes.class_missing_in_train import ClassMissingInTrain
from yoloaudit.checks.classes.class_missing_in_val import ClassMissingInVal
from yoloaudit.checks.classes.unused_class import UnusedClass

NAMES = ("both", "train alone", "val alone", "test alone", "nowhere")
IMAGES = images_of(3, split=["train", "val", "test"])
BOXES = boxes_of([(image, c, 0.5, 0.5, 0.1, 0.1) for image, c in ((0, 0), (1, 0), (0, 1), (1, 2), (2, 3))], IMAGES)


def test_each_class_is_told_of_once() -> None:
    missing = ClassMissingInVal().find(BOXES, IMAGES, NAMES)
    assert missing[["class_id", "severity"]].to_numpy().tolist() == [[0, "info"], [1, "warning"]]
    train = ClassMissingInTrain().find(BOXES, IMAGES, NAMES)
    assert train[["class_id", "split", "where"]].to_numpy().tolist() == [[2, "val", "val"], [3, "test", "test"]]
    assert UnusedClass().find(BOXES, NAMES)["class_id"].tolist() == [4]


def test_without_the_split_nothing_is_said() -> None:
    only_train, only_val = IMAGES[IMAGES["split"] == "train"], IMAGES[IMAGES["split"] == "val"]
    assert not len(ClassMissingInVal().find(BOXES[BOXES["split"] == "train"], only_train, NAMES))
    assert not len(ClassMissingInTrain().find(BOXES[BOXES["split"] == "val"], only_val, NAMES))
