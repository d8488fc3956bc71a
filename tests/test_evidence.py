"""Overlaps are those that others compute; what boxes agree on is their weighted mean; room has the right signs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.ops import box_iou

from yoloaudit.evidence import Floats, fused, log_odds, margins, overlaps, room, top
from yoloaudit.geometry import area, iou

NUMBER = st.floats(-50, 700, allow_nan=False)
BOX = st.tuples(NUMBER, NUMBER, st.floats(0.5, 400), st.floats(0.5, 400))


def corners(rows: list[tuple[float, float, float, float]]) -> Floats:
    boxes = np.array(rows, float).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


@given(st.lists(BOX, max_size=6), st.lists(BOX, max_size=6))
def test_overlaps_are_those_of_torchvision(
    one: list[tuple[float, float, float, float]], other: list[tuple[float, float, float, float]]
) -> None:
    first, second = corners(one), corners(other)
    overlap, shared = overlaps(first, second)
    np.testing.assert_allclose(overlap, box_iou(torch.from_numpy(first), torch.from_numpy(second)).numpy(), atol=1e-9)
    union = area(first)[:, None] + area(second)[None] - shared
    np.testing.assert_allclose(overlap * union, shared, rtol=1e-9, atol=1e-9)
    size = min(len(first), len(second))
    np.testing.assert_allclose(iou(first[:size], second[:size]), np.diag(overlap[:size, :size]), atol=1e-12)


def test_boxes_without_area_overlap_nothing() -> None:
    boxes = np.array([[5.0, 5, 5, 50], [50, 50, 5, 5], [0, 0, 10, 10]])
    overlap, shared = overlaps(boxes, boxes)
    assert overlap[2, 2] == pytest.approx(1)
    assert not overlap[:2].any()
    assert not shared[:2].any()


@given(st.lists(st.floats(0, 1), max_size=8))
def test_log_odds_rise_with_the_share_and_end_somewhere(shares: list[float]) -> None:
    odds = log_odds(np.sort(np.array(shares, float)))
    assert (np.diff(odds) >= 0).all()
    assert (np.abs(odds) <= np.log(1e4)).all()
    np.testing.assert_allclose(log_odds(1 - np.sort(np.array(shares, float))), -odds, atol=1e-9)


def test_the_top_score_is_that_of_the_mask() -> None:
    values = np.array([[0.2, 0.9], [0.7, 0.1]])
    found = top(values, np.array([[True, False], [True, True]]))
    np.testing.assert_allclose(found, log_odds(np.array([0.2, 0.7])))
    np.testing.assert_allclose(top(values[:, :0], np.zeros((2, 0), np.bool_)), log_odds(np.zeros(2)))


@given(st.lists(st.tuples(BOX, st.floats(0.01, 1)), min_size=1, max_size=6), st.sampled_from([0.0, 1e6]))
def test_what_boxes_agree_on(found: list[tuple[tuple[float, float, float, float], float]], offset: float) -> None:
    """Also far from the corner of the image, where squares of pixels have few digits left."""
    boxes, weight = corners([box for box, _ in found]) + offset, np.array([[share for _, share in found]])
    mean, spread, log_weight = fused(weight, boxes, np.zeros((1, 4)))
    wanted = np.average(boxes, axis=0, weights=weight[0])
    np.testing.assert_allclose(mean[0], wanted, rtol=1e-9, atol=1e-6)
    deviation = np.sqrt(np.average((boxes - wanted) ** 2, axis=0, weights=weight[0]))
    np.testing.assert_allclose(spread[0], deviation, atol=2e-3)
    np.testing.assert_allclose(log_weight, np.log(1e-4 + weight.sum()))


def test_a_row_that_no_box_speaks_for_keeps_its_own() -> None:
    own = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    for boxes in (np.zeros((0, 4)), np.array([[100.0, 100, 200, 200]])):
        mean, spread, weight = fused(np.zeros((2, len(boxes))), boxes, own)
        np.testing.assert_array_equal(mean, own)
        assert not spread.any()
        np.testing.assert_allclose(weight, np.log(1e-4))


def test_room_is_positive_where_a_box_is_too_large() -> None:
    own = np.array([[0.0, 0, 100, 50]])
    np.testing.assert_allclose(room(own, np.array([[10.0, 5, 80, 60]])), [[0.1, 0.1, 0.2, -0.2]])
    assert not room(own, own).any()


@given(BOX, BOX, st.floats(0, 100), st.floats(-9, 3))
def test_margins_are_numbers_and_none_of_them_knows_the_scale(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float], spread: float, weight: float
) -> None:
    own, boxes = corners([one]) * 10, corners([other]) * 10  # sides of 5 px and more
    said = np.array(margins(own, boxes, np.full((1, 4), spread), np.array([weight])))
    assert np.isfinite(said).all()
    larger = np.array(margins(own * 3, boxes * 3, np.full((1, 4), spread * 3), np.array([weight])))
    np.testing.assert_allclose(said, larger, rtol=1e-6, atol=1e-9)
