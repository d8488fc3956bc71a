"""position-bias: entropy of centres, few boxes, odd places."""

import numpy as np
import pytest

from tests.example_looks import number
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.variety.position_bias import PositionBias, spread_of
from yoloaudit.dataset.tables import Defects


def find(centres: list[tuple[float, float]], split: str = "train") -> Defects:
    images = images_of(1, split=split)
    return PositionBias().find(boxes_of([(0, 0, x, y, 0.1, 0.1) for x, y in centres], images))


def test_even_centres_spread_fully_and_one_place_not_at_all() -> None:
    even = [(0.05 + i % 10 / 10, 0.05 + i // 10 % 10 / 10) for i in range(1000)]
    assert number(find(even)) == 1
    assert number(find([(0.5, 0.5)] * 100)) == 0
    assert number(find([(0.25, 0.5), (0.75, 0.5)] * 2000)) == pytest.approx(np.log2(2) / np.log2(100), abs=1e-3)


def test_few_boxes_at_random_are_no_bias() -> None:
    rng = np.random.default_rng(5)
    spreads = [spread_of(np.bincount(rng.integers(0, 100, 100), minlength=100)) for _ in range(50)]
    assert np.mean(spreads) == pytest.approx(0.97, abs=0.03)
    assert number(find([(0.5, 0.5)] * 99)) is None


def test_the_limit_lies_between_12_and_20_cells() -> None:
    def cells(columns: int, rows: int) -> list[tuple[float, float]]:
        return [(0.05 + i % columns / 10, 0.05 + i // columns % rows / 10) for i in range(2400)]

    assert len(find(cells(4, 3))) == 1
    assert not len(find(cells(5, 4)))


def test_centres_beyond_the_image_fall_into_its_border() -> None:
    assert number(find([(1e38, -1e38), (3.0, -0.5), (1.0, 0.0)] * 40)) == 0


def test_validation_is_not_looked_at() -> None:
    assert number(find([(0.5, 0.5)] * 200, split="val")) is None
