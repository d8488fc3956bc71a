"""size-outlier: robust z within the class."""

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes.size_outlier import SizeOutlier

ROWS = [(0, 0, 0.5, 0.5, side, side) for side in np.linspace(0.1, 0.2, 60)]


def test_z_is_the_scaled_median_deviation() -> None:
    boxes = boxes_of([*ROWS, (0, 0, 0.5, 0.5, 0.01, 0.01)], images_of(1))
    size = np.log(boxes["w_train"].to_numpy(dtype=float) * boxes["h_train"].to_numpy(dtype=float))
    apart = np.abs(size - np.median(size))
    expected = apart[-1] / (1.4826 * np.median(apart))
    defects = SizeOutlier().find(boxes)
    assert defects["row"].tolist() == [60]
    np.testing.assert_allclose(defects["value"], expected, rtol=1e-4)
    assert 0.5 < defects["score"].iloc[0] < 1


def test_another_class_has_its_own_size() -> None:
    large = [(0, 5, 0.5, 0.5, side, side) for side in np.linspace(0.8, 0.9, 60)]
    assert not len(SizeOutlier().find(boxes_of(ROWS + large, images_of(1))))


def test_boxes_without_area_are_not_judged() -> None:
    assert not len(SizeOutlier().find(boxes_of([*ROWS, (0, 0, 0.5, 0.5, 0, 0.1)], images_of(1))))


def test_no_boxes() -> None:
    assert not len(SizeOutlier().find(boxes_of([], images_of(1))))
