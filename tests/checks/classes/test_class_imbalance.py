"""class-imbalance: classes without an instance do not count, and the ratio is always told."""

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.classes.class_imbalance import ClassImbalance
from yoloaudit.checks.classes.rare_class import RareClass


def test_ratio_and_both_classes() -> None:
    boxes = boxes_of([(0, c, 0.5, 0.5, 0.1, 0.1) for c in [2] * 100 + [0] * 2 + [3] * 7], images_of(1))
    defects = ClassImbalance().find(boxes, ("a", "b", "c", "d"))
    assert defects[["class_id", "name", "rarest", "value"]].to_numpy().tolist() == [[0, "c", "a", 50.0]]
    assert ClassImbalance(max_ratio=51).find(boxes, ("a", "b", "c", "d")).attrs["measured"] == 50


def test_a_single_class_is_neither_rare_nor_unbalanced() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.1, 0.1)], images_of(1))
    assert not len(ClassImbalance().find(boxes, ("a", "b")))
    assert not len(RareClass().find(boxes, ("a", "b")))
