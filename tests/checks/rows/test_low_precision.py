"""low-precision at its boundaries: the image's side, every row of a file, decimals as written."""

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.checks.rows.low_precision import LowPrecision
from yoloaudit.dataset.tables import Defects
from yoloaudit.testing import run


def find(text: str, width: int = 640, height: int = 480) -> Defects:
    return find_in(Picture(width, height), text)


def find_in(image: Picture | bytes, text: str) -> Defects:
    files: dict[str, str | bytes | Picture | None] = {
        "images/train/a.png": image,
        "labels/train/a.txt": text,
        "labels/val/b.txt": "",
    }
    return run(LowPrecision, Example(files))


@pytest.mark.parametrize(
    ("row", "side", "expected"),
    [
        ("0 0.5 0.5 0.25 0.25", 200, 0),
        ("0 0.5 0.5 0.25 0.25", 201, 1),
        ("0 0.512 0.487 0.113 0.25", 640, 0),
        ("0 0.512 0.487 0.113 0.25", 2000, 0),
        ("0 0.512 0.487 0.113 0.25", 2001, 1),
        ("0 0.5 0.5 0.3 0.3", 20, 0),
        ("0 0.5 0.5 0.3 0.3", 21, 1),
    ],
)
def test_rounding_by_more_than_a_pixel(row: str, side: int, expected: int) -> None:
    assert len(find(row, side, 10)) == len(find(row, 10, side)) == expected


def test_one_finding_a_file_with_its_number_of_decimals() -> None:
    defects = find("0 0.5 0.5 0.3 0.3\n0 0.51 0.47 0.2 0.2\n1 0.1 0.1 0.1 0.1\n")
    assert defects["decimals"].tolist() == [2]
    assert defects["moved"].tolist() == [pytest.approx(3.2)]


def test_one_precise_row_clears_its_file() -> None:
    assert find("0 0.51 0.47 0.22 0.2\n0 0.501563 0.47 0.22 0.2\n").empty


@pytest.mark.parametrize(
    "text",
    [
        "0 0.500000 0.500000 0.250000 0.250000",
        "0 0.5 0.5 1 1",
        "0 0.1 0.1 0.3 0.1 0.3 0.3",
        "0 0.51 0.47 0.22 0.2\n0 0.1 0.1 0.3 0.1 0.3 0.3",
        "0 320 240 64 48",
        "0 .5 .5 nan .2",
        "",
    ],
    ids=["written out", "whole image", "polygon", "box among polygons", "pixels", "broken", "empty"],
)
def test_what_cannot_be_judged_is_left_alone(text: str) -> None:
    assert find(text).empty


def test_an_image_of_unknown_size_is_not_judged() -> None:
    assert find_in(b"", "0 0.51 0.47 0.22 0.2").empty
