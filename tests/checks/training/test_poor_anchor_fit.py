"""poor-anchor-fit: the best possible recall, as the trainer counts it."""

from pathlib import Path

import numpy as np
import pytest

from tests.example_trained import run_of, squares
from yoloaudit.checks.training.poor_anchor_fit import PoorAnchorFit, fitting
from yoloaudit.dataset.load import load
from yoloaudit.train.anchors.defaults import default

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
COCO128 = SHARED / "data" / "coco128"
ANCHORS = default(5)


def test_a_side_exactly_four_times_as_long_does_not_fit() -> None:
    anchors = np.array([[10, 10]], np.float32)
    sides = np.array([[40, 40], [39.9, 39.9], [2.5, 2.5], [2.6, 2.6], [10, 41]], np.float64)
    assert fitting(sides, anchors, 4.0).tolist() == [False, True, False, True, False]


def test_no_more_than_the_limit_is_let_pass() -> None:
    boxes = squares(*[40.0] * 49, 1.0)
    found = PoorAnchorFit().find(boxes, 640, run_of(anchors=ANCHORS))
    assert (len(found), found.attrs["measured"]) == (1, 0.98)
    assert not len(PoorAnchorFit().find(squares(*[40.0] * 51, 1.0), 640, run_of(anchors=ANCHORS)))


def test_without_anchors_or_boxes_nothing_is_measured() -> None:
    for boxes, run in ((squares(40.0), run_of()), (squares(), run_of(anchors=ANCHORS))):
        assert PoorAnchorFit().find(boxes, 640, run).attrs["measured"] is None


@pytest.mark.skipif(not COCO128.exists(), reason="needs shared/data")
def test_coco128_has_the_recall_that_the_trainer_tells() -> None:
    dataset = load(str(COCO128))
    for imgsz, recall in ((640, 0.99462), (320, 0.96233)):
        found = PoorAnchorFit().find(dataset.boxes, 640, run_of(imgsz=imgsz, anchors=ANCHORS))
        assert found.attrs["measured"] == pytest.approx(recall, abs=1e-4)
        assert len(found) == (recall <= 0.98)
