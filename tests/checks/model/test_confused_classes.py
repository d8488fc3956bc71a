"""confused-classes: shares by score, in each direction, where there is enough to tell."""

import pytest

from tests.example_seen import labels_of, predictions_of, said
from yoloaudit.checks.model.confused_classes import ConfusedClasses
from yoloaudit.dataset.tables import Defects
from yoloaudit.measure.matches import match

BOX = (10, 10, 60, 60)


def found(*seen: tuple[int, int, float], foreign: bool = False) -> Defects:
    """The class of a label, that of the detection on it, and its score: an image each."""
    boxes = labels_of([(n, label, *BOX) for n, (label, _, _) in enumerate(seen)])
    predictions = predictions_of([(n, kind, score, *BOX) for n, (_, kind, score) in enumerate(seen)])
    pairs = match(predictions, boxes)
    return ConfusedClasses().find(pairs, predictions, boxes[:0] if foreign else boxes, ("cat", "dog", "cow"))


def test_each_direction_by_itself() -> None:
    defects = found(*[(0, 0, 0.9)] * 30, *[(0, 1, 0.9)] * 10, *[(1, 1, 0.9)] * 40, *[(1, 2, 0.9)] * 4)
    assert said(ConfusedClasses(), defects) == [
        "25% of the detections on labels of 'cat', weighed by score, are of 'dog': more than 10% (10 of 40 labels)"
    ]
    (defect,) = defects.to_dict("records")
    assert (defect["class_id"], len(defect["related"])) == (0, 10)
    assert defects.attrs["measured"] == pytest.approx(0.25)


def test_guesses_weigh_little() -> None:
    assert not len(found(*[(0, 0, 0.9)] * 30, *[(0, 1, 0.05)] * 30))


def test_few_detections_tell_nothing() -> None:
    assert not len(found(*[(0, 1, 0.9)] * 11))
    assert len(found(*[(0, 1, 0.9)] * 12)) == 1


def test_nothing_to_compare() -> None:
    assert found().attrs["measured"] == 0
    assert not len(found(*[(0, 1, 0.9)] * 20, foreign=True))
