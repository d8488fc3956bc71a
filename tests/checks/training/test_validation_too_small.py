"""validation-too-small: the width of the interval."""

from tests.example_trained import run_of, said
from yoloaudit.checks.training.validation_too_small import ValidationTooSmall
from yoloaudit.training_run import Interval


def test_five_points_are_let_pass() -> None:
    check = ValidationTooSmall()
    assert not len(check.find(run_of(map50=Interval(0.5, 0.45, 0.5499, 90))))
    wide = run_of(map50=Interval(0.5, 0.44, 0.55, 90))
    assert said(check, check.find(wide)) == [
        "mAP50 is 0.500, by 90 validation images known to lie between 0.440 and 0.550 only"
    ]
    assert check.find(run_of()).attrs["measured"] is None
