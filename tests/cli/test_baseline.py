"""`yoloaudit baseline` from the command line to its run folder: what is said, what is left behind, how it goes on."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml

from tests.example_training import pictures
from yoloaudit.cli.baseline import EPOCHS, asked, baseline, first_of_all, run_of
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.train_options import BareOptions
from yoloaudit.dataset.load import load
from yoloaudit.measure.prediction_files import read_predictions
from yoloaudit.measure.runs import read_run
from yoloaudit.report.document import schema
from yoloaudit.train.learning import distributed

TINY = ("--weights", "", "--cfg", "yolov5n", "--imgsz", "64", "--batch", "4", "--epochs", "2", "--device", "cpu")
QUIET = (*TINY, "--workers", "0", "--noplots")
PROMISED = {
    *("weights/best.pt", "weights/last.pt", "opt.yaml", "hyp.yaml", "results.csv", "results.png", "labels.jpg"),
    *("labels_correlogram.jpg", "train_batch0.jpg", "val_batch0_labels.jpg", "val_batch0_pred.jpg", "PR_curve.png"),
    *("P_curve.png", "R_curve.png", "F1_curve.png", "confusion_matrix.png", "predictions.parquet", "report.json"),
    "report.html",
    *("record.json", "tightness.png"),
}
"""What the interface promises of the run folder of a baseline."""


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command(cls=BareOptions)(baseline)
    outcome = typer.main.get_command(app)(args=["baseline", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    pictures(folder, train=8, val=3)
    return folder


@pytest.fixture
def here(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the data set in it."""
    (tmp_path / "pets").symlink_to(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


class Killed(BaseException):
    """What nobody catches."""


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(here: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The document that the command prints for these arguments."""

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert guarded(command, [*arguments, "--format", "json"]) == code
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return run


def files_of(folder: Path) -> set[str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "last.state" not in path.parts)
    return {os.path.relpath(path, folder) for path in kept}


def test_a_run_folder_holds_what_is_promised(here: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert guarded(command, ["pets", *TINY, "--workers", "1"]) == 0
    captured = capsys.readouterr()
    folder = here / "runs/baseline/exp"
    assert files_of(folder) >= PROMISED
    assert before == {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert "What matters to a training" in captured.err
    assert "few-images-per-class" in captured.err
    assert "not the default: weights –, cfg yolov5n" in captured.err
    assert "lr0 0.01, lrf 0.01, momentum 0.937" in " ".join(captured.err.split())
    assert "yoloaudit advise runs/baseline/exp" in captured.out
    assert "option imgsz is 64, by default 640" in captured.out
    assert f"written to runs/baseline/exp: {len(files_of(folder))} files" in captured.out
    of_the_report(json.loads((folder / "report.json").read_text()))
    of_the_record(json.loads((folder / "record.json").read_text()), load(str(data)).fingerprint)
    held = read_run(str(folder))
    assert held.problems == ()
    assert held.map50 is not None
    assert held.map50.images == 3
    predicted = read_predictions(str(folder / "predictions.parquet"), load(str(data)))
    assert set(predicted.table["source"].astype(str)) <= {"in-sample", "val"}


def of_the_report(report: dict[str, Any]) -> None:
    jsonschema.validate(report, schema())
    rules = {rule["rule"]: rule for rule in report["rules"]}
    assert rules["non-default-baseline"]["status"] == "fail"
    assert rules["poor-anchor-fit"]["status"] in ("pass", "fail")
    assert rules["near-duplicate"]["status"] != "skipped", "the pixels were looked at"


def of_the_record(record: dict[str, Any], fingerprint: str) -> None:
    assert record["kind"] == "baseline"
    assert record["dataset"]["fingerprint"] == fingerprint
    assert {"options", "hyper", "versions", "device", "evaluation", "anchors", "history"} <= set(record)
    assert {each["name"] for each in record["evaluation"]["classes"]} == {"cat", "dog"}


def test_errors_in_the_data_are_told_and_stop_it_where_that_is_asked_for(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path / "sick", train=8, val=2)
    (tmp_path / "sick/labels/train/p0.txt").write_text("0 1.5 0.5 0.2 0.2\n")
    assert guarded(command, ["sick", *QUIET, "--strict"]) == 2
    captured = capsys.readouterr()
    assert "train: 1 images that the trainer drops" in captured.err
    assert "coordinate-out-of-range" in captured.err
    assert captured.err.splitlines()[-1].startswith("error: 1 finding of severity error (the first: ")
    assert not Path("runs").exists()


def test_a_run_goes_on_with_its_own_settings(here: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    facts = run("pets", *QUIET)
    folder = here / facts["files"]["folder"]
    assert files_of(folder) == set(facts["files"]["names"])
    assert {each["rule"] for each in facts["advice"]} >= {"non-default-baseline", "small-batch"}
    assert "weak-model" in {each["rule"] for each in facts["labels"]}, "two epochs teach nothing, and it says so"
    assert guarded(command, ["--resume", "--epochs", "3"]) == 0
    captured = capsys.readouterr()
    assert "by default: " in captured.err
    assert "not the default: weights –" in captured.err
    assert yaml.safe_load((folder / "opt.yaml").read_text())["epochs"] == 3
    assert len((folder / "results.csv").read_text().splitlines()) == 4
    assert read_run(str(folder)).planned == 3


@pytest.mark.parametrize("moment", ["predictions.parquet", "report.html", "report.json", "record.json"])
def test_stopped_after_its_last_epoch_it_writes_what_is_missing(
    moment: str, here: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from yoloaudit.cli import baseline_files

    def killed(folder: str, name: str, data: bytes) -> None:
        if name == moment:
            raise Killed
        put(folder, name, data)

    put = baseline_files._put
    with monkeypatch.context() as patched:
        patched.setattr(baseline_files, "_put", killed)
        with pytest.raises(Killed):
            command(["pets", *QUIET])
    capsys.readouterr()
    assert guarded(command, ["--resume", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert "all epochs are trained; what is left is to judge the best weights and to write what is" in captured.err
    facts = json.loads(captured.out)
    folder = here / facts["files"]["folder"]
    assert files_of(folder) == set(facts["files"]["names"])
    of_the_record(json.loads((folder / "record.json").read_text()), load("pets").fingerprint)
    assert guarded(command, ["--resume"]) == 2
    captured = capsys.readouterr()
    assert captured.err == "error: this training is finished: it had 2 epochs. More epochs: --epochs 4\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere"),
        (["pets", "--epochs", "0"], "epochs"),
        (["pets", "--hyp", "nothing"], "no preset is called"),
        (["pets", "--weights", "pets/data.yaml"], "no checkpoint"),
        (["pets", "--cfg", "yolov9", "--weights", ""], "yolov9"),
        (["pets", "--device", "tpu"], "tpu"),
        (["--resume", "pets"], "pets"),
        (["pets", "--format", "xml"], "text or json"),
        (["pets", "--cos-lr"], "--cos-lr"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, [*arguments, "--workers", "0", "--noplots"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    errors = [line for line in captured.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in captured.err


def test_an_error_is_a_document_too(run: Run) -> None:
    assert "nowhere" in run("nowhere", code=2)["error"]["message"]


def test_stopped_it_says_how_a_baseline_goes_on(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(distributed, "orphaned", lambda: True)
    assert guarded(command, ["pets", *QUIET]) == 130
    assert "Go on with: yoloaudit baseline --resume runs/baseline/exp" in capsys.readouterr().err


def test_defaults_are_those_of_the_guide_unless_a_run_goes_on(tmp_path: Path) -> None:
    assert asked({}) == {"epochs": EPOCHS, "project": "runs/baseline"}
    assert EPOCHS == 300
    assert asked({"epochs": 5})["epochs"] == 5
    (tmp_path / "exp/weights").mkdir(parents=True)
    for named in ("exp", "exp/weights", "exp/weights/last.pt"):
        assert asked({"resume": str(tmp_path / named)}) == {"resume": str(tmp_path / "exp")}
    assert run_of("nowhere") == os.path.abspath("nowhere")


def test_one_process_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert first_of_all("cpu")
    assert not first_of_all("0,1"), "it starts others"
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, speaks in (("0", True), ("1", False)):
        monkeypatch.setenv("RANK", rank)
        assert first_of_all("0,1") is speaks
