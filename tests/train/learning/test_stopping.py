"""The best epoch and the end of a training, against upstream's figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_models import golden, needs_shared
from yoloaudit.train.learning.stopping import Stopping, fitness


@needs_shared
def test_epochs_are_judged_as_upstream_does() -> None:
    case = golden("schedule.json")["early_stopping"]
    state = Stopping(case["patience"])
    for epoch, (value, stops, may_stop_next, best) in enumerate(case["rows"]):
        state = state.after(epoch, value)
        assert (state.stops(epoch), state.may_stop_next(epoch), state.epoch) == (stops, may_stop_next, best)


@needs_shared
def test_fitness_is_upstreams() -> None:
    for run in golden("train_curve.json")["runs"].values():
        for epoch in run["epochs"]:
            assert fitness(epoch["mAP50"], epoch["mAP50_95"]) == pytest.approx(epoch["fitness"], rel=1e-9)


def test_without_patience_nothing_stops() -> None:
    state = Stopping(0).after(0, 0.5)
    assert not state.stops(10**6)
    assert not state.may_stop_next(10**6)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3]), min_size=1), st.integers(1, 5))
def test_the_best_is_the_first_of_the_highest(values: list[float], patience: int) -> None:
    state = Stopping(patience)
    for epoch, value in enumerate(values):
        state = state.after(epoch, value)
    assert state.best == max(values)
    assert state.epoch == values.index(max(values))
    assert not state.stops(len(values) - 1) or len(values) > patience
    assert state.may_stop_next(len(values) - 1) == state.stops(len(values))
