"""duplicate-box: which of the two rows is named, and stacks of boxes."""

import numpy as np
import pytest

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.duplicate_box import DuplicateBox
from yoloaudit.checks.boxes.nested_box import NestedBox


def test_the_later_row_is_named_with_the_earlier() -> None:
    images = images_of(2)
    rows = [(0, 0, 0.5, 0.5, 0.2, 0.2), (1, 0, 0.5, 0.5, 0.2, 0.2), (0, 0, 0.499, 0.5, 0.2, 0.2)]
    boxes = boxes_of(rows, images)
    boxes.index = boxes.index + 40
    defects = DuplicateBox().find(boxes).to_dict("records")
    assert [(defect["row"], defect["image"], defect["related"]) for defect in defects] == [(42, 0, [{"row": 40}])]
    assert defects[0]["other"] == 1
    assert 0.95 <= defects[0]["value"] < 1


def test_a_stack_names_each_row_once() -> None:
    boxes = boxes_of([(0, 3, 0.5 + number / 10_000, 0.5, 0.2, 0.2) for number in range(9)], images_of(1))
    assert sorted(DuplicateBox().find(boxes)["row"]) == list(range(1, 9))


def test_images_of_unknown_size_are_judged_too() -> None:
    images = images_of(1, width=0, height=0)
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.2, 0.2), (0, 0, 0.5, 0.5, 0.2, 0.201)], images)
    assert len(DuplicateBox().find(boxes)) == 1


def test_boxes_without_area_are_no_duplicates() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0, 0.2), (0, 0, 0.5, 0.5, 0, 0.2)], images_of(1))
    assert not len(DuplicateBox().find(boxes))


def test_no_boxes() -> None:
    assert not len(DuplicateBox().find(boxes_of([], images_of(1))))


@pytest.mark.parametrize("seed", range(20))
def test_a_twin_whose_edges_are_off_by_up_to_a_twentieth_is_told_once(seed: int) -> None:
    left, top, right, bottom = np.array([0.3, 0.3, 0.7, 0.5]) + np.random.default_rng(seed).uniform(-1, 1, 4) * (
        0.05 * np.array([0.4, 0.2, 0.4, 0.2])
    )
    twin = (0, 0, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    boxes = boxes_of([(0, 0, 0.5, 0.4, 0.4, 0.2), twin], images_of(1))
    (defect,) = DuplicateBox().find(boxes).to_dict("records")
    sure = defect["score"] >= 0.95
    assert defect["severity"] == ("warning" if sure else "info")
    assert defect["limit"] == (0.95 if sure else 0.8)
    assert not len(NestedBox().find(boxes))


@pytest.mark.parametrize(("apart", "said"), [(0.004, "is the box"), (0.01, "may be the box"), (0.03, "")])
def test_what_is_said_of_a_pair(apart: float, said: str) -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.2, 0.2), (0, 0, 0.5 + apart, 0.5, 0.2, 0.2)], images_of(1))
    check = DuplicateBox()
    found = [
        check.describe({str(name): fact for name, fact in each.items()})
        for each in check.find(boxes).to_dict("records")
    ]
    assert [each.startswith(f"{said} of line 1 again, of the same class: IoU 0.9") for each in found] == [True] * bool(
        said
    )
