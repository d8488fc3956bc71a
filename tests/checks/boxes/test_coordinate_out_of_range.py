"""coordinate-out-of-range: the number furthest out is named."""

import pytest

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.coordinate_out_of_range import CoordinateOutOfRange


@pytest.mark.parametrize(
    ("box", "axis", "worst", "limit"),
    [
        ((1.5, 1.2, 0.1, 0.1), "centre x", 1.5, 1),
        ((1.1, -0.2, 0.1, 0.1), "centre y", -0.2, 0),
        ((0.5, 0.5, 640, 480), "width", 640, 1),
        ((0.5, 0.5, 0.5, -1), "height", -1, 0),
    ],
)
def test_worst_number(box: tuple[float, float, float, float], axis: str, worst: float, limit: float) -> None:
    (defect,) = CoordinateOutOfRange().find(boxes_of([(0, 0, *box)], images_of(1))).to_dict("records")
    assert (defect["axis"], defect["limit"]) == (axis, limit)
    assert defect["value"] == pytest.approx(worst)


def test_zero_and_one_are_inside() -> None:
    rows = [(0, 0, 0, 1, 1, 0), (0, 0, 1e-60, 1 + 1e-9, 1, 1)]
    assert not len(CoordinateOutOfRange().find(boxes_of(rows, images_of(1))))


def test_what_rounds_to_minus_zero_is_kept_by_the_trainer_and_told() -> None:
    rows = [(0, 0, -0.0, 0, 0, 1), (0, 0, 0.5, -1e-60, 1, 1)]
    found = CoordinateOutOfRange().find(boxes_of(rows, images_of(1)))
    assert found["severity"].tolist() == ["warning", "warning"]
    assert found["axis"].tolist() == ["centre x", "centre y"]
