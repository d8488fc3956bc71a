"""empty-border: the limit, the sentence, boxes out of scope, and sides that were not measured."""

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.empty_border import EmptyBorder
from yoloaudit.dataset.tables import BORDERS, Borders, Boxes, table


def made(sides: list[list[float]]) -> tuple[Boxes, Borders]:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.4, 0.4)] * len(sides), images_of(1))
    return boxes, table(BORDERS, dict(zip(BORDERS, np.array(sides, dtype=np.float32).T, strict=True)))


def test_widest_side_decides() -> None:
    nan = np.nan
    sides = [[0.0, 0.14, 0.0, 0.0], [0.16, nan, 0.2, 0.1], [nan, nan, nan, nan], [nan, nan, nan, 0.9]]
    check = EmptyBorder.model_validate({})
    defects = check.find(*made(sides))
    assert defects["row"].tolist() == [1, 3]
    np.testing.assert_allclose(defects["value"], [0.2, 0.9], rtol=1e-6)
    told = [check.describe({"sides": sides}) for sides in defects["sides"]]
    assert told[0] == "empty at the left (16%), right (20%) of the box, above 15%"
    assert told[1] == "empty at the bottom (90%) of the box, above 15%"


def test_boxes_and_borders_go_together_by_id() -> None:
    boxes, borders = made([[0.5, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0.5, 0]])
    assert EmptyBorder.model_validate({}).find(boxes[1:], borders)["row"].tolist() == [2]
    assert EmptyBorder.model_validate({}).find(boxes, borders[:2])["row"].tolist() == [0]


def test_nothing_to_judge() -> None:
    boxes, borders = made([[0.5, 0, 0, 0]])
    assert not len(EmptyBorder.model_validate({}).find(boxes[:0], borders[:0]))
