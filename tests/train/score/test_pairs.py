"""Pairs of detections and labels that overlap, against every pair there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detections import detected, drawn, labelled
from yoloaudit.geometry import iou
from yoloaudit.train.score import pairs
from yoloaudit.train.score.pairs import Detected, Labelled, overlapping, strongest


def every_pair(found: Detected, truth: Labelled, least: float, *, by_class: bool = True) -> list[tuple[int, int]]:
    return [
        (d, label)
        for d in range(len(found.scores))
        for label in range(len(truth.classes))
        if found.images[d] == truth.images[label]
        and (not by_class or found.classes[d] == truth.classes[label])
        and iou(found.boxes[d : d + 1], truth.boxes[label : label + 1])[0] >= least
    ]


@given(st.integers(0, 10_000), st.sampled_from([0.01, 0.45, 0.5, 0.9]), st.integers(1, 40))
def test_equals_a_loop_over_all_pairs(seed: int, least: float, at_once: int) -> None:
    found, truth = drawn(seed, 4, 3, 12, 30, grid=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PAIRS_AT_ONCE", at_once)
        made = overlapping(found, truth, least)
    assert sorted(zip(made.detection.tolist(), made.label.tolist(), strict=True)) == every_pair(found, truth, least)
    assert (np.diff(made.detection) >= 0).all()


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([0.01, 0.45, 0.5, 0.9]), st.integers(1, 40))
def test_the_strongest_equals_that_of_all_pairs(seed: int, by_class: bool, least: float, at_once: int) -> None:
    found, truth = drawn(seed, 4, 3, 12, 30, grid=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PAIRS_AT_ONCE", at_once)
        made = strongest(found, truth, least, by_class=by_class)
    best: dict[int, tuple[float, int]] = {}
    for detection, label in every_pair(found, truth, least, by_class=by_class):
        overlap = iou(found.boxes[detection : detection + 1], truth.boxes[label : label + 1]).astype(np.float32)[0]
        best[detection] = max(best.get(detection, (0.0, 1)), (float(overlap), -label))
    assert dict(zip(made.detection.tolist(), made.label.tolist(), strict=True)) == {d: -best[d][1] for d in best}


def test_what_does_not_touch_is_no_pair_even_at_no_overlap() -> None:
    assert len(overlapping(detected((0, 0, 0, 0, 1, 1, 0.9)), labelled((0, 0, 5, 5, 6, 6)), 0.0).label) == 0


def test_nothing_makes_no_pairs() -> None:
    assert len(overlapping(detected(), labelled(), 0.5).label) == 0
    assert len(overlapping(detected((0, 0, 0, 0, 1, 1, 0.9)), labelled(), 0.5).label) == 0


def test_boxes_without_a_side_and_beyond_floats_overlap_nothing() -> None:
    found = detected((0, 0, 1, 1, 1, 5, 0.9), (0, 0, 0, 0, 3e38, 3e38, 0.8), (0, 0, np.nan, 0, 1, 1, 0.7))
    truth = labelled((0, 0, 1, 1, 1, 5), (0, 0, -3e38, -3e38, 3e38, 3e38))
    assert len(overlapping(found, truth, 0.5).label) == 0


def test_of_equal_overlaps_the_earlier_label_is_the_strongest() -> None:
    found = detected((0, 0, 0, 0, 10, 10, 0.9))
    truth = labelled((0, 0, 0, 0, 10, 8), (0, 0, 0, 2, 10, 10), (0, 0, 0, 0, 10, 5))
    assert strongest(found, truth, 0.1).label.tolist() == [0]
