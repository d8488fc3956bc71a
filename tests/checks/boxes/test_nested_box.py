"""nested-box: the inner box is named, wherever it starts and stands."""

from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.duplicate_box import DuplicateBox
from yoloaudit.checks.boxes.nested_box import NestedBox

OUTER = (0, 0, 0.5, 0.5, 0.4, 0.4)
SHIFT = st.floats(-0.09, 0.09)


@given(SHIFT, SHIFT, st.booleans())
def test_the_inner_box_is_named_wherever_it_lies(right: float, down: float, first: bool) -> None:
    inner = (0, 0, 0.5 + right, 0.5 + down, 0.21, 0.21)
    boxes = boxes_of([inner, OUTER] if first else [OUTER, inner], images_of(1))
    (defect,) = NestedBox().find(boxes).to_dict("records")
    assert defect["row"] == (0 if first else 1)
    assert defect["related"] == [{"row": 1 if first else 0}]


def test_a_flat_box_that_starts_far_to_the_right() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.8, 0.1), (0, 0, 0.795, 0.5, 0.21, 0.1)], images_of(1))
    assert NestedBox().find(boxes)["row"].tolist() == [1]


def test_a_pair_is_duplicate_or_nested_but_not_both() -> None:
    for size in (0.38, 0.385, 0.3895, 0.39, 0.395):
        boxes = boxes_of([OUTER, (0, 0, 0.5, 0.5, size, size)], images_of(1))
        assert len(NestedBox().find(boxes)) + len(DuplicateBox().find(boxes)) == 1, size
