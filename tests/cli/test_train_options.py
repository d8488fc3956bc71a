"""Options of a training: YOLOv5's names and defaults, and options that may stand alone."""

from typing import Any

import pytest
import typer

from yoloaudit.cli.train_options import FOLDS, TRAINING, WAYS, BareOptions, takes, with_values
from yoloaudit.train.config import Options
from yoloaudit.train.learning.learner import Ways
from yoloaudit.train.samples.loader import MEMORY

SPECIFICATION = (
    *("weights", "cfg", "data", "hyp", "epochs", "batch-size", "imgsz", "rect"),
    *("resume", "nosave", "noval", "noautoanchor", "noplots", "cache", "image-weights", "device"),
    *("multi-scale", "single-cls", "optimizer", "sync-bn", "workers", "project", "name", "exist-ok"),
    *("quad", "cos-lr", "label-smoothing", "patience", "freeze", "save-period", "seed"),
)
"""Of section 9.1 of the specification, those that a training here has."""


def test_options_and_defaults_are_those_of_the_trainer() -> None:
    fields = Options.model_fields
    assert set(TRAINING) == set(fields) - {"data", "folds"}
    assert FOLDS.default == fields["folds"].default
    for name, option in TRAINING.items():
        default = fields[name].default
        assert option.default == ("0" if name == "freeze" else default), name
    assert {name: option.default for name, option in WAYS.items()} == Ways()._asdict()


def test_no_option_of_yolov5_is_missing() -> None:
    names = {name.replace("_", "-") for name in TRAINING} | {"data"}
    assert set(SPECIFICATION) <= names
    assert TRAINING["imgsz"].names == ("--imgsz", "--img", "--img-size")
    assert "--batch" in TRAINING["batch_size"].names


def test_help_says_what_is_done_with_decoded_images_and_by_whom() -> None:
    shares = {0.5: "half", 0.9: "nine tenths"}
    told = {name: (option.help, str(Options.model_fields[name].description)) for name, option in TRAINING.items()}
    for text in told["cache"]:
        assert all(shares[share] in text for share in MEMORY.values())
        assert "cache folder" in text
    assert all("hreads" in text and "process " not in text for text in told["workers"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--resume", "--resume=last"),
        ("--resume --rect", "--resume=last --rect"),
        ("--resume runs/x", "--resume runs/x"),
        ("--cache --resume", "--cache=ram --resume=last"),
        ("--cache disk x.yaml", "--cache disk x.yaml"),
        ("--freeze 10 x.yaml", "--freeze=10 x.yaml"),
        ("--freeze 0 1 2 --rect", "--freeze=0,1,2 --rect"),
        ("--freeze 0,1", "--freeze=0,1"),
        ("--freeze", "--freeze"),
        ("x.yaml -- --resume", "x.yaml -- --resume"),
        ("", ""),
    ],
)
def test_options_may_stand_alone(typed: str, meant: str) -> None:
    assert with_values(typed.split()) == meant.split()


def test_a_command_takes_a_table_of_options() -> None:
    seen: dict[str, Any] = {}

    @takes(TRAINING)
    def command(data: str = "here", **values: Any) -> None:
        seen.update(values, data=data)

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.callback()(lambda: None)
    app.command(cls=BareOptions)(command)
    run = typer.main.get_command(app)
    run(
        args=["command", "--img", "320", "--batch", "8", "--freeze", "0", "1", "--resume", "--rect"],
        standalone_mode=False,
    )
    assert (seen["imgsz"], seen["batch_size"], seen["freeze"]) == (320, 8, "0,1")
    assert (seen["resume"], seen["rect"], seen["epochs"], seen["data"]) == ("last", True, 100, "here")
