"""Runs scored in the same samples, by part; differences between sides, and of the same runs on other labels."""

import numpy as np
import pytest

from tests.example_evidence import evidence, scored, worse
from yoloaudit.compare.differences import ALL, between, plan_of, within
from yoloaudit.compare.differences import scored as scored_in_samples
from yoloaudit.train.score.draws import METRICS


def test_parts_are_everything_the_classes_and_the_sizes() -> None:
    made = evidence(1)
    parts = plan_of(made).parts()
    assert [part.name for part in parts] == [ALL, "0", "1", "2", "small", "medium", "large"]
    assert parts[0].instances == 40 == sum(part.instances for part in parts[1:4]) == sum(p.instances for p in parts[4:])
    assert all(part.effective <= part.images <= 12 for part in parts)
    assert [part.name for part in plan_of(made, whole_only=True).parts()] == [ALL, "0", "1", "2"]


def test_all_runs_are_scored_in_the_same_samples() -> None:
    made = evidence(1)
    one, other = scored_in_samples([plan_of(made), plan_of(made)], 12, samples=50)
    for key, values in one.samples.items():
        np.testing.assert_array_equal(values, other.samples[key])
        assert values.shape == (50,)
    theirs = scored(made)
    assert one.whole[ALL, "map50_95"] == pytest.approx(theirs.ap.mean(), abs=1e-12)
    assert one.whole["1", "map50"] == pytest.approx(theirs.ap[1, 0], abs=1e-12)


def test_a_difference_is_b_less_a() -> None:
    made = evidence(1, images=60, labels=200, detections=500)
    plans = [plan_of(made), plan_of(worse(made, 0.3))]
    a, b = scored_in_samples(plans, 60, samples=200)
    whole = plans[0].parts()[0]
    for metric in METRICS:
        estimate = between([a], [b], whole, metric)
        assert estimate.difference == pytest.approx(estimate.b - estimate.a)
        assert estimate.low < estimate.difference < estimate.high
        assert within([a], [b], whole, metric)[:6] == pytest.approx(estimate[:6])
    assert between([a], [b], whole, "map50").is_real


def test_runs_of_a_side_that_differ_cancel_where_each_is_held_against_itself() -> None:
    """Two seeds that are far apart, each of them worse by as much: the seeds do not matter."""
    first = evidence(1, images=60, labels=200, detections=500)
    second = worse(first, 0.5, 1)
    runs = [first, second, worse(first, 0.2, 2), worse(second, 0.2, 2)]
    made = scored_in_samples([plan_of(run) for run in runs], 60, samples=200)
    whole = plan_of(first).parts()[0]
    own = within(made[:2], made[2:], whole, "map50_95")
    apart = between(made[:2], made[2:], whole, "map50_95")
    assert own.high - own.low < 0.5 * (apart.high - apart.low)
    assert own.difference == pytest.approx(apart.difference)


def test_ends_are_differences_that_can_be() -> None:
    made = evidence(1, images=3, classes=1, labels=4, detections=9)
    a, b = scored_in_samples([plan_of(made), plan_of(worse(made, 0.5))], 3, samples=50)
    for part in plan_of(made).parts():
        estimate = between([a], [b], part, "map50")
        assert np.isnan(estimate.low) or -1 <= estimate.low <= estimate.high <= 1
