"""Matrices, boxes and polygons equal the trainer's in every recorded case."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_samples import golden
from yoloaudit.train.config import Hyper
from yoloaudit.train.samples import outlines, warp
from yoloaudit.train.samples.warp import Drawn

PERSPECTIVE = golden("perspective")
CASES = PERSPECTIVE.get("cases", [])
EXACT = 5e-9
needs_golden = pytest.mark.skipif(not PERSPECTIVE, reason="needs the golden numbers of shared/reference")
DRAWN = st.builds(
    Drawn,
    *[st.floats(-0.001, 0.001)] * 2,
    st.floats(-180, 180),
    st.floats(0.1, 2),
    *[st.floats(-30, 30)] * 2,
    *[st.floats(0, 1)] * 2,
)
SHAPES = st.tuples(st.integers(1, 900), st.integers(1, 900))


def hyper_of(case: dict[str, Any]) -> Hyper:
    return Hyper(**{name: float(value) for name, value in case["hyp"].items()})


@needs_golden
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["tag"])
def test_equals_the_trainer(case: dict[str, Any]) -> None:
    height, width = case["image_hw"]
    output = height + 2 * case["border"][0], width + 2 * case["border"][1]
    drawn = warp.draw(hyper_of(case), random.Random(case["python_random_seed"]))
    for value, (low, high, recorded) in zip(drawn, case.get("draws_lo_hi_value", ()), strict=False):
        assert low <= value == recorded <= high
    made = warp.matrix(drawn, (height, width), output)
    assert warp.changes(made, (height, width), output) == (case["M"] is not None)
    if case["M"] is not None:
        np.testing.assert_allclose(made[: len(case["M"])], case["M"], rtol=0, atol=EXACT)
    targets = np.array(case["targets_in"])
    polygons = [np.array(polygon, np.float32) for polygon in case.get("segments", ())]
    seen = (
        outlines.moved_polygons(polygons, made, output) if polygons else warp.moved_boxes(targets[:, 1:], made, output)
    )
    share = warp.LEFT_OF_POLYGON if polygons else warp.LEFT_OF_BOX
    kept = warp.candidates(targets[:, 1:], seen, drawn.scale, share)
    found = np.concatenate([targets[kept, :1], seen[kept]], axis=1)
    np.testing.assert_allclose(found, case["targets_out"], rtol=0, atol=EXACT)


@needs_golden
def test_all_cases_are_there() -> None:
    assert len(CASES) == 7
    assert len(PERSPECTIVE["box_candidates"]) == 7


@needs_golden
@pytest.mark.parametrize("case", PERSPECTIVE.get("box_candidates", []), ids=lambda case: str(case["after"]))
def test_candidates_equal_the_trainers(case: dict[str, Any]) -> None:
    before, after = (np.array([case[name]], np.float64) for name in ("before", "after"))
    for name, share in (("keep_area_thr_0_10", 0.10), ("keep_area_thr_0_01", 0.01)):
        assert warp.candidates(before, after, 1.0, share).tolist() == [case[name]]


@needs_golden
@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_equal_the_trainers(channels: int) -> None:
    case = PERSPECTIVE["pixel_case"]
    image = np.repeat(np.array(case["input"], np.uint8)[..., None], channels, axis=2)
    made = np.array(case["M"])
    affine = warp.warped(image, made, (8, 8)).astype(int)
    assert np.abs(affine - np.array(case["affine"])[..., None]).max() <= 1
    barely = made + np.array([[0, 0, 0], [0, 0, 0], [1e-12, 0, 0]])
    assert warp.tilts(barely)
    tilted = np.abs(warp.warped(image, barely, (8, 8)).astype(int) - np.array(case["perspective"])[..., None])
    assert tilted[:, 1:6].max() <= 3
    assert tilted.max() <= 8  # at the border processors differ in how finely OpenCV places a pixel


@given(DRAWN, SHAPES, SHAPES)
def test_the_middle_goes_where_it_was_drawn_to(drawn: Drawn, shape: tuple[int, int], output: tuple[int, int]) -> None:
    made = warp.matrix(drawn, shape, output)
    (middle,) = warp.moved(np.array([[shape[1] / 2, shape[0] / 2]]), made)
    np.testing.assert_allclose(middle, [drawn.shift_x * output[1], drawn.shift_y * output[0]], atol=1e-6)


@given(DRAWN, SHAPES, SHAPES, st.data())
def test_boxes_stay_inside_and_no_wider_than_they_are(
    drawn: Drawn, shape: tuple[int, int], output: tuple[int, int], data: st.DataObject
) -> None:
    height, width = shape
    corner = st.tuples(st.floats(0, width, width=32), st.floats(0, height, width=32))
    boxes = np.array(
        [
            [*np.minimum(first, second), *np.maximum(first, second)]
            for first, second in data.draw(st.lists(st.tuples(corner, corner), max_size=5))
        ],
        np.float32,
    ).reshape(-1, 4)
    made = warp.matrix(drawn, shape, output)
    seen = warp.moved_boxes(boxes, made, output)
    assert seen.shape == boxes.shape
    kept = seen[warp.candidates(boxes, seen, drawn.scale)]
    assert (kept >= 0).all()
    assert (kept <= np.array([output[1], output[0]] * 2)).all()
    assert ((kept[:, 2:] - kept[:, :2]) > warp.SMALLEST_PX).all()
