"""COCO's scores, against COCO's own program."""

import contextlib
import io
import math
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.example_detections import detected, drawn, labelled
from yoloaudit.train.score.coco_metrics import CocoScores, coco_scores
from yoloaudit.train.score.pairs import Detected, Labelled

pytest.importorskip("pycocotools")


def by_pycocotools(found: Detected, truth: Labelled) -> CocoScores:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def corner_and_size(box: np.ndarray) -> list[float]:
        x1, y1, x2, y2 = box.astype(np.float64).tolist()
        return [x1, y1, x2 - x1, y2 - y1]

    known = COCO()
    boxes = [corner_and_size(box) for box in truth.boxes]
    known.dataset = {
        "images": [{"id": image} for image in range(int(max(truth.images.max(), found.images.max(initial=0))) + 1)],
        "categories": [{"id": n} for n in range(int(max(truth.classes.max(), found.classes.max(initial=0))) + 1)],
        "annotations": [
            {
                "id": n + 1,
                "image_id": int(image),
                "category_id": int(kind),
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for n, (image, kind, box) in enumerate(zip(truth.images, truth.classes, boxes, strict=True))
        ],
    }
    results = [
        {"image_id": int(image), "category_id": int(kind), "bbox": corner_and_size(box), "score": float(score)}
        for image, kind, box, score in zip(*found, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        known.createIndex()
        judge = COCOeval(known, known.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return CocoScores(*(float(value) if value >= 0 else math.nan for value in judge.stats[:6]))


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(1, 12),
    st.integers(1, 6),
    st.integers(1, 80),
    st.integers(1, 400),
    st.booleans(),
    st.booleans(),
)
@example(1, 2, 1, 60, 900, True, True)
def test_equals_pycocotools(
    seed: int, images: int, classes: int, labels: int, detections: int, grid: bool, ties: bool
) -> None:
    found, truth = drawn(seed, images, classes, labels, detections, grid=grid, ties=ties)
    np.testing.assert_allclose(coco_scores(found, truth), by_pycocotools(found, truth), rtol=0, atol=1e-9)


def test_more_than_100_detections_of_a_class_in_an_image_do_not_count() -> None:
    found = detected(*((0, 0, 50, 50, 60, 60, 0.9) for _ in range(100)), (0, 0, 0, 0, 10, 10, 0.5))
    truth = labelled((0, 0, 0, 0, 10, 10))
    assert coco_scores(found, truth).ap == by_pycocotools(found, truth).ap == 0


def test_a_detection_takes_its_second_choice() -> None:
    found = detected((0, 0, 0, 0, 10, 10, 0.9), (0, 0, 0, 0, 10, 9.5, 0.8))
    truth = labelled((0, 0, 0, 0, 10, 10), (0, 0, 0, 0, 10, 7))
    assert coco_scores(found, truth).ap50 == pytest.approx(1.0)


def test_perfect_is_1_and_sizes_that_do_not_occur_are_not_a_number() -> None:
    scores = coco_scores(detected((0, 0, 0, 0, 50, 50, 0.9)), labelled((0, 0, 0, 0, 50, 50)))
    assert scores[:3] == pytest.approx((1, 1, 1))
    assert scores.ap_medium == pytest.approx(1)
    assert math.isnan(scores.ap_small)
    assert math.isnan(scores.ap_large)


def test_nothing_labelled_nothing_detected() -> None:
    assert all(math.isnan(value) for value in coco_scores(detected((0, 0, 0, 0, 9, 9, 0.5)), labelled()))
    assert coco_scores(detected(), labelled((0, 0, 0, 0, 9, 9))).ap == 0
    assert all(math.isnan(value) for value in coco_scores(detected(), labelled()))


def test_large_sets_take_seconds() -> None:
    found, truth = drawn(0, 1000, 80, 7200, 300_000)
    began = time.process_time()
    coco_scores(found, truth)
    assert time.process_time() - began < 10
