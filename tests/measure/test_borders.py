"""Empty borders of boxes, on small grey pictures drawn here: a textured object before a plain background."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.example_tables import boxes_of, images_of
from yoloaudit.dataset.tables import BORDERS
from yoloaudit.measure import borders as module
from yoloaudit.measure.borders import borders

Pictures = NDArray[np.uint8]
TEXTURE = (np.indices((64, 64)).sum(axis=0) % 2 * 120 + 60).astype(np.uint8)
"""A chequer of light and dark pixels."""


def picture(left: int, top: int, right: int, bottom: int, ground: int = 120) -> Pictures:
    """An object from left, top to right, bottom, in pixels of 64."""
    drawn = np.full((64, 64), ground, dtype=np.uint8)
    drawn[top:bottom, left:right] = TEXTURE[top:bottom, left:right]
    return drawn


def measured(drawn: Pictures, *corners: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """Left, top, right, bottom of each box: (N, 4)."""
    return all_measured(drawn[None], [(0, box) for box in corners])


def all_measured(pictures: Pictures, boxes: list[tuple[int, tuple[float, float, float, float]]]) -> NDArray[np.float32]:
    rows = [
        (image, 0, (x1 + x2) / 128, (y1 + y2) / 128, (x2 - x1) / 64, (y2 - y1) / 64)
        for image, (x1, y1, x2, y2) in boxes
    ]
    return borders(boxes_of(rows, images_of(len(pictures))), lambda ids: pictures[ids]).to_numpy()


def test_a_tight_box_has_none() -> None:
    assert measured(picture(20, 20, 40, 40), (20, 20, 40, 40)).tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("corners", "side"), [((10, 20, 40, 40), 0), ((20, 10, 40, 40), 1), ((20, 20, 50, 40), 2), ((20, 20, 40, 50), 3)]
)
def test_each_side_is_told_apart(corners: tuple[float, float, float, float], side: int) -> None:
    shares = measured(picture(20, 20, 40, 40), corners)[0]
    assert shares[side] == pytest.approx(9 / 30)  # the pixel beside the object holds its outline
    assert np.delete(shares, side).tolist() == [0, 0, 0]


def test_all_sides_at_once() -> None:
    assert measured(picture(24, 24, 40, 40), (12, 12, 52, 52))[0].tolist() == pytest.approx([11 / 40] * 4)


def test_an_outline_just_outside_is_the_boxs_own() -> None:
    """A plain object with a mark in its middle: the box is drawn one pixel within its outline, or three."""
    plain = np.full((64, 64), 120, dtype=np.uint8)
    plain[16:48, 16:48] = 200
    plain[30:34, 30:34] = 60
    assert measured(plain, (17, 17, 47, 47)).tolist() == [[0, 0, 0, 0]]
    assert (measured(plain, (19, 19, 45, 45)) > 0.3).all()


def test_a_side_at_the_frame_is_not_judged() -> None:
    shares = measured(picture(10, 20, 30, 40), (0, 20, 30, 40), (-30, 20, 30, 40), (1, 20, 30, 40))
    assert np.isnan(shares).tolist() == [[True, False, False, False], [True, False, False, False], [False] * 4]
    assert shares[2, 0] == pytest.approx(8 / 29)


@pytest.mark.parametrize(("side", "judged"), [(13.9, False), (14, True)])
def test_small_boxes_are_not_judged(side: float, judged: bool) -> None:
    drawn = picture(20, 20, 44, 44)
    shares = measured(drawn, (20, 20, 20 + side, 44), (20, 20, 44, 20 + side))
    assert np.isfinite(shares).all(axis=1).tolist() == [judged, judged]


def test_a_faint_structure_is_not_nothing() -> None:
    drawn = picture(24, 20, 44, 40)
    drawn[28:31, 10:24] = 140  # a thin arm, as of a lamp, before the ground of 120
    assert measured(drawn, (10, 20, 44, 40))[0, 0] == 0


def test_noise_is_nothing() -> None:
    drawn = picture(24, 20, 44, 40).astype(np.int64)
    drawn += np.rint(np.random.default_rng(0).normal(0, 1.2, drawn.shape)).astype(np.int64)
    shares = measured(drawn.clip(0, 255).astype(np.uint8), (8, 20, 44, 40))[0]
    assert shares[0] == pytest.approx(15 / 36)
    assert shares[1:].tolist() == [0, 0, 0]


@pytest.mark.parametrize("ground", [0, 120, 255])
def test_where_nothing_can_be_seen_nothing_is_told(ground: int) -> None:
    assert np.isnan(measured(np.full((64, 64), ground, dtype=np.uint8), (10, 10, 50, 50))).all()


def test_a_faint_object_is_not_judged() -> None:
    drawn = np.full((64, 64), 120, dtype=np.uint8)
    drawn[20:44, 20:44] += (TEXTURE[20:44, 20:44] > 100).astype(np.uint8) * 4
    assert np.isnan(measured(drawn, (10, 10, 54, 54))).all()


def test_boxes_of_no_size_or_number() -> None:
    shares = measured(
        picture(20, 20, 40, 40), (np.nan, 20, 40, 40), (40, 40, 20, 20), (20, 20, np.inf, 40), (1e38, 0, 3e38, 9)
    )
    assert shares.shape == (4, 4)
    assert np.isnan(shares[[0, 1, 3]]).all()


def test_no_boxes() -> None:
    assert all_measured(picture(0, 0, 9, 9)[None], []).shape == (0, 4)


def test_batches_keep_boxes_and_pictures_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", 3)
    monkeypatch.setattr(module, "BOXES_AT_ONCE", 2)
    pictures = np.stack([picture(16 + image, 20, 40, 40) for image in range(8)])
    boxes = [(image, (8.0, 20.0, 40.0, 40.0)) for image in (5, 0, 7, 2, 2, 6, 0, 7, 2, 4)]
    expected = [(7 + image) / 32 for image, _ in boxes]
    np.testing.assert_allclose(all_measured(pictures, boxes)[:, 0], expected, rtol=1e-5)


def asked(pictures: Pictures) -> tuple[list[list[int]], Callable[[NDArray[np.int64]], Pictures]]:
    """A source of pictures that keeps what it was asked for."""
    calls: list[list[int]] = []

    def pixels_of(ids: NDArray[np.int64]) -> Pictures:
        calls.append(ids.tolist())
        return pictures[ids]

    return calls, pixels_of


def test_only_pictures_with_large_boxes_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IMAGES_AT_ONCE", 2)
    pictures = np.stack([picture(20, 20, 40, 40)] * 5)
    boxes = boxes_of(
        [(image, 0, 0.5, 0.5, side, 0.5) for image, side in enumerate((0.5, 0.1, 0.5, 0.4, 0.2))], images_of(5)
    )
    calls, pixels_of = asked(pictures)
    table = borders(boxes, pixels_of)
    assert calls == [[0, 2], [3]]
    assert list(table.columns) == list(BORDERS)


def test_boxes_without_an_image_ask_for_none() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.5, 0.5)] * 2, images_of(1))
    boxes["image"] = np.array([-1, 0], dtype=np.int32)
    calls, pixels_of = asked(picture(20, 20, 40, 40)[None])
    assert np.isfinite(borders(boxes, pixels_of)).all(axis=1).tolist() == [False, True]
    assert calls == [[0]]


def test_rows_keep_their_ids() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.5, 0.5)] * 3, images_of(1))[1:]
    assert borders(boxes, asked(picture(20, 20, 40, 40)[None])[1]).index.tolist() == [1, 2]
