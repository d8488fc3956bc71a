"""merged-boxes: one box for several, in either direction, and what is no such thing."""

import pytest

from tests.example_seen import labels_of, predictions_of, said, skill_of
from yoloaudit.checks.model.merged_boxes import MergedBoxes
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Suggestion
from yoloaudit.measure.matches import match

Box = tuple[float, float, float, float]
WHOLE: Box = (0, 0, 300, 100)
PARTS: list[Box] = [(0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100)]


def found(labels: list[Box], seen: list[Box], *, score: float = 0.9, kind: int = 0) -> Defects:
    boxes = labels_of([(0, 0, *box) for box in labels])
    boxes.index = boxes.index
    predictions = predictions_of([(0, kind, score - 0.01 * n, *box) for n, box in enumerate(seen)])
    return MergedBoxes().find(predictions, boxes, match(predictions, boxes), skill_of(2), ("cat", "dog"))


def test_one_detection_over_three_labels() -> None:
    defects = found(PARTS, [WHOLE])
    assert said(MergedBoxes(), defects) == ["this and 2 more of 'cat' lie in one detection of it (score 0.90)"]
    (defect,) = defects.to_dict("records")
    assert defect["suggestion"] == Suggestion(0, WHOLE, 0.9)
    assert (defect["row"], defect["related"]) == (0, [{"row": 1}, {"row": 2}])


def test_three_detections_in_one_label() -> None:
    defects = found([WHOLE], PARTS)
    assert said(MergedBoxes(), defects) == ["3 detections of 'cat' lie side by side in this label of it (score 0.89)"]
    assert defects["suggestion"].tolist() == [None]


@pytest.mark.parametrize(
    ("labels", "seen", "how"),
    [
        (PARTS, [WHOLE, *PARTS], {}),
        (PARTS, [WHOLE], {"score": 0.4}),
        (PARTS, [WHOLE], {"kind": 1}),
        ([PARTS[0]], [WHOLE], {}),
        ([PARTS[0], (2, 2, 100, 100)], [WHOLE], {}),
        ([(0, 0, 30, 30), (200, 0, 230, 30)], [WHOLE], {}),
        ([(0, 0, 260, 100), (260, 0, 300, 100)], [WHOLE], {}),
        ([], [WHOLE], {}),
        (PARTS, [], {}),
    ],
    ids=[
        "each seen, too",
        "not sure",
        "another class",
        "one",
        "a twin",
        "not filled",
        "it is the first",
        "no labels",
        "nothing",
    ],
)
def test_what_is_no_merged_box(labels: list[Box], seen: list[Box], how: dict[str, float]) -> None:
    assert not len(found(labels, seen, **how))  # type: ignore[arg-type]
