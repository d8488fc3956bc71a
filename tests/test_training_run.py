"""A run as a value: its best epoch, its intervals and the paths of its files."""

import numpy as np
import pytest

from yoloaudit.training_run import Epochs, Interval, Run


def epochs(*map50_95: float) -> Epochs:
    """Epochs with these mAP50-95 and nothing else."""
    size = len(map50_95)
    nothing = np.full(size, np.nan)
    scores = np.array(map50_95, np.float64)
    return Epochs(np.arange(size), np.zeros((size, 3)), np.zeros((size, 3)), nothing, nothing, scores, scores)


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([0.1, 0.5, 0.4], 1),
        ([0.1, 0.5, 0.5], 1),
        ([np.nan, 0.2, np.nan], 1),
        ([0, 0], None),
        ([], None),
        ([np.nan], None),
    ],
)
def test_the_best_is_the_first_of_the_highest_fitness(scores: list[float], best: int | None) -> None:
    assert epochs(*scores).best == best


def test_fitness_is_nine_parts_of_map50_95_and_one_of_map50() -> None:
    made = epochs(0.5)
    assert made.fitness.tolist() == [0.5]
    made.map50[0] = 0.0
    assert made.fitness.tolist() == [0.0], "both columns are one array here"


def test_half_of_an_interval() -> None:
    assert Interval(0.5, 0.4, 0.7, 12).half == pytest.approx(0.15)


def test_a_file_of_a_run() -> None:
    assert Run("runs/exp/").file("opt.yaml") == Run("runs/exp").file("opt.yaml") == "runs/exp/opt.yaml"
