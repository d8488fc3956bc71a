"""Mosaics equal the trainer's, and every picture lies where it should."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detector import COCO128
from tests.example_samples import flat, golden, loader_of
from yoloaudit.dataset.load import load
from yoloaudit.train.config import Hyper
from yoloaudit.train.samples import augment, mosaic, paint
from yoloaudit.train.samples.mosaic import Loaded
from yoloaudit.train.samples.reader import Reader

CASES = golden("mosaic").get("cases", [])
NOT_MOVED = Hyper(degrees=0.0, translate=0.0, scale=0.0, shear=0.0, perspective=0.0)
EXACT = 2.5e-5
SIDE = 40
SHAPES = st.tuples(st.integers(1, SIDE), st.integers(1, SIDE)).map(
    lambda shape: (SIDE, shape[1]) if shape[0] > shape[1] else (shape[0], SIDE)
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return loader_of(load(str(COCO128)), imgsz=320, memory=1 << 27).reader


@pytest.mark.skipif(not CASES or not COCO128.exists(), reason="needs shared/reference and shared/data")
@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["seed"]))
def test_equals_the_trainer(case: dict[str, Any], reader: Reader) -> None:
    stream = random.Random(case["seed"])
    canvas = mosaic.four(case["index"], len(reader), reader.load, 320, stream)
    assert [tile.place for tile in canvas.tiles] == case["order"]
    assert [Path(reader.source.paths[tile.place]).name for tile in canvas.tiles] == case["files"]
    assert [list(tile.image.shape[:2]) for tile in canvas.tiles] == case["resized_hw"]
    assert [canvas.tiles[3].top, canvas.tiles[3].left] == case["yc_xc"]
    scene = augment.looked_at(canvas, (320, 320), NOT_MOVED, stream)
    found = np.concatenate([scene.classes[:, None], scene.boxes], axis=1)
    np.testing.assert_allclose(found, case["labels_out_xyxy"], rtol=0, atol=EXACT)
    assert scene.boxes.dtype == np.float32
    image = paint.scene(scene)
    assert list(image.shape) == case["img_shape"]
    np.testing.assert_allclose(image.reshape(-1, 3).mean(axis=0), case["img_mean_bgr"], rtol=0, atol=0.01)


@given(st.lists(SHAPES, min_size=4, max_size=4), st.integers(SIDE // 2, 3 * SIDE // 2), st.integers(20, 59))
def test_four_touch_the_centre(shapes: list[tuple[int, int]], across: int, down: int) -> None:
    offsets = mosaic.around(shapes, (across, down))
    ends = [(left + width, top + height) for (left, top), (height, width) in zip(offsets, shapes, strict=True)]
    assert ends[0] == offsets[3] == (across, down)
    assert (offsets[1][0], ends[1][1]) == (ends[2][0], offsets[2][1]) == (across, down)


@given(st.lists(SHAPES, min_size=9, max_size=9))
def test_nine_touch_each_other_and_nothing_is_hidden(shapes: list[tuple[int, int]]) -> None:
    offsets = mosaic.spiral(shapes, SIDE)
    covered = np.zeros((3 * SIDE, 3 * SIDE), np.int64)
    for (left, top), (height, width) in zip(offsets, shapes, strict=True):
        here, there = mosaic.overlap(left, width, 3 * SIDE), mosaic.overlap(top, height, 3 * SIDE)
        covered[there.on, here.on] += 1
    assert offsets[0] == (SIDE, SIDE)
    assert covered.max() == 1
    if min(min(shape) for shape in shapes) >= SIDE / 2:
        assert all(touch(offsets[at], shapes[at], offsets[at - 1], shapes[at - 1]) for at in range(1, 9))


def touch(one: tuple[int, int], its: tuple[int, int], other: tuple[int, int], others: tuple[int, int]) -> bool:
    """Whether two pictures share a part of an edge, or a corner."""
    return all(
        one[axis] <= other[axis] + others[1 - axis] and other[axis] <= one[axis] + its[1 - axis] for axis in (0, 1)
    )


@given(st.integers(-50, 90), st.integers(0, 60), st.integers(0, 80))
def test_an_overlap_is_as_long_on_both(offset: int, length: int, whole: int) -> None:
    on, of = mosaic.overlap(offset, length, whole)
    assert 0 <= on.start <= on.stop <= whole
    assert on.stop - on.start == of.stop - of.start == len(set(range(offset, offset + length)) & set(range(whole)))
    assert on.start == on.stop or (of.start >= 0 and of.stop <= length and on.start - of.start == offset)


@pytest.mark.parametrize("spare", [False, True])
def test_pictures_and_labels_move_together(spare: bool) -> None:
    first, second = flat(1, 30, SIDE, [0, 0, 10, 10]), flat(2, SIDE, 20, [5, 5, 20, 40], polygons=True)
    canvas = mosaic.laid([first, second], [(-5, 0), (70, 60)], (2 * SIDE, 2 * SIDE))
    assert canvas.boxes.tolist() == [[0, 0, 5, 10], [75, 65, 80, 80]]
    assert canvas.boxes.dtype == np.float32
    assert [len(polygon) for polygon in canvas.polygons] == [0, 4]
    assert canvas.polygons[1].tolist() == [[75, 65], [80, 65], [80, 80], [75, 80]]
    image = mosaic.composed(canvas, spare=spare)
    assert image.shape == (80, 80, 4 if spare else 3)
    assert (image[:30, :35, :3] == 1).all()
    assert (image[60:, 70:, :3] == 2).all()
    assert (image[:60, 35:, :3] == 114).all()
    assert first.sample.boxes.tolist() == [[0, 0, 10, 10]], "labels of a picture are not changed"


def test_a_picture_beside_the_canvas_is_not_seen() -> None:
    canvas = mosaic.laid([flat(1, 10, 10)], [(200, -30)], (80, 80))
    assert (mosaic.composed(canvas, spare=True)[..., :3] == 114).all()


@pytest.mark.parametrize(("make", "tiles"), [(mosaic.four, 4), (mosaic.nine, 9)])
def test_the_picture_that_was_asked_for_is_among_them(make: Any, tiles: int) -> None:
    def load_one(place: int) -> Loaded:
        return flat(place, SIDE, 1 + place, [0, 0, 1 + place, SIDE])

    places = set()
    for seed in range(20):
        canvas = make(7, 30, load_one, SIDE, random.Random(seed))
        assert canvas.shape == (2 * SIDE, 2 * SIDE)
        assert len(canvas.tiles) == tiles == len(canvas.boxes)
        assert 7 in [tile.place for tile in canvas.tiles]
        assert (canvas.boxes >= 0).all()
        assert (canvas.boxes <= 2 * SIDE).all()
        places.add([tile.place for tile in canvas.tiles].index(7))
        for tile, (left, top, right, bottom) in zip(canvas.tiles, canvas.boxes.astype(int).tolist(), strict=True):
            assert (mosaic.composed(canvas)[top:bottom, left:right] == tile.place).all()
    assert len(places) > 1, "in any order"
