"""Objects are pasted as the trainer pastes them."""

import random

import numpy as np
import pytest

from tests.example_samples import golden
from yoloaudit.train.samples import paste
from yoloaudit.train.types import Floats

RECORDED = golden("copy_paste")
SQUARE = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.float32)
BOX = np.array([[10, 10, 30, 30]], np.float32)
NO_POINTS = np.zeros((0, 2), np.float32)


def outline_of(box: list[float]) -> Floats:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


@pytest.mark.skipif(not RECORDED, reason="needs the golden numbers of shared/reference")
def test_equals_the_trainer() -> None:
    height, width = RECORDED["image_hw"]
    labels = np.array(RECORDED["labels_in"], np.float32)
    polygons = tuple(outline_of(row[1:]) for row in RECORDED["labels_in"])
    orders = set()
    for seed in range(8):
        stream = random.Random(seed)
        made = paste.paste(labels[:, 1:], labels[:, 0].astype(np.int64), polygons, width, RECORDED["p"], stream)
        found = np.concatenate([made.classes[:, None].astype(np.float32), made.boxes], axis=1)
        assert sorted(found.tolist()) == sorted(RECORDED["labels_out"])
        orders.add(found.tolist() == RECORDED["labels_out"])
        shapes = sorted(polygon.tolist() for polygon in made.polygons)
        assert shapes == sorted(RECORDED["segments_out"])
        canvas = np.zeros((height, width, 3), np.uint8)
        canvas[:, : width // 2] = 50
        canvas[20:70, 20:60], canvas[30:80, 70:95] = 200, 150
        assert int(canvas.sum()) == RECORDED["in_sum"]
        painted = paste.painted(canvas, made.outlines)
        assert int(painted.sum()) == RECORDED["out_sum"]
        assert painted[25:65, 145:175].mean() == RECORDED["region_means"]["mirrored_obj1"]
        assert painted[35:75, 108:128].mean() == RECORDED["region_means"]["mirrored_obj2"]
    assert orders == {True, False}, "which comes first is drawn"


def test_what_would_hide_another_is_left_out() -> None:
    made = paste.paste(BOX, np.zeros(1, np.int64), (SQUARE,), 44, 1.0, random.Random(0))
    assert len(made.boxes) == 1
    assert made.outlines == ()
    made = paste.paste(BOX, np.zeros(1, np.int64), (SQUARE,), 60, 1.0, random.Random(0))
    assert made.boxes.tolist() == [[10, 10, 30, 30], [30, 10, 50, 30]]
    assert made.boxes.dtype == np.float32


def test_only_objects_with_a_polygon_are_drawn_from() -> None:
    polygons = [NO_POINTS, SQUARE, NO_POINTS, SQUARE]
    assert sorted(paste.chosen(polygons, 1.0, random.Random(0))) == [1, 3]
    assert len(paste.chosen(polygons, 0.5, random.Random(0))) == 1
    stream, twin = random.Random(3), random.Random(3)
    assert paste.chosen([NO_POINTS], 1.0, stream) == paste.chosen(polygons, 0.0, stream) == []
    assert stream.random() == twin.random(), "nothing was drawn"


def test_a_crowd_is_bounded() -> None:
    assert len(paste.chosen([SQUARE] * 1000, 1.0, random.Random(0))) == 1000
    assert len(paste.chosen([SQUARE] * 10_000, 1.0, random.Random(0))) == 200


def test_boxes_without_an_area_are_not_covered() -> None:
    assert paste.covered(BOX[0], np.array([[20, 20, 20, 20], [10, 10, 20, 30]], np.float32)).tolist() == [0, 1]


def test_outlines_that_overlap_are_both_painted() -> None:
    canvas = np.zeros((40, 80, 3), np.uint8)
    canvas[:, :40] = 9
    painted = paste.painted(canvas, [SQUARE, SQUARE + 5])
    assert painted[20, 79 - 20].tolist() == [9, 9, 9]
