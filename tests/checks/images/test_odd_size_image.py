"""odd-size-image: how many images it needs, and how far is odd where sizes vary and where they do not."""

import numpy as np
import pytest

from yoloaudit.checks.images.odd_size_image import OddSizeImage
from yoloaudit.dataset.tables import IMAGES, table


def found(sizes: list[int]) -> list[int]:
    sides = np.array(sizes)
    defects = OddSizeImage.model_validate({}).find(table(IMAGES, {"width": sides, "height": sides}))
    return defects["image"].tolist() if len(defects) else []


@pytest.mark.parametrize(("usual", "expected"), [(18, []), (19, [0])])
def test_twenty_images_are_needed(usual: int, expected: list[int]) -> None:
    assert found([64] + [640] * usual) == expected


def test_unknown_sizes_neither_count_nor_are_odd() -> None:
    assert found([0, 0, 64] + [640] * 18) == []
    assert found([0, 0, 64] + [640] * 19) == [2]


@pytest.mark.parametrize(("size", "expected"), [(659, []), (660, [0]), (621, []), (620, [0])])
def test_images_of_one_size_leave_room_of_three_percent(size: int, expected: list[int]) -> None:
    assert found([size] + [640] * 40) == expected


@pytest.mark.parametrize(("size", "expected"), [(1024, []), (1026, [0]), (326, []), (324, [0])])
def test_three_ranges_beyond_the_quartiles(size: int, expected: list[int]) -> None:
    assert found([size] + [625] * 20 + [675] * 19 + [725] * 20) == expected
