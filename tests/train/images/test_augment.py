"""Letterboxing equals the trainer's in every recorded case, and mapping back undoes it."""

import json
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detector import GOLDEN
from tests.example_pictures import texture
from yoloaudit.train.images.augment import GREY, Letterboxed, letterbox, resize, scale_back

needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="needs the golden numbers of shared/reference")
LETTERBOX: dict[str, Any] = (
    json.loads((GOLDEN / "letterbox.json").read_text())
    if GOLDEN.exists()
    else {"cases": [], "load_image_sizes": [], "pixel_case": {}}
)
OPTIONS = {"auto": "auto", "scaleFill": "scale_fill", "scaleup": "scale_up", "stride": "stride"}


def shape_of(value: int | list[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def test_threads_of_opencv_take_no_core_from_the_network() -> None:
    """They wait busily after each call: beside a network they cost it a tenth of its speed."""
    assert cv2.getNumThreads() == 1


def test_all_cases_are_there() -> None:
    assert not GOLDEN.exists() or len(LETTERBOX["cases"]) == 288


@needs_golden
def test_geometry_equals_the_trainers() -> None:
    for case in LETTERBOX["cases"]:
        height, width = case["shape_hw"]
        options = {ours: case[theirs] for theirs, ours in OPTIONS.items() if theirs in case}
        made, boxed = letterbox(np.full((height, width, 3), 200, np.uint8), shape_of(case["new_shape"]), **options)
        assert list(made.shape[:2]) == case["out_hw"], case
        np.testing.assert_allclose([*boxed.ratio, *boxed.padding], [*case["ratio_wh"], *case["pad_wh"]], atol=1e-9)
        top, left, (down, across) = case["top"], case["left"], case["content_hw"]
        assert (made[top : top + down, left : left + across] == 200).all(), case
        made[top : top + down, left : left + across] = GREY
        assert (made == GREY[0]).all(), case


@needs_golden
def test_pixels_equal_the_trainers() -> None:
    case = LETTERBOX["pixel_case"]
    image = np.array(case["input"], np.uint8)
    made, _ = letterbox(image, shape_of(case["new_shape"]), auto=case["auto"])
    assert np.abs(made.astype(int) - np.array(case["output"])).max() <= 1


@pytest.mark.parametrize("case", LETTERBOX["load_image_sizes"], ids=str)
def test_sizes_of_resized_images_equal_the_trainers(case: dict[str, Any]) -> None:
    height, width = case["hw0"]
    assert list(resize(np.zeros((height, width, 3), np.uint8), case["imgsz"]).shape[:2]) == case["head_ceil"]


@pytest.mark.parametrize(
    ("side", "augmenting", "method"),
    [
        (90, False, cv2.INTER_LINEAR),
        (200, False, cv2.INTER_LINEAR),
        (40, False, cv2.INTER_AREA),
        (40, True, cv2.INTER_LINEAR),
    ],
)
def test_pictures_grow_bilinearly_and_shrink_by_area(side: int, augmenting: bool, method: int) -> None:
    picture = texture(1, 60, 60)
    expected = cv2.resize(picture, (side, side), interpolation=method)
    assert (resize(picture, side, augmenting=augmenting) == expected).all()


def test_resizing_shrinks_by_area_and_never_beyond_the_side() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    assert (resize(stripes, 32) == 100).all()
    assert resize(stripes, 64) is stripes
    assert len(np.unique(resize(stripes[:, :2], 128, augmenting=True))) > 2
    for side in (1, 7, 640):
        assert max(resize(np.zeros((333, 500, 3), np.uint8), side).shape[:2]) == side


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1)])
@pytest.mark.parametrize("auto", [False, True])
def test_the_thinnest_picture_keeps_a_pixel(height: int, width: int, auto: bool) -> None:
    made, boxed = letterbox(np.full((height, width, 3), 9, np.uint8), (640, 640), auto=auto)
    assert made.shape[0] % 32 == made.shape[1] % 32 == 0
    assert (made == 9).any()
    whole = np.array([[boxed.padding[0], boxed.padding[1], 640 - boxed.padding[0], 640 - boxed.padding[1]]], np.float32)
    np.testing.assert_allclose(scale_back(whole, made.shape[:2], (height, width), boxed)[0, 2:], [width, height])


SIDES = st.integers(1, 900)


@given(SIDES, SIDES, st.sampled_from([32, 64, 320, 640]), st.booleans(), st.booleans(), st.integers(0, 1000))
def test_mapping_back_undoes_letterboxing(
    height: int, width: int, side: int, auto: bool, scale_up: bool, seed: int
) -> None:
    made, boxed = letterbox(np.zeros((height, width, 3), np.uint8), (side, side), auto=auto, scale_up=scale_up)
    random = np.random.default_rng(seed)
    corners = np.sort(random.uniform(0, 1, (5, 2, 2)), axis=1).reshape(5, 4) * [width, height, width, height]
    moved = corners * np.array(boxed.ratio * 2) + np.array(boxed.padding * 2)
    back = scale_back(moved.astype(np.float32), made.shape[:2], (height, width), boxed)
    np.testing.assert_allclose(back, corners, atol=1e-3 * max(1, max(height, width) / side))


@given(st.integers(1, 3000), st.integers(1, 3000), st.sampled_from([320, 640]))
def test_without_a_record_the_mapping_is_off_by_less_than_a_pixel_of_the_network(
    height: int, width: int, side: int
) -> None:
    made, boxed = letterbox(np.zeros((height, width, 3), np.uint8), (side, side), auto=False)
    corner = np.array([[0.0, 0.0, side / 2, side / 2]], np.float32)
    known, assumed = (scale_back(corner, made.shape[:2], (height, width), one) for one in (boxed, None))
    assert np.abs(known - assumed).max() * min(boxed.ratio) <= 1


def test_boxes_end_at_the_edges_and_nonsense_stays_nonsense() -> None:
    boxes = np.array([[-50, -50, 900, 900], [np.nan, 0, 1, 1], [-np.inf, 0, np.inf, 5]], np.float32)
    back = scale_back(boxes, (640, 640), (480, 640), Letterboxed((1, 1), (0, 80)))
    assert back.dtype == np.float32
    assert back[0].tolist() == [0, 0, 640, 480]
    assert np.isnan(back[1, 0])
    assert back[2].tolist() == [0, 0, 640, 0]
    assert scale_back(np.zeros((0, 4), np.float32), (640, 640), (480, 640)).shape == (0, 4)
