"""Matching, AP, precision, recall and F1: equal to the trainer's own numbers, and to plain loops."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detections import GOLDEN, detected, drawn, labelled
from yoloaudit.geometry import iou
from yoloaudit.train.score.metrics import THRESHOLDS, average_precision, envelope, match, score_classes, smooth
from yoloaudit.train.score.pairs import Detected, Labelled, Mask

needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="needs the golden numbers of shared/reference")


def golden(name: str) -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads((GOLDEN / name).read_text()) if GOLDEN.exists() else {"cases": {}}
    return numbers


AP, MATCH = golden("ap.json"), golden("match.json")


@needs_golden
@pytest.mark.parametrize("name", AP["cases"])
def test_scores_equal_the_trainers(name: str) -> None:
    case = AP["cases"][name]
    hits, classes = np.array(case["tp_matrix"], bool), np.array(case["pred_cls"]).astype(np.int64)
    labels = np.array(case["target_cls"]).astype(np.int64)
    scores = score_classes(hits, np.array(case["conf"]), classes, labels)
    expected = case["out"]
    assert scores.classes.tolist() == expected["classes"]
    assert scores.right.tolist() == expected["tp"]
    assert scores.wrong.tolist() == expected["fp"]
    for own, theirs in ((scores.precision, "p"), (scores.recall, "r"), (scores.f1, "f1"), (scores.ap, "ap")):
        np.testing.assert_allclose(own, expected[theirs], rtol=0, atol=6e-11)


@needs_golden
def test_area_under_a_curve_equals_the_trainers() -> None:
    for case in AP["compute_ap"]:
        area = average_precision(np.array(case["recall"]), np.array(case["precision"]))
        assert area == pytest.approx(case["ap"], abs=1e-12)


@needs_golden
def test_smoothing_equals_the_trainers() -> None:
    made, expected = smooth(np.sin(np.arange(1000) / 50), 0.1), AP["smooth"]
    assert len(made) == expected["len"]
    for own, theirs in ((made[:5], "first5"), (made[498:503], "mid5"), (made[-5:], "last5")):
        np.testing.assert_allclose(own, expected[theirs], rtol=0, atol=1e-12)


@needs_golden
@pytest.mark.parametrize("name", [name for name, case in MATCH["cases"].items() if "correct" in case])
def test_matches_equal_the_trainers(name: str) -> None:
    case = MATCH["cases"][name]
    found = detected(*((0, int(row[5]), *row[:5]) for row in case["det"]))
    truth = labelled(*((0, int(row[0]), *row[1:]) for row in case["labels"]))
    assert match(found, truth).astype(int).tolist() == case["correct"]
    assert THRESHOLDS.tolist() == MATCH["iou_thresholds"]


def matched_by_loops(found: Detected, truth: Labelled) -> Mask:
    """As the specification says it, one detection at a time."""
    hits = np.zeros((len(found.scores), len(THRESHOLDS)), bool)
    for column, threshold in enumerate(THRESHOLDS):
        taken: set[int] = set()
        for d in range(len(found.scores)):
            own = np.flatnonzero((truth.images == found.images[d]) & (truth.classes == found.classes[d]))
            overlaps = iou(np.repeat(found.boxes[d : d + 1], len(own), axis=0), truth.boxes[own]).astype(np.float32)
            if len(own) and overlaps.max() >= threshold:
                best = int(own[overlaps.argmax()])
                hits[d, column] = best not in taken
                taken.add(best)
    return hits


@given(st.integers(0, 10_000), st.booleans(), st.integers(0, 15), st.integers(0, 50))
def test_matching_equals_loops(seed: int, grid: bool, labels: int, detections: int) -> None:
    found, truth = drawn(seed, 3, 2, labels, detections, grid=grid, ties=True)
    assert np.array_equal(match(found, truth), matched_by_loops(found, truth))


def test_a_detection_is_not_offered_a_second_label() -> None:
    found = detected((0, 0, 0, 0, 10, 10, 0.9), (0, 0, 0, 0, 10, 9.5, 0.8))
    truth = labelled((0, 0, 0, 0, 10, 10), (0, 0, 0, 0, 10, 7))
    assert match(found, truth)[:, 0].tolist() == [True, False]


def test_images_do_not_mix() -> None:
    found, truth = detected((0, 0, 0, 0, 10, 10, 0.9)), labelled((1, 0, 0, 0, 10, 10))
    assert not match(found, truth).any()


@given(st.integers(0, 1000), st.integers(1, 5))
def test_scores_do_not_depend_on_the_order_of_images(seed: int, classes: int) -> None:
    found, truth = drawn(seed, 6, classes, 20, 60)
    shuffled = np.random.default_rng(seed).permutation(6)
    order = np.argsort(shuffled[found.images], kind="stable")
    turned = Detected(shuffled[found.images], found.classes, found.boxes, found.scores).at(order)
    moved = truth._replace(images=shuffled[truth.images])
    one, other = (
        score_classes(match(d, t), d.scores, d.classes, t.classes) for d, t in ((found, truth), (turned, moved))
    )
    np.testing.assert_allclose(one.ap, other.ap, atol=1e-12)
    np.testing.assert_allclose(one.f1, other.f1, atol=1e-12)


def test_a_perfect_detector_has_the_trainers_0995() -> None:
    truth = labelled(*((image, image % 2, 5, 5, 25, 25) for image in range(10)))
    found = detected(*((image, image % 2, 5, 5, 25, 25, 0.9) for image in range(10)))
    scores = score_classes(match(found, truth), found.scores, found.classes, truth.classes)
    np.testing.assert_allclose(scores.ap, 0.995)
    assert scores.precision.tolist() == scores.recall.tolist() == [1, 1]
    assert scores.right.tolist() == [5, 5]


def test_no_label_no_detection_and_neither() -> None:
    for found, truth in ((detected(), labelled()), (detected((0, 0, 0, 0, 9, 9, 0.5)), labelled())):
        scores = score_classes(match(found, truth), found.scores, found.classes, truth.classes)
        assert len(scores.classes) == 0
        assert scores.ap.shape == (0, 10)
    truth = labelled((0, 3, 0, 0, 9, 9))
    scores = score_classes(match(detected(), truth), detected().scores, detected().classes, truth.classes)
    assert scores.classes.tolist() == [3]
    assert scores.ap.max() == scores.precision[0] == scores.recall[0] == scores.f1[0] == 0
    assert scores.wrong.tolist() == [0]


@given(st.integers(0, 1000))
def test_curves_lie_between_0_and_1_and_the_envelope_falls(seed: int) -> None:
    found, truth = drawn(seed, 3, 3, 15, 50, ties=True)
    scores = score_classes(match(found, truth), found.scores, found.classes, truth.classes)
    for curve in (scores.precision_curve, scores.recall_curve, scores.f1_curve, scores.precision_by_recall):
        assert curve.min() >= 0
        assert curve.max() <= 1
    assert (np.diff(scores.precision_by_recall, axis=1) <= 1e-6).all()
    assert (np.diff(scores.recall_curve, axis=1) <= 1e-6).all()


def test_the_envelope_begins_at_recall_0_and_ends_at_1_0() -> None:
    recall, precision = envelope(np.array([0.5, 0.5]), np.array([0.5, 0.8]))
    assert recall.tolist() == [0, 0.5, 0.5, 1]
    assert precision.tolist() == [1, 0.8, 0.8, 0]


def test_a_thousand_classes() -> None:
    truth = labelled(*((number % 50, number, 5, 5, 25, 25) for number in range(1000)))
    found = detected(*((number % 50, number, 5, 5, 25, 25, 0.9) for number in range(1000)))
    scores = score_classes(match(found, truth), found.scores, found.classes, truth.classes)
    assert len(scores.classes) == 1000
    assert scores.ap.min() == pytest.approx(0.995)
