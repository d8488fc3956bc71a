"""overfit-run: early best, rising validation losses, and the loss that rises most."""

import numpy as np
import pytest

from tests.example_trained import run_of, said
from yoloaudit.checks.training.overfit_run import OverfitRun, rises_of
from yoloaudit.training_run import Run


def scores(best: int, size: int = 100) -> list[float]:
    return [0.5 - abs(epoch - best) / 1000 for epoch in range(size)]


def losses(*ends: float, size: int = 100) -> list[list[float]]:
    """Losses that go from 0.1 to these, along straight lines."""
    return [[float(loss) for loss in row] for row in np.linspace([0.1] * 3, ends, size)]


def test_the_loss_that_rises_most_is_named_with_its_gain() -> None:
    check = OverfitRun()
    (sentence,) = said(check, check.find(run_of(scores(10), losses(0.1, 0.3, 0.12))))
    assert "epoch 11 of 100 was the best" in sentence
    assert "most of all the objectness loss (hyp['obj'])" in sentence


@pytest.mark.parametrize(
    ("best", "end", "found"), [(49, 0.3, 1), (50, 0.3, 0), (10, 0.101, 0), (10, 0.05, 0), (0, 0.3, 1)]
)
def test_both_are_needed(best: int, end: float, found: int) -> None:
    defects = OverfitRun().find(run_of(scores(best), losses(end, end, end)))
    assert len(defects) == found
    assert defects.attrs["measured"] == pytest.approx((best + 1) / 100)


@pytest.mark.parametrize("broken", [np.nan, 0.0])
def test_without_losses_nothing_is_measured(broken: float) -> None:
    found = OverfitRun().find(run_of(scores(10), [[broken] * 3] * 100))
    assert found.attrs["measured"] is None
    assert "losses" in found.attrs["why"]


@pytest.mark.parametrize("run", [run_of(), run_of([]), run_of([0.0, 0.0])])
def test_without_scores_nothing_is_measured(run: Run) -> None:
    assert OverfitRun().find(run).attrs["measured"] is None


def test_a_single_epoch() -> None:
    epochs = run_of([0.5], [[0.1, 0.1, 0.1]]).epochs
    assert epochs is not None
    found = rises_of(epochs, 0)
    assert found is not None
    assert found[0].tolist() == found[1].tolist()
