"""Images drawn anew, and the scores of each class in every sample."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_evidence import evidence, scored
from yoloaudit.train.score.draws import METRICS, drawn, kinds_of, mean_over_classes, once, scores_of
from yoloaudit.train.score.evidence import Evidence, only


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_whole_is_scored_as_by_the_evaluation(seed: int) -> None:
    made = evidence(seed, images=6, classes=4, labels=20, detections=60)
    found, theirs = scores_of(kinds_of(made), once(6)), scored(made)
    assert found.classes.tolist() == theirs.classes.tolist()
    for own, other in zip(
        found[1:5], (theirs.precision, theirs.recall, theirs.ap[:, 0], theirs.ap.mean(axis=1)), strict=True
    ):
        np.testing.assert_allclose(own[:, 0], other, atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_images_does_not_matter(seed: int) -> None:
    made = evidence(seed, images=6, labels=20, detections=60)
    order = np.random.default_rng(seed).permutation(6)
    weights = np.random.default_rng(seed).integers(0, 3, (6, 4)).astype(float)
    one, other = scores_of(kinds_of(made), weights), scores_of(kinds_of(only(made, order.tolist())), weights[order])
    for metric in METRICS:
        np.testing.assert_allclose(getattr(one, metric), getattr(other, metric), atol=1e-9)


def test_a_sample_holds_as_many_images_as_there_are() -> None:
    parts = list(drawn(7, 50, seed=0))
    assert sum(part.shape[1] for part in parts) == 50
    assert all((part.sum(axis=0) == 7).all() for part in parts)
    again = np.concatenate(list(drawn(7, 50, seed=0)), axis=1)
    assert (np.concatenate(parts, axis=1) == again).all()
    assert (again != np.concatenate(list(drawn(7, 50, seed=1)), axis=1)).any()


def test_many_images_are_drawn_some_samples_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(drawn(100, 30, seed=3)), axis=1)
    monkeypatch.setattr("yoloaudit.train.score.draws.AT_ONCE", 1000)
    parts = list(drawn(100, 30, seed=3))
    assert [part.shape for part in parts] == [(100, 10)] * 3
    assert (np.concatenate(parts, axis=1) == whole).all()


def test_a_class_that_a_sample_lacks_is_left_out_of_its_mean() -> None:
    values = np.array([[0.5, np.nan, np.nan], [0.1, 0.3, np.nan]])
    np.testing.assert_allclose(mean_over_classes(values), [0.3, 0.3, np.nan])


def test_only_classes_with_labels_are_scored() -> None:
    made = evidence(2, classes=3)
    some: Evidence = replace(made, labels=made.labels[made.labels[:, 1] == 1])
    assert [kind.number for kind in kinds_of(some)] == [1]
    assert kinds_of(replace(made, labels=made.labels[:0])) == []
