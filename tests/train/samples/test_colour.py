"""Colours and mixes equal the trainer's."""

from typing import Any

import numpy as np
import pytest

from tests.example_samples import STILL, golden
from yoloaudit.train.config import hyper
from yoloaudit.train.samples import colour

HSV, MIXUP = golden("hsv"), golden("copy_paste").get("mixup")


@pytest.mark.skipif(not HSV, reason="needs the golden numbers of shared/reference")
@pytest.mark.parametrize("case", HSV.get("cases", []), ids=lambda case: str(case["u"]))
def test_colours_equal_the_trainers(case: dict[str, Any]) -> None:
    image = np.array(HSV["input_bgr"], np.uint8)[None]
    hue, saturation, value = case["r"]
    assert colour.coloured(image, (hue, saturation, value))[0].tolist() == case["out_bgr"]


@pytest.mark.skipif(not MIXUP, reason="needs the golden numbers of shared/reference")
def test_a_mix_equals_the_trainers() -> None:
    first, second = (np.array(MIXUP[name], np.uint8) for name in "ab")
    assert colour.mixed(first, second, MIXUP["r"]).tolist() == MIXUP["out"]


def test_both_kinds_of_numpys_streams_will_do() -> None:
    for stream in (np.random.RandomState(1), np.random.default_rng(1)):
        gains = colour.draw_gains(hyper(), stream)
        assert gains is not None
        assert all(abs(gain - 1) <= most for gain, most in zip(gains, (0.015, 0.7, 0.4), strict=True))
        assert 0.2 < colour.draw_share(stream) < 0.8


def test_one_draw_of_three_numbers_and_none_where_nothing_changes() -> None:
    stream, twin = np.random.RandomState(5), np.random.RandomState(5)
    assert colour.draw_gains(STILL, stream) is None
    drawn = colour.draw_gains(hyper(), stream)
    assert drawn == tuple((1 + twin.uniform(-1, 1, 3) * (0.015, 0.7, 0.4)).tolist())
    assert stream.uniform() == twin.uniform()


def test_the_share_of_a_mix_is_about_one_half() -> None:
    stream = np.random.default_rng(0)
    shares = [colour.draw_share(stream) for _ in range(2000)]
    assert abs(np.mean(shares) - 0.5) < 0.01
    assert abs(np.std(shares) - (1 / (4 * 65)) ** 0.5) < 0.005
