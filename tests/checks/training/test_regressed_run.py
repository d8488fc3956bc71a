"""regressed-run: worse beyond chance, and by how much."""

from tests.example_trained import run_of, said
from yoloaudit.checks.training.regressed_run import RegressedRun
from yoloaudit.training_run import Interval


def test_the_whole_interval_has_to_be_below() -> None:
    check = RegressedRun()
    worse = run_of(baseline=run_of(), difference=Interval(-0.05, -0.08, -0.01, 128))
    assert said(check, check.find(worse)) == [
        "mAP50-95 is 0.050 below that of runs/exp, by 128 images that both were held against (95 % interval of the "
        "difference: -0.080 to -0.010)"
    ]
    for gap in (Interval(-0.05, -0.1, 0.0, 128), Interval(0.1, 0.05, 0.2, 128)):
        assert not len(check.find(run_of(baseline=run_of(), difference=gap)))


def test_what_it_takes_is_told() -> None:
    check = RegressedRun()
    assert "--baseline" in check.find(run_of()).attrs["why"]
    assert "evidence" in check.find(run_of(baseline=run_of())).attrs["why"]
