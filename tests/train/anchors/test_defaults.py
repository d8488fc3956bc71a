"""Default anchors, and the order of levels."""

import numpy as np
import pytest

from yoloaudit.train.anchors.defaults import default, ordered
from yoloaudit.train.family import STRIDES


@pytest.mark.parametrize("levels", [5, 6])
def test_default(levels: int) -> None:
    anchors = default(levels)
    assert anchors.shape == (len(STRIDES[levels]), 3, 2)
    assert anchors.dtype == np.float32
    assert anchors.prod(axis=2).mean(axis=1).tolist() == sorted(anchors.prod(axis=2).mean(axis=1))


def test_some_of_them() -> None:
    assert default(5)[0].tolist() == [[10, 13], [16, 30], [33, 23]]
    assert default(5)[2, 2].tolist() == [373, 326]
    assert default(6)[3].tolist() == [[436, 615], [739, 380], [925, 792]]


def test_levels_are_turned_if_the_largest_come_first() -> None:
    anchors = default(6)
    np.testing.assert_array_equal(ordered(anchors), anchors)
    np.testing.assert_array_equal(ordered(anchors[::-1]), anchors)


def test_only_the_ends_are_compared() -> None:
    anchors = default(5)[[1, 0, 2]]
    np.testing.assert_array_equal(ordered(anchors), anchors)
