"""image-size-too-small: the share of small boxes at the size of the run, and the size that would do."""

import pytest

from tests.example_trained import run_of, said, squares
from yoloaudit.checks.training.image_size_too_small import ImageSizeTooSmall


@pytest.mark.parametrize(
    ("sides", "imgsz", "advice"),
    [
        ([12.0] * 10, 640, "at --img 960 it would be 0%"),
        ([12.0] * 3 + [9.0] * 7, 640, "at --img 1280 it would be 0%"),
        ([1.0] * 10, 640, "still many at --img 2560: cut the images into tiles"),
        ([1.0] * 10, 2560, "cut the images into tiles"),
        ([20.0] * 8 + [5.0] * 2, 320, "at --img 512 it would be 20%"),
    ],
)
def test_advice(sides: list[float], imgsz: int, advice: str) -> None:
    check = ImageSizeTooSmall()
    (sentence,) = said(check, check.find(squares(*sides), 640, run_of(imgsz=imgsz)))
    assert sentence.endswith(advice)


def test_the_size_of_the_run_counts_and_not_that_of_the_table() -> None:
    boxes = squares(*[20.0] * 10)
    assert not len(ImageSizeTooSmall().find(boxes, 640, run_of(imgsz=640)))
    assert len(ImageSizeTooSmall().find(boxes, 640, run_of(imgsz=320)))


def test_only_what_is_trained_on_counts() -> None:
    for boxes in (squares(5.0, fate="dropped"), squares(5.0, split="val"), squares()):
        assert ImageSizeTooSmall().find(boxes, 640, run_of()).attrs["measured"] is None
    assert ImageSizeTooSmall().find(squares(5.0), 640, run_of(imgsz=None)).attrs["measured"] is None
