"""Boxes and labels are drawn where they belong, in any script, on pictures of any size; the picture itself is kept."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.example_detector import GOLDEN
from yoloaudit.train.plot import drawing as module
from yoloaudit.train.plot.drawing import Style, draw, letter_size, name_of, text_mask
from yoloaudit.train.plot.ink import colour_of
from yoloaudit.train.types import NO_DETECTIONS, Detections


def seen(*boxes: tuple[float, float, float, float], classes: tuple[int, ...] | None = None) -> Detections:
    count = len(boxes)
    scores = np.linspace(0.9, 0.3, count).astype(np.float32)
    return Detections(np.array(boxes, np.float32), scores, np.array(classes or range(count), np.int64))


def canvas(height: int = 200, width: int = 300) -> np.ndarray:
    return np.full((height, width, 3), 90, np.uint8)


def test_a_box_has_the_colour_of_its_class_and_the_picture_stays() -> None:
    picture = canvas()
    drawn = draw(picture, seen((50, 60, 150, 160), classes=(1,)), ("cat", "dog"), Style(thickness=3, names=False))
    assert (picture == 90).all()
    blue, green, red = drawn[160, 100].tolist()
    assert (red, green, blue) == colour_of(1)
    assert (drawn[80:140, 70:130] == 90).all()
    assert (drawn[:50] == 90).all()


def test_a_label_stands_above_its_box_or_inside_at_the_edge() -> None:
    above = draw(canvas(), seen((50, 60, 150, 160)), ("cat",), Style())
    assert (above[50] != 90).any()
    inside = draw(canvas(), seen((50, 0, 150, 100)), ("cat",), Style())
    assert (inside[5:12, 60:90] != 90).any()
    right = draw(canvas(), seen((290, 60, 300, 100)), ("cat",), Style())
    assert (right[50, 200:290] != 90).any()


def test_what_is_surest_lies_on_top() -> None:
    box = (50.0, 60.0, 150.0, 160.0)
    drawn = draw(canvas(), seen(box, box, classes=(0, 1)), ("cat", "dog"), Style())
    assert tuple(drawn[160, 100][::-1].tolist()) == colour_of(0)


def test_no_tag_hides_another_where_there_is_room() -> None:
    boxes = seen((50, 60, 150, 160), (52, 60, 150, 158), (54, 60, 150, 156), classes=(0, 1, 2))
    drawn = draw(canvas(400, 400), boxes, ("cat", "dog", "bird"), Style(thickness=1))
    for number in range(3):
        ground = (drawn[..., ::-1] == colour_of(number)).all(axis=2)
        assert ground.sum(axis=1).max() > 15
        assert (ground.sum(axis=1) > 15).sum() >= letter_size(drawn)


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("size", [(1, 1), (5, 5000), (5000, 5), (640, 480)])
def test_no_picture_is_too_small(size: tuple[int, int], names: bool) -> None:
    height, width = size
    boxes = seen((0, 0, width, height), (width, height, width, height), (0, 0, 0, 0))
    drawn = draw(canvas(*size), boxes, ("a" * 500, "人", "\x1b[31m"), Style(names=names))
    assert drawn.shape == (height, width, 3)
    assert (draw(canvas(*size), NO_DETECTIONS, (), Style()) == 90).all()


@pytest.mark.parametrize("text", ["person 0.87", "Ünïcôdé", "Кот", "Ελλάς", "عربي", "人 汽车", "日本語", "한국어"])
def test_every_script_shows(text: str) -> None:
    mask = text_mask(text, 20)
    assert mask.max() > 200
    missing = text_mask("\U0010fffd" * len(text), 20)
    assert mask.shape[0] == missing.shape[0]
    assert mask.shape != missing.shape or (mask != missing).any()


def test_without_opencvs_font_what_has_no_shape_is_a_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "FontFace", raising=False)
    text_mask.cache_clear()
    assert (text_mask("人", 20) == text_mask("·", 20)).all()
    text_mask.cache_clear()


def test_names_are_cut_and_tamed() -> None:
    assert name_of(0, ("cat",)) == "cat"
    assert name_of(7, ("cat",)) == "class 7"
    assert name_of(-1, ("cat",)) == "class -1"
    assert "\n" not in name_of(0, ("a\nb",))
    assert len(name_of(0, ("x" * 9999,))) == module.MOST_NAME


def test_letters_grow_with_the_picture() -> None:
    pictures = [np.broadcast_to(np.zeros(3, np.uint8), (side, side, 3)) for side in (10, 600, 1200, 4000, 20000)]
    sizes = [letter_size(picture) for picture in pictures]
    assert sizes == sorted(sizes)
    assert sizes[0] == module.LEAST_LETTERS
    assert sizes[-1] == module.MOST_LETTERS


@pytest.mark.skipif(not Path(GOLDEN / "bus.jpg").exists(), reason="needs shared/reference")
def test_a_thousand_boxes_take_no_time() -> None:
    import time

    random = np.random.default_rng(0)
    boxes = np.sort(random.uniform(0, 800, (1000, 2, 2)), axis=1).reshape(-1, 4).astype(np.float32)
    many = Detections(boxes, np.full(1000, 0.5, np.float32), random.integers(0, 80, 1000))
    picture = cv2.imread(str(GOLDEN / "bus.jpg"))
    assert picture is not None
    began = time.perf_counter()
    draw(picture.astype(np.uint8), many, ("person",) * 80, Style())
    assert time.perf_counter() - began < 3
