"""overexposed-image: its limit, its score, and images that were not decoded."""

import numpy as np
import pytest

from yoloaudit.checks.images.overexposed_image import OverexposedImage
from yoloaudit.dataset.tables import PIXELS, table


def test_limit_and_score() -> None:
    pixels = table(PIXELS, {"brightness_p5": [0.949, 0.951, 1.0, 0.975], "decoded": [True] * 4})
    defects = OverexposedImage.model_validate({}).find(pixels)
    assert defects["image"].tolist() == [1, 2, 3]
    assert defects["value"].tolist() == pytest.approx([0.049, 0.0, 0.025], abs=1e-3)
    assert defects["score"].tolist() == pytest.approx([0.51, 1.0, 0.75], abs=1e-2)


def test_what_was_not_decoded_is_not_overexposed() -> None:
    pixels = table(PIXELS, {"brightness_p5": [1.0, np.nan], "decoded": [False, False]})
    assert not len(OverexposedImage.model_validate({}).find(pixels))
