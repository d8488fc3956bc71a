"""low-information-image: plain data sets, blank images among them, and what is folded into a blank one."""

import numpy as np
import pytest

from yoloaudit.checks.images.low_information_image import LowInformationImage
from yoloaudit.dataset.tables import PIXELS, Defects, table


def found(entropy: list[float], contrast: float | list[float] = 0.2, **columns: list[float]) -> Defects:
    spread = np.broadcast_to(contrast, len(entropy))
    values = {"entropy": entropy, "contrast": spread, "decoded": ~np.isnan(entropy), **columns}
    return LowInformationImage.model_validate({}).find(table(PIXELS, values))


def images(defects: Defects) -> list[int]:
    return defects["image"].tolist() if len(defects) else []


@pytest.mark.parametrize(("bits", "expected"), [(3.0, []), (2.99, [0])])
def test_limit_among_photographs(bits: float, expected: list[int]) -> None:
    assert images(found([bits] + [7.0, 7.2, 7.4, 7.6] * 5)) == expected


def test_captchas_are_plain_by_nature() -> None:
    assert images(found([2.3, 2.7, 2.9, 3.1, 3.2, 3.4, 3.5, 3.7])) == []
    assert images(found([1.0, 2.7, 2.9, 3.1, 3.2, 3.4, 3.5, 3.7])) == [0]


def test_nearly_half_of_the_images_may_be_poor() -> None:
    assert images(found([1.0] * 9 + [6.8, 6.9, 7.0, 7.0, 7.1, 7.2, 7.3, 7.4, 7.5, 7.6])) == list(range(9))


def test_blank_images_are_told_however_many() -> None:
    defects = found([0.0, 0.5, 0.5], [0.0, 0.009, 0.011])
    assert images(defects) == [0, 1]
    assert defects.attrs["images"].tolist() == [0, 1]


def test_only_blank_images_explain_the_rest() -> None:
    defects = found([0.4, 1.5] + [7.0] * 8, [0.005, 0.1] + [0.2] * 8)
    assert images(defects) == [0, 1]
    assert defects.attrs["images"].tolist() == [0]


def test_says_what_it_looks_like() -> None:
    light = {"brightness_p5": [0.0, 0.97, 0.4, 0.0, 0.2], "brightness_p99": [0.05, 1.0, 0.4, 0.9, 0.9]}
    looks = found([0.5, 0.5, 0.5, 0.5, 0.5], [0, 0, 0, 0.1, 0.1], **light)["look"].tolist()
    assert looks == ["nothing but black", "nothing but white", "nothing but one tone"]
    defects = found([0.5] + [7.0] * 4, **light)
    assert defects["look"].tolist() == ["few tones, unlike most of the others"]


def test_no_bits_are_not_minus_none() -> None:
    defects = found([-0.0], [0.0], brightness_p99=[0.0])
    facts = {"entropy": defects["entropy"][0], "look": defects["look"][0]}
    assert (
        LowInformationImage.model_validate({}).describe(facts)
        == "grey levels hold 0.0 bits, below 3: nothing but black"
    )


def test_what_was_not_decoded_is_not_poor() -> None:
    assert images(found([np.nan, np.nan])) == []
    assert images(found([np.nan] + [7.0] * 4 + [1.0])) == [5]
