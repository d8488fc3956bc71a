"""What counts as a setting that is not the default."""

from typing import Any

import pytest

from tests.example_runs import HYPER, OPTIONS
from yoloaudit.dataset.plain_yaml import read_yaml
from yoloaudit.measure.run_settings import changed, same
from yoloaudit.train.config import PRESETS


def plain(text: str) -> dict[str, Any]:
    return {key: entry.value for key, entry in read_yaml(text.encode()).entries.items()}


def names(options: dict[str, Any], hyper: dict[str, Any]) -> list[str]:
    return [setting.name for setting in changed(options, hyper)]


def test_the_files_of_a_default_run_change_nothing() -> None:
    assert changed(plain(OPTIONS), plain(HYPER)) == ()
    assert changed({}, {}) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 5), ("batch_size", 4), ("data", "x.yaml"), ("weights", "yolov5x6.pt"), ("device", "cpu"), ("seed", 3),
     ("workers", 0), ("cache", "ram"), ("project", "elsewhere"), ("unheard_of", 5)],
)  # fmt: skip
def test_what_is_a_choice_is_no_change(name: str, value: object) -> None:
    assert names(plain(OPTIONS) | {name: value}, {}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("imgsz", 320), ("rect", True), ("optimizer", "Adam"), ("freeze", [10]), ("freeze", [0, 1]), ("patience", 0),
     ("label_smoothing", 0.1), ("weights", ""), ("multi_scale", True), ("single_cls", True)],
)  # fmt: skip
def test_what_changes_the_outcome_is_one(name: str, value: object) -> None:
    assert names(plain(OPTIONS) | {name: value}, {}) == [name]


def test_hyper_parameters_of_another_preset_are_named_one_by_one() -> None:
    high, low = PRESETS["scratch-high"].model_dump(), PRESETS["scratch-low"].model_dump()
    differing = [name for name in low if low[name] != high[name]]
    assert sorted(names({}, high)) == sorted(differing)
    assert names({}, low) == []


def test_values_mean_the_same_however_they_are_written() -> None:
    assert same(1, 1.0)
    assert same([0], (0,))
    assert same(0, [0])
    assert not same(True, 1)
    assert not same("0.01", 0.01)
    assert not same(float("nan"), 0.01)
    assert not same(10**400, 1.0)


def test_values_are_texts_for_people() -> None:
    told = {setting.name: (setting.value, setting.default) for setting in changed({"cos_lr": True, "weights": ""}, {})}
    assert told == {"weights": ("from scratch", "yolov5s.pt"), "cos_lr": ("on", "off")}
