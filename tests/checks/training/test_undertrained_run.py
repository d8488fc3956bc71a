"""undertrained-run: how many epochs to take instead."""

import pytest

from tests.example_trained import run_of, said
from yoloaudit.checks.training.undertrained_run import UndertrainedRun


@pytest.mark.parametrize(
    ("epochs", "planned", "end"),
    [
        (50, 300, "epoch 50 of 50 (300 were planned) was the best, so it was still getting better: train for 300"),
        (100, 100, "train for 300"),
        (300, 300, "train for 600"),
        (599, 599, "train for 600"),
        (600, None, "train for 1,200"),
        (1200, 1200, "train for 2,400"),
    ],
)
def test_the_next_step_of_the_guide(epochs: int, planned: int | None, end: str) -> None:
    check = UndertrainedRun()
    rising = [epoch / 10_000 for epoch in range(1, epochs + 1)]
    (sentence,) = said(check, check.find(run_of(rising, planned=planned)))
    assert sentence.endswith(end)


def test_the_last_twentieth_is_the_end() -> None:
    at = [[0.5 if epoch == best else 0.1 for epoch in range(200)] for best in (189, 190)]
    assert [len(UndertrainedRun().find(run_of(scores))) for scores in at] == [0, 1]


def test_without_scores_nothing_is_measured() -> None:
    assert UndertrainedRun().find(run_of()).attrs["measured"] is None
