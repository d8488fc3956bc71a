"""The files of a run: columns and widths of YOLOv5, written whole, and read back by whoever reads them."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import yaml

from yoloaudit.checks.base import Example
from yoloaudit.dataset.load import load
from yoloaudit.testing import lay_out
from yoloaudit.train.config import PRESETS, Hyper, Options, hyper
from yoloaudit.train.results_csv import read_results
from yoloaudit.train.run.record import Record, epoch_of, facts_of_run, options_yaml, plain, results_csv, tensorboard
from yoloaudit.train.types import Epoch

EPOCH = Epoch(
    epoch=0,
    losses=(0.06095178797841072, 0.029766421765089035, 0.021650148555636406),
    rates=(0.0937, 0.0007, 0.0007),
    precision=0.487846860821684,
    recall=0.4124446963397176,
    map50=0.4576888263123969,
    map50_95=0.2907088041979359,
    val_losses=(0.054422833025455475, 0.022252945229411125, 0.014762178994715214),
    fitness=0.307406806409382,
    best=True,
    seconds=1.5,
)
HEADER = (
    "               epoch,      train/box_loss,      train/obj_loss,      train/cls_loss,   metrics/precision,"
    "      metrics/recall,     metrics/mAP_0.5,metrics/mAP_0.5:0.95,        val/box_loss,        val/obj_loss,"
    "        val/cls_loss,               x/lr0,               x/lr1,               x/lr2"
)
ROW = (
    "                   0,            0.060952,            0.029766,             0.02165,             0.48785,"
    "             0.41244,             0.45769,             0.29071,            0.054423,            0.022253,"
    "            0.014762,              0.0937,              0.0007,              0.0007"
)


def test_results_have_the_columns_and_widths_of_yolov5() -> None:
    lines = results_csv([EPOCH]).decode().splitlines()
    assert lines == [HEADER, ROW]


def test_results_are_read_by_our_own_reader() -> None:
    columns = read_results(results_csv([EPOCH, replace(EPOCH, epoch=1, map50=0.5)]))
    assert columns["epoch"].tolist() == [0, 1]
    assert columns["metrics/mAP_0.5"].tolist() == [0.45769, 0.5]


def test_epochs_come_back_from_json() -> None:
    assert epoch_of(json.loads(json.dumps(asdict(EPOCH)))) == EPOCH
    for wrong in ({}, {"epoch": "0"}, {"losses": [1, 2]}, {"best": 1}, {"recall": "x"}):
        values = {**asdict(EPOCH), **wrong} if wrong else {}
        with pytest.raises((ValueError, TypeError, KeyError)):
            epoch_of(values)


def test_files_follow_the_events(tmp_path: Path) -> None:
    record = Record(str(tmp_path))
    record.settings(Options(), hyper("VOC"))
    assert not (tmp_path / "results.csv").exists()
    record.take(EPOCH)
    record.take(replace(EPOCH, epoch=1))
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 3
    again = Record(str(tmp_path), record.history[:1])
    assert len((tmp_path / "results.csv").read_text().splitlines()) == 2
    again.close({"a": float("nan"), "b": (1, 2.5)})
    assert json.loads((tmp_path / "record.json").read_text()) == {"a": None, "b": [1, 2.5]}


def test_settings_are_files_that_can_be_used_again(tmp_path: Path) -> None:
    options = Options(epochs=3, freeze=(0, 2), weights="é\x1b[0m.pt")
    Record(str(tmp_path)).settings(options, PRESETS["VOC"])
    assert hyper(str(tmp_path / "hyp.yaml")) == PRESETS["VOC"]
    told = yaml.safe_load((tmp_path / "opt.yaml").read_text())
    assert told["epochs"] == 3
    assert told["freeze"] == [0, 2]
    assert told["weights"] == "é\x1b[0m.pt"
    assert "\x1b" not in (tmp_path / "opt.yaml").read_text()
    assert told["hyp"]["lr0"] == PRESETS["VOC"].lr0
    assert told["save_dir"] == str(tmp_path)
    assert list(told) == [*Options.model_fields, "save_dir"]
    assert yaml.safe_load(options_yaml(Options(), Hyper(), "x"))["hyp"]["fl_gamma"] == 0


def test_a_board_is_told_every_number(tmp_path: Path) -> None:
    told: dict[str, float] = {}

    class Board:
        def add_scalar(self, name: str, value: float, step: int) -> None:
            told[f"{name} {step}"] = value

        def close(self) -> None:
            told["closed"] = 1

    record = Record(str(tmp_path), board=Board())
    record.take(EPOCH)
    record.close()
    assert told["metrics/mAP_0.5 0"] == EPOCH.map50
    assert len(told) == 14
    if tensorboard(str(tmp_path / "board")) is None:
        assert not (tmp_path / "board").exists()


def test_a_run_is_told_with_all_that_makes_it_comparable(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    dataset = load(str(tmp_path / "data.yaml"), workers=1)
    later = replace(EPOCH, epoch=1, best=False)
    facts = facts_of_run(dataset, Options(), Hyper(), [EPOCH, later], device="cpu", seconds=2.0, more={"x": 1})
    assert json.loads(json.dumps(plain(facts), allow_nan=False))["dataset"]["fingerprint"] == dataset.fingerprint
    assert facts["best"]["epoch"] == 0
    assert facts["epochs"] == 2
    assert facts["versions"]["torch"]
    assert facts["dataset"]["splits"]["train"]["images"] == facts["dataset"]["splits"]["train"]["used"] > 0
    assert facts["x"] == 1
