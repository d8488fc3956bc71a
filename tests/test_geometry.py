"""Boxes as arrays: laws of overlap, and pairs against a slow reference."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yoloaudit import geometry
from yoloaudit.geometry import (
    Floats,
    Integers,
    Pairs,
    area,
    centres_of,
    clip,
    close_pairs,
    containment,
    corners_of,
    facing,
    intersection,
    iou,
    key_values,
    sort_key,
    strongest,
)

SIDES = st.sampled_from([0.0, 0.1, 0.105, 0.2, 0.205, 0.25, 0.5, 1.0])
MOST = float(np.finfo(np.float32).max)


@st.composite
def centres(draw: st.DrawFn, most: int = 12) -> Floats:
    rows = st.tuples(SIDES, SIDES, SIDES, SIDES)
    return np.array(draw(st.lists(rows, min_size=1, max_size=most)), dtype=np.float32)


def slow_overlap(one: Floats, two: Floats) -> tuple[float, float]:
    """IoU and containment of two boxes, in plain numbers."""
    left, top = max(one[0], two[0]), max(one[1], two[1])
    right, bottom = min(one[2], two[2]), min(one[3], two[3])
    shared = max(float(right) - float(left), 0) * max(float(bottom) - float(top), 0)
    first, second = (
        max(float(box[2]) - float(box[0]), 0) * max(float(box[3]) - float(box[1]), 0) for box in (one, two)
    )
    if min(first, second) <= 0:
        return (0.0, 0.0)
    return shared / (first + second - shared), shared / min(first, second)


@given(centres())
def test_conversion_there_and_back(boxes: Floats) -> None:
    np.testing.assert_allclose(centres_of(corners_of(boxes)), boxes, atol=1e-6)


def test_corners_are_half_a_size_from_the_centre() -> None:
    np.testing.assert_allclose(corners_of(np.array([[0.5, 0.4, 0.2, 0.1]])), [[0.4, 0.35, 0.6, 0.45]])


@given(centres())
def test_overlap_is_symmetric_and_bounded(boxes: Floats) -> None:
    one, two = corners_of(boxes), corners_of(boxes[::-1])
    for measure in (iou, containment):
        amount = measure(one, two)
        np.testing.assert_array_equal(amount, measure(two, one))
        assert ((amount >= 0) & (amount <= 1)).all()
    assert (intersection(one, two) <= np.minimum(area(one), area(two))).all()
    assert (iou(one, two) <= containment(one, two)).all()


@given(centres())
def test_overlap_with_itself_is_whole(boxes: Floats) -> None:
    corners = corners_of(boxes)
    np.testing.assert_array_equal(iou(corners, corners), (area(corners) > 0).astype(float))


@given(centres())
def test_overlap_is_that_of_plain_numbers(boxes: Floats) -> None:
    one, two = corners_of(boxes), corners_of(boxes[::-1])
    slow = np.array([slow_overlap(a, b) for a, b in zip(one, two, strict=True)])
    np.testing.assert_allclose(iou(one, two), slow[:, 0], atol=1e-12)
    np.testing.assert_allclose(containment(one, two), slow[:, 1], atol=1e-12)


@given(centres())
def test_clipped_boxes_lie_in_the_frame(boxes: Floats) -> None:
    corners = corners_of(boxes)
    clipped = clip(corners)
    assert ((clipped >= 0) & (clipped <= 1)).all()
    np.testing.assert_array_equal(clip(clipped), clipped)
    inside = ((corners >= 0) & (corners <= 1)).all(axis=1)
    np.testing.assert_array_equal(clipped[inside], corners[inside])
    assert (area(clipped) <= area(corners)).all()


def test_clip_to_pixels() -> None:
    np.testing.assert_array_equal(clip(np.array([[-5.0, 3.0, 700.0, 500.0]]), 640, 480), [[0, 3, 640, 480]])


@given(arrays(np.float32, (6, 4), elements=st.floats(width=32, allow_nan=True)))
def test_any_float_is_borne(boxes: Floats) -> None:
    corners = corners_of(boxes)
    for measure in (iou, containment):
        amount = measure(corners, corners[::-1])
        assert ((amount >= 0) & (amount <= 1)).all()
    for pairs in close_pairs(np.zeros(6, dtype=np.int32), corners, 0.5):
        assert (pairs.overlap >= 0.5).all()


@given(
    arrays(np.int32, 20, elements=st.integers(0, 2**31 - 1)),
    arrays(np.float32, 20, elements=st.floats(-MOST, MOST, width=32)),
)
def test_sort_key_orders_by_group_then_value(groups: Integers, values: Floats) -> None:
    keys = sort_key(groups, values)
    order = np.argsort(keys, kind="stable")
    expected = np.lexsort((values + np.float32(0), groups))
    np.testing.assert_array_equal(values[order], values[expected])
    np.testing.assert_array_equal(groups[order], groups[expected])
    np.testing.assert_array_equal(key_values(keys), values)


def slow_pairs(groups: Integers, corners: Floats, least: float, which: int) -> set[tuple[int, int]]:
    return {
        (one, two)
        for two in range(len(groups))
        for one in range(two)
        if groups[one] == groups[two] and slow_overlap(corners[one], corners[two])[which] >= least
    }


def found_pairs(pairs: list[Pairs]) -> set[tuple[int, int]]:
    ends = [(int(one), int(two)) for chunk in pairs for one, two in zip(chunk.first, chunk.second, strict=True)]
    assert len(ends) == len(set(ends))
    return {(min(pair), max(pair)) for pair in ends}


@given(centres(), st.data(), st.sampled_from([0.3, 0.5, 0.9]))
def test_close_pairs_are_those_of_a_slow_search(boxes: Floats, data: st.DataObject, least: float) -> None:
    groups = data.draw(arrays(np.int32, len(boxes), elements=st.integers(0, 2)))
    corners = corners_of(boxes)
    assert found_pairs(list(close_pairs(groups, corners, least))) == slow_pairs(groups, corners, least, 0)
    every = close_pairs(groups, corners, least, overlap=containment, reach=1)
    assert found_pairs(list(every)) == slow_pairs(groups, corners, least, 1)


def test_close_pairs_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = np.random.default_rng(0).uniform(0.1, 0.6, (200, 4)).astype(np.float32)
    groups = np.repeat(np.arange(4), 50)
    whole = found_pairs(list(close_pairs(groups, corners_of(boxes), 0.4)))
    monkeypatch.setattr(geometry, "CHUNK", 7)
    assert found_pairs(list(close_pairs(groups, corners_of(boxes), 0.4))) == whole
    assert whole


def test_accept_throws_pairs_out() -> None:
    corners = np.tile(np.array([[0.1, 0.1, 0.3, 0.3]], dtype=np.float32), (3, 1))
    odd = close_pairs(np.zeros(3, dtype=np.int32), corners, 0.9, accept=lambda one, two: (one + two) % 2 == 1)
    assert found_pairs(list(odd)) == {(0, 1), (1, 2)}


def test_stacked_boxes_cost_no_square() -> None:
    corners = np.tile(np.array([[0.1, 0.1, 0.3, 0.3]], dtype=np.float32), (100_000, 1))
    began = time.perf_counter()
    compared = sum(len(pairs.first) for pairs in close_pairs(np.zeros(100_000, dtype=np.int32), corners, 0.95))
    assert compared < geometry.PAIRS + (geometry.PAIRS_A_BOX + 1) * 100_000
    assert time.perf_counter() - began < 20


def test_two_thousand_boxes_are_compared_with_all() -> None:
    corners = np.tile(np.array([[0.1, 0.1, 0.3, 0.3]], dtype=np.float32), (2000, 1))
    compared = sum(len(pairs.first) for pairs in close_pairs(np.zeros(2000, dtype=np.int32), corners, 0.95))
    assert compared == 2000 * 1999 // 2


def test_strongest_keeps_one_pair_for_each_first() -> None:
    chunks = [
        Pairs(np.array([3, 3, 1]), np.array([0, 1, 0]), np.array([0.6, 0.8, 0.5])),
        Pairs(np.array([3, 1]), np.array([2, 2]), np.array([0.7, 0.9])),
    ]
    first, second, overlap = strongest(chunks, 5)
    assert first.tolist() == [1, 3]
    assert second.tolist() == [2, 1]
    assert overlap.tolist() == [0.9, 0.8]


def test_strongest_of_nothing() -> None:
    assert [len(column) for column in strongest([], 3)] == [0, 0, 0]


@given(centres(), centres(), st.sampled_from([0.5, 0.8]), st.integers(1, 3))
def test_no_pair_that_overlaps_enough_is_passed_over(one: Floats, other: Floats, least: float, groups: int) -> None:
    first, second = corners_of(one), corners_of(other)
    of_first, of_second = np.arange(len(first)) % groups, np.arange(len(second)) % groups
    found = [
        (int(a), int(b))
        for chunk in facing(of_first, first, of_second, second, (1 - least) / least, 1 - least)
        for a, b in zip(*chunk, strict=True)
    ]
    assert len(set(found)) == len(found)
    assert all(of_first[a] == of_second[b] for a, b in found)
    every = ((a, b) for a in range(len(first)) for b in range(len(second)) if of_first[a] == of_second[b])
    assert not {(a, b) for a, b in every if slow_overlap(first[a], second[b])[0] >= least + 1e-6} - set(found)


def test_all_pairs_of_a_group_are_in_one_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "CHUNK", 10)
    groups = np.repeat(np.arange(5), [1, 4, 0, 2, 3])
    boxes = np.tile(np.array([[0.0, 0.0, 1.0, 1.0]]), (len(groups), 1))
    chunks = [groups[first].tolist() for first, _ in facing(groups, boxes, groups, boxes, 1.0, 0.5)]
    assert chunks == [[0], [1] * 16, [3] * 4, [4] * 9] or chunks == [[0], [1] * 16, [3] * 4 + [4] * 9]
    assert not list(facing(groups, boxes, groups + 9, boxes, 1.0, 0.5))
    assert not list(facing(groups[:0], boxes[:0], groups, boxes, 1.0, 0.5))


def test_a_pile_of_others_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "FACED", 7)
    pile, alone = np.tile([0.0, 0, 1, 1], (50, 1)), np.array([[0.0, 0, 1, 1]])
    ((first, second),) = facing(np.zeros(1, int), alone, np.zeros(50, int), pile, 1.0, 0.5)
    assert (len(first), second.tolist()) == (7, list(range(7)))
