"""What a baseline says before it trains: losses, findings and settings, in lines that no terminal obeys."""

import pytest

from tests.example_report import example, hostile
from yoloaudit.cli import show_train
from yoloaudit.cli.show_baseline import findings, settings, text
from yoloaudit.train.config import Options, describe, hyper


def test_what_the_trainer_loses_comes_first() -> None:
    lines = findings(example(), width=100)
    assert lines[0] == "the data set has 1 error, 4 warnings, 400 info. What matters to a training"
    flat = " ".join(" ".join(lines).split())
    assert (
        "train: 2 images that the trainer drops, 4 boxes too small to be trained on, 6 rows that yield no box" in flat
    )
    assert "error missing-split-path 1 `test` names images/test, which does not exist" in flat
    assert "tiny-box" not in flat, "information does not stand in the way"


@pytest.mark.parametrize("width", [70, 100, 160])
def test_any_width_and_hostile_texts(width: int) -> None:
    for line in findings(hostile(), width=width):
        assert line.isprintable()
        assert len(line) <= width
        assert not line.lstrip().startswith("::")


def test_every_setting_is_told_once() -> None:
    told = describe(Options(imgsz=320, weights="", freeze=(0, 1)), hyper("scratch-high"), Options())
    flat = " ".join(" ".join(settings(told, width=100)).split())
    other, _, usual = flat.partition("by default: ")
    assert other.startswith("not the default: weights –, imgsz 320, freeze 0 1, lrf 0.1")
    assert "batch-size 16" in usual
    assert "mosaic 1" in usual
    assert all(f"{setting.name} " in flat for setting in told)


def test_defaults_alone() -> None:
    (first, *_) = settings(describe(Options(), hyper(), Options()), width=100)
    assert first.startswith("all settings are the default: weights yolov5s.pt")


def test_what_the_model_says_of_the_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_train, "text", lambda *_, **__: ["trained"])
    said = {"severity": "warning", "found": 1203, "message": "no label where the model sees '\x1b[31mcat'"}
    facts = {
        "advice": [],
        "labels": [{"rule": "missed-label", **said}],
        "files": {"folder": "runs/exp"},
        "dataset": {"root": "/my data", "descriptor": "data.yaml"},
    }
    written = "\n".join(text(facts, width=80))
    assert "missed-label  1,203  no label where the model sees" in " ".join(written.split("\n"))
    assert "\x1b[31m" not in written
    assert "yoloaudit check '/my data/data.yaml' --run runs/exp --select model" in written
    assert "says of the labels" not in "\n".join(text({**facts, "labels": []}, width=80))
