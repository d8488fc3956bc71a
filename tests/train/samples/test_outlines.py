"""Outlines are seen as if each were sampled in full; the recorded case stands in test_warp.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yoloaudit.train.samples import outlines, warp
from yoloaudit.train.samples.warp import Drawn

SQUARE = np.array([[-50, 10], [50, 10], [50, 30], [-50, 30]], np.float32)
OUTSIDE = np.array([[-50, 10], [-20, 10], [-20, 30]], np.float32)


def test_a_polygon_is_seen_as_far_as_it_lies_inside() -> None:
    hulls = outlines.moved_polygons([SQUARE, OUTSIDE, SQUARE + 51], np.eye(3), (100, 110))
    np.testing.assert_allclose(hulls[0], [0, 10, 50, 30], atol=0.5)
    assert hulls[1].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(hulls[2], [1, 61, 101, 81], atol=0.5)
    assert warp.candidates(np.array([[-50, 10, -20, 30]]), hulls[1:2], 1.0, 0.01).tolist() == [False]


def test_one_point_is_an_outline_too() -> None:
    (point,) = outlines.moved_polygons([SQUARE[1:2]], np.eye(3), (40, 100))
    assert point.tolist() == [50, 10, 50, 10]


def test_any_number_of_polygons() -> None:
    many = [SQUARE, OUTSIDE] * outlines.AT_ONCE
    hulls = outlines.moved_polygons(many, np.eye(3), (40, 100))
    assert (hulls[::2] == hulls[0]).all()
    assert (hulls[1::2] == 0).all()


@pytest.mark.parametrize("corners", [1, 2, 3, 4, 7, 500, 999, 1000, 1001, 3000])
def test_samples_begin_and_end_at_the_first_corner(corners: int) -> None:
    random = np.random.default_rng(corners)
    polygon = random.uniform(0, 100, (corners, 2))
    for samples in (outlines.along(corners), outlines.near_corners(corners)):
        points = outlines.points(polygon, samples)
        np.testing.assert_allclose(points[[0, -1]], polygon[[0, 0]], atol=1e-9)
    closed = np.concatenate([polygon, polygon[:1]])
    at = np.linspace(0, corners, outlines.POINTS)
    expected = [np.interp(at, np.arange(corners + 1), closed[:, axis]) for axis in (0, 1)]
    np.testing.assert_allclose(outlines.points(polygon, outlines.along(corners)).T, expected, atol=1e-9)


@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0.001, 2.0), st.booleans())
def test_the_same_as_sampling_all(seed: int, corners: int, spread: float, tilted: bool) -> None:
    random = np.random.default_rng(seed)
    middles = random.uniform(0, 100, (8, 1, 2))
    polygons = list((middles + random.normal(0, 30 * spread, (8, corners, 2))).astype(np.float32))
    tilt = 0.001 if tilted else 0.0
    drawn = Drawn(*random.uniform([-tilt, -tilt, -30, 0.5, -5, -5], [tilt, tilt, 30, 1.5, 5, 5]).tolist())
    made = warp.matrix(drawn, (100, 100), (90, 120))
    fast = outlines.moved_polygons(polygons, made, (90, 120))
    np.testing.assert_allclose(fast, outlines.seen(polygons, made, (90, 120)), rtol=0, atol=1e-9)
