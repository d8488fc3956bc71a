"""labels.jpg and labels_correlogram.jpg: drawn from the tables alone."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from tests.example_tables import boxes_of, images_of
from yoloaudit.dataset.tables import ROW_FATES, Boxes, categorical
from yoloaudit.train.plot.labels import correlogram_picture, labels_picture, spread_of

HOSTILE = ["a$b$", "$\\frac{", "\x1b[31mred\r\n", "日本語", "\u202egnp", "x" * 5000, "", "\ud800"]


def rows(count: int, classes: int = 3, fate: str = "used") -> Boxes:
    """Boxes of random sizes and places on one training image."""
    random = np.random.default_rng(count)
    size = random.uniform(0.01, 0.4, (count, 2))
    centre = random.uniform(size / 2, 1 - size / 2)
    values = [
        (0.0, float(random.integers(classes)), *map(float, point), *map(float, side))
        for point, side in zip(centre, size, strict=True)
    ]
    boxes = boxes_of(values, images_of(1))
    return boxes.assign(fate=categorical(np.full(count, ROW_FATES.index(fate)), ROW_FATES))


def opened(jpeg: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("classes", [0, 8, 90])
@pytest.mark.parametrize("count", [0, 1500])
def test_any_number_of_boxes_and_classes(classes: int, count: int, capfd: pytest.CaptureFixture[str]) -> None:
    boxes = rows(count, max(classes, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert opened(labels_picture(boxes, (HOSTILE * 12)[:classes])).shape == (1600, 1600, 3)
        assert opened(correlogram_picture(boxes)).shape == (2000, 2000, 3)
    assert capfd.readouterr() == ("", "")


def test_only_what_is_trained_on_counts() -> None:
    assert len(spread_of(rows(10)).classes) == 10
    assert len(spread_of(rows(10, fate="altered")).classes) == 10
    for fate in ("dropped", "duplicate", "broken", "orphan"):
        assert len(spread_of(rows(10, fate=fate)).classes) == 0
    assert len(spread_of(rows(10), "val").classes) == 0
    spoilt = rows(10)
    spoilt.loc[3, "w"] = np.nan
    assert len(spread_of(spoilt).classes) == 9


def test_other_boxes_make_another_picture() -> None:
    one, other = rows(40), rows(41)
    assert labels_picture(one, ["a", "b", "c"]) == labels_picture(one, ["a", "b", "c"])
    assert labels_picture(one, ["a", "b", "c"]) != labels_picture(other, ["a", "b", "c"])
    assert correlogram_picture(one) != correlogram_picture(other)


def test_centres_lie_as_in_an_image_with_the_origin_at_the_upper_left() -> None:
    boxes = boxes_of([(0, 0, 0.1, 0.1, 0.05, 0.05)] * 9, images_of(1))
    boxes = boxes.assign(fate=categorical(np.zeros(9), ROW_FATES))
    pixels = opened(labels_picture(boxes, ["a"])).astype(int)
    panel = pixels[884:1492, 140:756]
    found = np.argwhere(panel[:, :, 2] - panel[:, :, 0] > 60)
    assert found.mean(axis=0) == pytest.approx([0.11 * panel.shape[0], 0.11 * panel.shape[1]], abs=12)
