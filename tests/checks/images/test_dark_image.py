"""dark-image: its limit, its score, and images that were not decoded."""

import numpy as np
import pytest

from yoloaudit.checks.images.dark_image import DarkImage
from yoloaudit.dataset.tables import PIXELS, table


def test_limit_and_score() -> None:
    pixels = table(PIXELS, {"brightness_p99": [0.33, 0.3199, 0.0, 0.16], "decoded": [True] * 4})
    defects = DarkImage.model_validate({}).find(pixels)
    assert defects["image"].tolist() == [1, 2, 3]
    assert defects["score"].tolist() == pytest.approx([0.5, 1.0, 0.75], abs=1e-3)


def test_what_was_not_decoded_is_not_dark() -> None:
    pixels = table(PIXELS, {"brightness_p99": [0.0, np.nan], "decoded": [False, False]})
    assert not len(DarkImage.model_validate({}).find(pixels))
