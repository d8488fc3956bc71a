"""pixel-coordinates at its boundaries: share of rows, number of files, the image's sides."""

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.checks.rows.pixel_coordinates import PixelCoordinates
from yoloaudit.testing import run

PIXELS, SHARES = "0 320 240 64 48\n", "0 0.5 0.5 0.1 0.1\n"


def found(files: int, pixels: int, shares: int = 0, clean: int = 0) -> int:
    rows = "".join(f"0 {300 + n} 240 64 48\n" for n in range(pixels))
    rows += "".join(f"0 0.5 0.{n + 1} 0.1 0.1\n" for n in range(shares))
    texts = [rows] * files + [SHARES] * clean
    laid: dict[str, str | bytes | Picture | None] = {"labels/train/a.txt": "", "labels/val/b.txt": ""}
    for number, text in enumerate(texts):
        laid |= {f"images/train/{number}.png": Picture(), f"labels/train/{number}.txt": text}
    return len(run(PixelCoordinates, Example(laid)))


@pytest.mark.parametrize(("pixels", "shares", "expected"), [(9, 1, 18), (8, 1, 0), (1, 0, 2)])
def test_nine_rows_of_ten(pixels: int, shares: int, expected: int) -> None:
    assert found(2, pixels, shares) == expected


@pytest.mark.parametrize(("files", "clean", "expected"), [(10, 30, 10), (9, 30, 0), (9, 0, 9)])
def test_ten_files_or_all(files: int, clean: int, expected: int) -> None:
    assert found(files, 1, clean=clean) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("0 1.5 1.5 1.5 1.5", 0),
        ("0 1.6 1 1 1", 1),
        ("0 640 480 640 480", 1),
        ("0 641 480 64 48", 0),
        ("0 320 481 64 48", 0),
    ],
)
def test_above_one_and_a_half_and_within_the_image(row: str, expected: int) -> None:
    example = Example({"images/train/a.png": Picture(640, 480), "labels/train/a.txt": row, "labels/val/b.txt": ""})
    assert len(run(PixelCoordinates, example)) == expected


def test_an_image_of_unknown_size_is_not_judged() -> None:
    assert run(
        PixelCoordinates, Example({"images/train/a.png": b"", "labels/train/a.txt": PIXELS, "labels/val/b.txt": ""})
    ).empty


def test_its_score_is_the_share_of_rows() -> None:
    example = Example({"labels/train/a.txt": PIXELS}, settings={"min_files": 1})
    assert run(PixelCoordinates, example)["score"].tolist() == [0.5]
