"""blurry-image: the floor, the data set's own spread, and images that tell nothing."""

import numpy as np
import pytest

from yoloaudit.checks.images.blurry_image import BlurryImage
from yoloaudit.dataset.tables import PIXELS, table

SHARP = [0.7, 0.8, 0.9, 1.0, 1.1, 1.2] * 4


def found(ratios: list[float], contrast: float = 0.2) -> list[int]:
    sharpness = np.array(ratios) * 255 * contrast
    values = {"sharpness": sharpness, "contrast": np.full(len(ratios), contrast), "decoded": ~np.isnan(ratios)}
    defects = BlurryImage.model_validate({}).find(table(PIXELS, values))
    return defects["image"].tolist() if len(defects) else []


@pytest.mark.parametrize("contrast", [0.01, 0.2, 0.5])
@pytest.mark.parametrize(("ratio", "expected"), [(0.33, []), (0.31, [0])])
def test_floor_does_not_depend_on_contrast(ratio: float, expected: list[int], contrast: float) -> None:
    assert found([ratio, *SHARP], contrast) == expected


def test_a_soft_data_set_is_not_blurry_as_a_whole() -> None:
    assert found([0.12, 0.15, 0.18, 0.2, 0.22, 0.24] * 4) == []
    assert found([0.04] + [0.12, 0.15, 0.18, 0.2, 0.22, 0.24] * 4) == [0]


def test_ten_images_are_needed() -> None:
    assert found([0.1] + [1.0] * 8) == []
    assert found([0.1] + [1.0] * 9) == [0]


def test_undecoded_and_flat_images_neither_count_nor_are_blurry() -> None:
    assert found([0.0, np.nan, 0.1] + [1.0] * 8) == []
    assert found([0.0, np.nan, 0.1] + [1.0] * 9) == [2]
