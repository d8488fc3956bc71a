"""Images side by side, with their boxes."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from yoloaudit.train.plot.ink import colour_of
from yoloaudit.train.plot.mosaic import LONGEST_SIDE, Tile, mosaic

NONE = np.zeros((0, 4), np.float32)


def tile(
    *boxes: tuple[float, ...], title: str = "a.jpg", size: tuple[int, int] = (48, 64), scored: bool = False
) -> Tile:
    """A white image with boxes x1 y1 x2 y2 as shares; classes count from 0."""
    pixels = np.full((*size, 3), 255, np.uint8)
    scores = np.linspace(1, 0.3, len(boxes)).astype(np.float32) if scored else None
    return Tile(title, pixels, np.array(boxes, np.float32).reshape(-1, 4), np.arange(len(boxes)), scores)


def opened(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("count", [1, 2, 3, 16, 40])
@pytest.mark.parametrize("size", [(48, 64), (64, 48), (2, 400), (400, 2), (1, 1)])
def test_any_number_of_images_of_any_shape(count: int, size: tuple[int, int]) -> None:
    shape = opened(mosaic([tile((0.2, 0.2, 0.8, 0.8), size=size)] * count, ["cat"])).shape
    assert LONGEST_SIDE * 0.7 < max(shape) <= LONGEST_SIDE


def test_no_image_is_a_picture_too() -> None:
    assert opened(mosaic([], ["cat"])).size


def test_a_box_is_drawn_in_its_colour_where_it_is() -> None:
    pixels = opened(mosaic([tile((0.25, 0.25, 0.75, 0.75))], ["cat"])).astype(int)
    height, width = pixels.shape[:2]
    near = np.abs(pixels - colour_of(0)).max(axis=2) < 60
    rows, columns = np.nonzero(near[int(height * 0.3) :])
    assert columns.min() == pytest.approx(width * 0.25, abs=width * 0.02)
    assert columns.max() == pytest.approx(width * 0.75, abs=width * 0.02)
    assert rows.max() + int(height * 0.3) == pytest.approx(height * 0.75, abs=height * 0.02)


def test_hostile_names_titles_boxes_and_class_ids(capfd: pytest.CaptureFixture[str]) -> None:
    wild = tile(
        (-5, -5, 5, 5), (0.9, 0.9, 0.1, 0.1), (0.5, 0.5, 0.5, 0.5), (0, 0, 1, 1), (0.1, 0.1, 0.2, 0.2),
        title="\x1b[31m\n" + "日本$" * 999, scored=True,
    )  # fmt: skip
    assert opened(mosaic([wild], ["$\\frac", "", "\ud800", "é" * 999])).size
    assert capfd.readouterr() == ("", "")


def test_labels_and_predictions_of_the_same_images_lie_at_the_same_places() -> None:
    shapes = {opened(mosaic([tile(scored=kind)] * 5, ["cat"])).shape for kind in (True, False)}
    assert len(shapes) == 1
