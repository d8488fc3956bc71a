"""Labels and detections of an image side by side, whatever else the tables hold."""

import warnings

import numpy as np
import pandas as pd
import pytest

from tests.example_scenes import dataset_of
from tests.example_seen import labels_of, predictions_of
from tests.example_tables import images_of
from yoloaudit.dataset.tables import PREDICTION_SOURCES, ROW_ERRORS, Boxes, Predictions, categorical
from yoloaudit.measure.judge.scenes import MOST_DETECTIONS, Scene, files_of, known_size, scenes, usable

NAN, INF = float("nan"), float("inf")


def seen(boxes: Boxes, predictions: Predictions, images: int = 3) -> list[Scene]:
    dataset = dataset_of(images_of(images), boxes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return list(scenes(dataset, boxes, predictions, np.arange(images)))


def test_each_image_gets_its_own_rows() -> None:
    boxes = labels_of([(2, 1, 0, 0, 50, 50), (0, 0, 10, 10, 90, 90), (2, 2, 5, 5, 60, 60)])
    found = predictions_of([(0, 0, 0.3, 0, 0, 9, 9), (0, 1, 0.8, 1, 1, 9, 9), (2, 2, 0.5, 2, 2, 9, 9)], "val")
    first, second, third = seen(boxes, found)
    assert first.rows.tolist() == [1]
    assert first.scores == pytest.approx([0.8, 0.3])
    assert first.classes.tolist() == [1, 0]
    assert third.rows.tolist() == [0, 2]
    assert third.label_classes.tolist() == [1, 2]
    np.testing.assert_allclose(third.labels, [[0, 0, 50, 50], [5, 5, 60, 60]], atol=1e-3)
    assert (len(second.rows), len(second.scores)) == (0, 0)
    assert [PREDICTION_SOURCES[scene.source] for scene in (first, second, third)] == ["val", "imported", "val"]
    assert all((scene.width, scene.height) == (640, 640) for scene in (first, second, third))


def test_scenes_come_in_the_order_that_is_asked_for() -> None:
    boxes = labels_of([(0, 0, 0, 0, 50, 50), (2, 0, 0, 0, 50, 50)])
    dataset = dataset_of(images_of(3), boxes)
    found = list(scenes(dataset, boxes, predictions_of([]), np.array([2, 0])))
    assert [(scene.image, scene.rows.tolist()) for scene in found] == [(2, [1]), (0, [0])]


def test_rows_that_are_no_boxes_are_left_out() -> None:
    boxes = labels_of([(0, 0, 0, 0, 50, 50)] * 7)
    boxes.loc[1, "x1"] = np.nan
    boxes.loc[2, "x2"] = 0.0
    boxes["error"] = categorical([-1, -1, -1, 0, -1, -1, -1], ROW_ERRORS)
    boxes.loc[4, "class_id"] = -1
    boxes.loc[5, "image"] = -1
    boxes.loc[6, "class_id"] = 2147483647
    assert usable(boxes).index.tolist() == [0, 6]
    assert seen(boxes, predictions_of([]))[0].rows.tolist() == [0, 6]


@pytest.mark.parametrize("row", [
    (0, 0, NAN, 1, 1, 9, 9), (0, 0, INF, 1, 1, 9, 9), (0, 0, 1.5, 1, 1, 9, 9), (0, 0, -0.1, 1, 1, 9, 9),
    (0, 0, 0.5, NAN, 1, 9, 9), (0, 0, 0.5, 1, 1, INF, 9), (0, 0, 0.5, -INF, 1, INF, 9), (0, 0, 0.5, 9, 9, 9, 20),
    (0, 0, 0.5, 9, 9, 1, 1), (0, 0, 0.5, 1e30, 1e30, 2e30, 2e30), (0, 0, 0.5, -90, 1, -9, 9),
    (0, 0, 0.5, 640, 1, 700, 9), (-1, 0, 0.5, 1, 1, 9, 9), (9, 0, 0.5, 1, 1, 9, 9),
])  # fmt: skip
def test_detections_that_are_none_are_left_out(row: tuple[float, ...]) -> None:
    good = (0, 0, 0.4, 1, 1, 9, 9)
    (first, *_) = seen(labels_of([]), predictions_of([row, good]))
    assert first.scores == pytest.approx([0.4])


def test_what_reaches_outside_of_the_image_is_cut_off() -> None:
    (first, *_) = seen(labels_of([]), predictions_of([(0, 0, 0.4, -30, 10, 1e20, 700)]))
    assert first.boxes.tolist() == [[0, 10, 640, 640]]


def test_of_very_many_detections_the_highest_scores_are_looked_at() -> None:
    rows = [(0, 0, score, 1, 1, 9, 9) for score in np.linspace(0.001, 0.9, MOST_DETECTIONS + 50)]
    (first, *_) = seen(labels_of([]), predictions_of(rows))
    assert len(first.scores) == MOST_DETECTIONS
    assert first.scores[0] == pytest.approx(0.9)
    assert (np.diff(first.scores) <= 0).all()


def test_a_file_that_is_listed_twice_is_one_file_and_its_number_goes_by_its_name() -> None:
    images = images_of(3)
    images["path"] = pd.Series(["b.png", "a.png", "b.png"], dtype=object)
    images["width"] = np.array([640, 0, 640], np.int32)
    dataset = dataset_of(images, labels_of([], images))
    assert files_of(dataset).tolist() == [1, 0, 1]
    assert known_size(dataset).tolist() == [True, False, True]
    found = list(scenes(dataset, dataset.boxes, predictions_of([]), np.arange(3)))
    assert [scene.file for scene in found] == [1, 0, 1]
    assert found[1].width == 1, "so that nobody divides by it"
