"""corner-coordinates at its boundaries, and on boxes that are large but rightly written."""

import numpy as np
import pytest

from yoloaudit.checks.base import Example
from yoloaudit.checks.rows.corner_coordinates import CornerCoordinates
from yoloaudit.testing import run


def text(rows: object) -> str:
    return "".join(f"0 {a:.4f} {b:.4f} {c:.4f} {d:.4f}\n" for a, b, c, d in np.asarray(rows).tolist())


def found(rows: object) -> int:
    return len(run(CornerCoordinates, Example({"labels/train/a.txt": text(rows), "labels/val/b.txt": ""})))


def corners(count: int, seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.8, (count, 2))
    return np.hstack([low, rng.uniform(low + 0.05, 1)])


def test_corners_are_found_and_centres_are_not() -> None:
    rows = corners(200)
    assert found(rows) == 200
    centres = np.hstack([(rows[:, :2] + rows[:, 2:]) / 2, rows[:, 2:] - rows[:, :2]])
    assert found(centres) == 0


@pytest.mark.parametrize(("count", "expected"), [(9, 0), (10, 10)])
def test_ten_rows_are_needed(count: int, expected: int) -> None:
    assert found(corners(count)) == expected


@pytest.mark.parametrize(("disordered", "expected"), [(1, 99), (2, 0)])
def test_ninety_nine_of_a_hundred_are_ordered(disordered: int, expected: int) -> None:
    rows = corners(100)
    rows[:disordered] = rows[:disordered, [2, 3, 0, 1]]
    assert found(rows) == expected


@pytest.mark.parametrize(("leaving", "expected"), [(20, 100), (19, 0)])
def test_one_box_of_five_leaves_the_image(leaving: int, expected: int) -> None:
    rows = np.array([[0.5, 0.5, 0.9 + n / 1000, 0.9] for n in range(100)])
    rows[:leaving] = [[0.1 + n / 1000, 0.1, 0.9, 0.9] for n in range(leaving)]
    assert found(rows) == expected


def test_boxes_of_the_whole_image_are_right() -> None:
    assert found([[0.5, 0.5, 1 - n / 100, 1] for n in range(20)]) == 0


def test_pixels_are_not_judged() -> None:
    assert found(corners(50) * 640) == 0
