"""grayscale-minority: where a minority begins and ends, and images that were not decoded."""

import pytest

from yoloaudit.checks.images.grayscale_minority import GrayscaleMinority
from yoloaudit.dataset.tables import PIXELS, table


def found(grey: list[bool], decoded: list[bool] | None = None) -> list[int]:
    pixels = table(PIXELS, {"grey": grey, "decoded": decoded or [True] * len(grey)})
    defects = GrayscaleMinority.model_validate({}).find(pixels)
    return defects["image"].tolist() if len(defects) else []


@pytest.mark.parametrize(("strays", "expected"), [(0, []), (5, [0, 1, 2, 3, 4]), (6, []), (94, []), (100, [])])
def test_up_to_five_percent(strays: int, expected: list[int]) -> None:
    assert found([True] * strays + [False] * (100 - strays)) == expected
    assert found([False] * strays + [True] * (100 - strays)) == expected


def test_ninety_five_grey_leave_five_coloured() -> None:
    assert found([True] * 95 + [False] * 5) == [95, 96, 97, 98, 99]


def test_what_was_not_decoded_is_neither() -> None:
    assert found([False] * 3 + [True] * 20, [False] * 3 + [True] * 20) == []
    assert found([False] * 4 + [True] * 20, [False] * 3 + [True] * 21) == [3]
    assert found([False], [False]) == []
