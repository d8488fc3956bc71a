"""Intervals by the bootstrap: the whole is the evaluation's own score, a sample is scored as a data set of its own."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_evidence import evidence as made_up
from tests.example_evidence import of_old
from tests.example_evidence import scored as counted
from yoloaudit.train.score.evidence import Evidence, only
from yoloaudit.train.score.resample import AT_ALL, AT_HALF, difference, interval, samples_for


def evidence(seed: int, images: int = 12, classes: int = 3, labels: int = 40, detections: int = 150) -> Evidence:
    """Without boxes, its labels everywhere the same."""
    made = of_old(made_up(seed, images, classes, labels, detections))
    return replace(made, digests=("same",) * images)


def scored(each: Evidence) -> np.ndarray:
    """AP of each class, K × T, counted as an evaluation counts it."""
    return counted(each).ap


@settings(max_examples=6)
@given(st.integers(0, 10**6))
def test_the_whole_is_scored_as_by_the_evaluation(seed: int) -> None:
    made = evidence(seed, images=5, classes=2, labels=15, detections=40)
    at_half, at_all = interval(made, AT_HALF), interval(made, AT_ALL)
    assert at_half is not None
    assert at_all is not None
    assert at_half.value == pytest.approx(scored(made)[:, 0].mean(), abs=1e-12)
    assert at_all.value == pytest.approx(scored(made).mean(), abs=1e-12)
    assert at_half.low <= at_half.value <= at_half.high


def test_more_images_make_a_narrower_interval() -> None:
    few, many = interval(evidence(1, 12, 2, 40, 90)), interval(evidence(1, 400, 2, 1300, 3000))
    assert few is not None
    assert many is not None
    assert few.half > 2 * many.half > 0
    assert few.images == 12


def test_a_run_does_not_differ_from_itself_and_a_worse_one_does() -> None:
    made = evidence(3, 60, 2, 200, 500)
    same = difference(made, made)
    assert same is not None
    assert (same.value, same.low, same.high, same.images) == (0, 0, 0, 60)
    worse = replace(made, hits=made.hits & (np.random.default_rng(0).random(len(made.scores)) < 0.5)[:, None])
    gap = difference(worse, made)
    assert gap is not None
    assert gap.value == pytest.approx(scored(worse).mean() - scored(made).mean())
    assert gap.high < 0


def test_only_images_with_equal_labels_are_compared() -> None:
    made = evidence(5, 10)
    other = replace(made, digests=("same",) * 4 + ("new",) * 6)
    pair = difference(made, other)
    assert pair is not None
    assert pair.images == 4
    assert pair.value == 0
    assert difference(made, replace(made, images=tuple("abcdefghij"))) is None


def test_images_in_another_order_are_the_same_images() -> None:
    made = evidence(5, 10)
    turned = only(made, list(range(9, -1, -1)))
    assert scored(turned).mean() == pytest.approx(scored(made).mean())
    pair = difference(made, turned)
    assert pair is not None
    assert pair.value == pytest.approx(0)
    assert pair.images == 10


def test_nothing_labelled_has_no_interval_and_nothing_found_is_zero() -> None:
    made = evidence(1, 4)
    assert interval(replace(made, labels=made.labels[:0])) is None
    assert interval(replace(made, labels=made.labels * np.array([1, 1, 0]))) is None
    assert difference(made, replace(made, labels=made.labels[:0])) is None
    nothing = np.zeros(0, np.int64)
    blind = replace(made, image=nothing, classes=nothing, scores=made.scores[:0], hits=made.hits[:0])
    zero = interval(blind)
    assert zero is not None
    assert (zero.value, zero.low, zero.high) == (0, 0, 0)


def test_it_is_the_same_every_time() -> None:
    assert interval(evidence(1)) == interval(evidence(1)) != interval(evidence(1), seed=1)


def test_much_evidence_takes_seconds() -> None:
    began = time.perf_counter()
    assert interval(evidence(1, 2000, 20, 14_000, 200_000)) is not None
    assert time.perf_counter() - began < 20


def test_of_very_much_evidence_fewer_samples_are_drawn() -> None:
    made = evidence(1)
    assert samples_for([made]) == 1000
    assert samples_for([made], 5000) == 5000
    heavy = replace(made, scores=np.zeros(10_000_000, np.float32))
    assert 200 <= samples_for([made, heavy]) < 1000
