"""Precision and recall where the mean F1 is highest: of the whole, those of the evaluation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_evidence import evidence, kind, scored
from yoloaudit.train.score.draws import kinds_of, once
from yoloaudit.train.score.metrics import CONFIDENCES
from yoloaudit.train.score.working_point import grid_of, working_points


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_the_whole_is_that_of_the_evaluation(seed: int) -> None:
    made = evidence(seed, images=6, classes=3, labels=20, detections=60)
    found, theirs = working_points(kinds_of(made), once(6)), scored(made)
    assert CONFIDENCES[found.best[0]] == pytest.approx(theirs.confidence, abs=1e-12)
    np.testing.assert_allclose(found.precision[:, 0], theirs.precision, atol=1e-9)
    np.testing.assert_allclose(found.recall[:, 0], theirs.recall, atol=1e-9)


def test_samples_one_by_one_are_the_same_as_together() -> None:
    kinds = [kind(seed) for seed in (1, 2, 3)]
    drawn = np.random.default_rng(0).integers(0, 3, (6, 9)).astype(float)
    together = working_points(kinds, drawn)
    for sample in range(9):
        own = working_points(kinds, drawn[:, [sample]])
        np.testing.assert_allclose(own.precision[:, 0], together.precision[:, sample])
        assert own.best[0] == together.best[sample]


def test_at_given_confidences() -> None:
    kinds = [kind(4)]
    low, high = (working_points(kinds, once(6), np.array([at])) for at in (0, 999))
    assert low.recall[0, 0] >= high.recall[0, 0]
    assert high.recall[0, 0] == 0


def test_a_class_without_labels_in_a_sample_is_unknown_and_one_without_detections_is_0() -> None:
    each = kind(5)
    found = working_points([each], np.zeros((6, 1)))
    assert np.isnan(found.precision[0, 0])
    nothing = each._replace(image=each.image[:0], scores=each.scores[:0], hits=each.hits[:0])
    blind = working_points([nothing], once(6))
    assert (blind.precision[0, 0], blind.recall[0, 0]) == (0, 0)
    assert working_points([], once(6)).precision.shape == (0, 1)


def test_curves_between_two_detections_are_straight() -> None:
    grid = grid_of(kind(7))
    sums = np.asarray(grid.weights.sum(axis=1)).ravel() + grid.above
    np.testing.assert_allclose(sums, 1)
