"""deployment-gap: what is told apart, what is not, and what is listed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame

from tests.example_looks import number, pixels_of, sentences
from tests.example_tables import images_of
from yoloaudit.checks.variety import deployment_gap
from yoloaudit.checks.variety.deployment_gap import DeploymentGap, area_by_chance
from yoloaudit.dataset.tables import Defects

LOOKS = ("brightness_p5", "brightness_p50", "brightness_p99", "contrast", "saturation", "red", "green", "blue")


def looks(count: int, seed: int, shift: float = 0.0, spread: float = 1.0) -> dict[str, Any]:
    numbers = np.random.default_rng(seed).normal(0.5, 0.1, (len(LOOKS), count))
    numbers[1] = (numbers[1] - 0.5) * spread + 0.5 + shift
    return dict(zip(LOOKS, numbers, strict=True))


def met(count: int, seed: int = 2, width: int = 640, **change: float) -> DataFrame:
    """Deployed images."""
    columns = {"path": [f"there/{i}.jpg" for i in range(count)], "width": width, "height": 640}
    return pd.concat([pixels_of(count, **looks(count, seed, **change)), DataFrame(columns, index=range(count))], axis=1)


def find(ours: int, deployed: DataFrame, seed: int = 1) -> Defects:
    return DeploymentGap().find(pixels_of(ours, **looks(ours, seed)), images_of(ours), deployed)


def test_alike_images_are_not_told_apart() -> None:
    for seed in range(6):
        defects = find(60, met(40, seed + 100), seed)
        assert not len(defects), number(defects)
        assert number(defects) is not None


def test_a_shift_and_a_wider_spread_are_told_and_named() -> None:
    (said,) = sentences(DeploymentGap(), find(200, met(100, shift=0.2)))
    assert "100 deployed images can be told from 200 training images" in said
    assert "what differs most: median brightness (0.7" in said
    assert len(find(200, met(200, spread=3.0))) == 1
    (said,) = sentences(DeploymentGap(), find(100, met(100, width=1280)))
    assert "aspect ratio (logarithm) (0.69, 0.00 in training)" in said


def test_the_most_unlike_are_listed_first() -> None:
    deployed = met(60, shift=0.2)
    deployed.loc[17, "brightness_p50"] = 1.6
    defects = find(100, deployed)
    assert "most unlike are there/17.jpg, there/" in sentences(DeploymentGap(), defects)[0]
    (related,) = defects["related"].tolist()
    assert len(related) == 10
    assert related[0] == {"file": "there/17.jpg"}


def test_undecoded_images_are_left_out_and_listed_by_their_own_path() -> None:
    deployed = met(60, shift=0.3)
    deployed["decoded"] = [i >= 30 for i in range(60)]
    (related,) = find(100, deployed)["related"].tolist()
    assert all(int(place["file"][6:-4]) >= 30 for place in related)
    deployed["decoded"] = [i >= 41 for i in range(60)]
    assert number(find(100, deployed)) is None


def test_twenty_images_on_each_side_are_needed() -> None:
    assert number(find(19, met(100))) is None
    assert number(find(100, met(19))) is None
    assert number(find(20, met(20))) is not None


def test_the_same_input_gives_the_same_number() -> None:
    assert number(find(80, met(50, shift=0.1))) == number(find(80, met(50, shift=0.1)))


def test_of_many_images_a_sample_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = find(300, met(300, shift=0.3))
    monkeypatch.setattr(deployment_gap, "MOST_IMAGES", 100)
    part = find(300, met(300, shift=0.3))
    assert number(part) == pytest.approx(number(whole), abs=0.1)
    assert number(part) != number(whole)
    assert "300 deployed images" in sentences(DeploymentGap(), part)[0]


def test_chance_narrows_with_the_number_of_images() -> None:
    assert area_by_chance(20, 20) == pytest.approx(0.777, abs=1e-3)
    assert area_by_chance(1000, 1000) < 0.6
