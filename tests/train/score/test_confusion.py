"""The confusion matrix: the trainer's own counts where asked for, and every detection and label once where not."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detections import GOLDEN, detected, drawn, labelled
from yoloaudit.train.score.confusion import CONFIDENCE, confusion

CASES: dict[str, Any] = json.loads((GOLDEN / "match.json").read_text())["cases"] if GOLDEN.exists() else {}


@pytest.mark.skipif(not GOLDEN.exists(), reason="needs the golden numbers of shared/reference")
@pytest.mark.parametrize("name", CASES)
def test_equals_the_trainers(name: str) -> None:
    case = CASES[name]
    found = detected(*((0, int(row[5]), *row[:5]) for row in case.get("det", [])))
    rows = case.get("labels", [[number, 0, 0, 9, 9] for number in case.get("labels_cls", [])])
    truth = labelled(*((0, int(row[0]), *row[1:]) for row in rows))
    assert confusion(found, truth, 4, as_yolov5=True).cells.tolist() == sorted(case["confusion"])


@given(st.integers(0, 10_000), st.integers(0, 30), st.integers(0, 60), st.booleans())
def test_every_label_and_every_sure_detection_counts_once(seed: int, labels: int, detections: int, grid: bool) -> None:
    found, truth = drawn(seed, 5, 3, labels, detections, grid=grid, ties=True)
    matrix = confusion(found, truth, 3).matrix()
    sure = found.classes[found.scores > CONFIDENCE]
    assert matrix[:, :3].sum(axis=0).tolist() == np.bincount(truth.classes, minlength=3).tolist()
    assert matrix[:3].sum(axis=1).tolist() == np.bincount(sure, minlength=3).tolist()
    assert matrix[3, 3] == 0


@given(st.integers(0, 10_000))
def test_the_trainer_leaves_out_false_positives_alone(seed: int) -> None:
    found, truth = drawn(seed, 6, 3, 8, 40)
    whole, theirs = (confusion(found, truth, 3, as_yolov5=kind).matrix() for kind in (False, True))
    assert (theirs[:, 3] <= whole[:, 3]).all()
    assert theirs[:, :3].sum() == whole[:, :3].sum()


def test_a_background_image_with_a_detection_counts() -> None:
    found = detected((7, 1, 0, 0, 10, 10, 0.9))
    assert confusion(found, labelled(), 2).cells.tolist() == [[1, 2, 1]]
    assert confusion(found, labelled(), 2, as_yolov5=True).cells.tolist() == []


def test_of_two_detections_by_one_box_the_more_confident_is_kept() -> None:
    found = detected((0, 0, 0, 0, 10, 10, 0.9), (0, 1, 0, 0, 10, 10, 0.4))
    truth = labelled((0, 1, 0, 0, 10, 10))
    assert confusion(found, truth, 2).cells.tolist() == [[0, 1, 1], [1, 2, 1]]
    assert confusion(found, truth, 2, as_yolov5=True).cells.tolist() == [[0, 2, 1], [1, 1, 1]]


def test_ten_thousand_classes_take_no_square_of_memory() -> None:
    truth = labelled((0, 9_999, 0, 0, 10, 10))
    assert confusion(detected(), truth, 10_000).cells.tolist() == [[10_000, 9_999, 1]]
