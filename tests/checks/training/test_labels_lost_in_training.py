"""labels-lost-in-training: what no augmentation brings back, and what it does."""

import numpy as np
import pytest

from tests.example_trained import run_of, said, squares
from yoloaudit.checks.training.labels_lost_in_training import LabelsLostInTraining


@pytest.mark.parametrize(
    ("side", "scale", "imgsz", "lost"),
    [
        (1.9, 0.0, 640, True),
        (2.1, 0.0, 640, False),
        (1.9, 0.5, 640, False),
        (1.3, 0.5, 640, True),
        (2.6, 0.5, 320, True),
        (2.7, 0.5, 320, False),
    ],
)
def test_scaling_brings_some_back(side: float, scale: float, imgsz: int, lost: bool) -> None:
    found = LabelsLostInTraining().find(squares(side), 640, run_of(imgsz=imgsz, scale=scale))
    assert len(found) == lost


def test_the_first_rows_are_named() -> None:
    check = LabelsLostInTraining()
    defects = check.find(squares(*[40.0] * 5, *[1.0] * 15), 640, run_of())
    (sentence,) = said(check, defects)
    assert sentence.startswith("15 of 20 training boxes (75.0%) never survive")
    assert [place["row"] for place in defects["related"][0]] == list(range(5, 15))


def test_a_box_a_hundred_times_as_long_as_wide_is_lost() -> None:
    boxes = squares(300.0)
    boxes["h_train"] = np.float32(3.0)
    assert len(LabelsLostInTraining().find(boxes, 640, run_of()))
    boxes["h_train"] = np.float32(3.1)
    assert not len(LabelsLostInTraining().find(boxes, 640, run_of()))
