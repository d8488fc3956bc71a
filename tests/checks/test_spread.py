"""Quantiles of many groups at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.spread import classes_of_size, quantiles


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-100, 100, width=32)), max_size=40))
def test_quantiles_are_those_of_numpy(rows: list[tuple[int, float]]) -> None:
    groups = np.array([0, 1, 2] + [group for group, _ in rows])
    values = np.array([5.0, -1.0, 0.0] + [value for _, value in rows], dtype=np.float32)
    found = quantiles(groups, values, [0.25, 0.5, 0.75])
    for group in range(3):
        expected = np.quantile(values[groups == group].astype(float), [0.25, 0.5, 0.75])
        np.testing.assert_allclose(found[group], expected, atol=1e-4)


def test_quantiles_of_no_group() -> None:
    assert quantiles(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), [0.5]).shape == (0, 1)


def test_classes_of_size_leave_small_classes_out() -> None:
    boxes = boxes_of([(0, number, 0.5, 0.5, 0.1, 0.1) for number in (7, 2147483647, 7, 3, 2147483647, 7)], images_of(1))
    positions, codes = classes_of_size(boxes, np.array([True, True, True, True, True, False]), 2)
    assert positions.tolist() == [0, 1, 2, 4]
    assert codes.tolist() == [0, 1, 0, 1]
