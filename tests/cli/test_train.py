"""`yoloaudit train` from the command line to its run folder: what is written and said, how it stops and goes on."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tests.example_training import pictures
from yoloaudit.cli import train_progress
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.train import given, numbers, train
from yoloaudit.cli.train_options import BareOptions
from yoloaudit.errors import UsageError
from yoloaudit.train.checkpoint.read import read
from yoloaudit.train.results_csv import read_results

TINY = ("--weights", "", "--cfg", "yolov5n", "--imgsz", "64", "--batch", "4", "--epochs", "2", "--device", "cpu")
QUIET = (*TINY, "--workers", "0", "--noplots", "--noautoanchor")
PICTURES = {
    *("PR_curve.png", "P_curve.png", "R_curve.png", "F1_curve.png", "confusion_matrix.png", "results.png"),
    *("labels.jpg", "labels_correlogram.jpg", "train_batch0.jpg", "val_batch0_labels.jpg", "val_batch0_pred.jpg"),
}
FILES = {"results.csv", "opt.yaml", "hyp.yaml", "record.json", "weights/best.pt", "weights/last.pt"}
PROGRAM = "import os, sys; from tests.cli.test_train import command; from yoloaudit.cli import boundary; "
PROGRAM += "boundary._command = command; os._exit(boundary.run_process(sys.argv[1:]))"


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command(cls=BareOptions)(train)
    outcome = typer.main.get_command(app)(args=["train", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    pictures(folder, train=8, val=2)
    return folder


@pytest.fixture
def here(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the data set in it."""
    (tmp_path / "pets").symlink_to(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def files_of(folder: Path) -> set[str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "last.state" not in path.parts)
    return {os.path.relpath(path, folder) for path in kept}


def test_a_run_folder_holds_what_users_know(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["pets", *TINY, "--workers", "1", "--noautoanchor", "--save-period", "1"]) == 0
    captured = capsys.readouterr()
    run = here / "runs/train/exp"
    assert files_of(run) >= FILES | PICTURES | {"weights/epoch0.pt", "weights/epoch1.pt", "train_batch1.jpg"}
    assert ".training" not in files_of(run)
    assert "2 epochs in " in captured.out
    assert "mAP50-95" in captured.out
    assert f"written to runs/train/exp: {len(files_of(run))} files" in captured.out
    assert captured.err.count("best") >= 1
    assert read_results((run / "results.csv").read_bytes())["epoch"].tolist() == [0, 1]
    assert yaml.safe_load((run / "opt.yaml").read_text())["imgsz"] == 64
    record = json.loads((run / "record.json").read_text())
    assert record["evaluation"]["imgsz"] == 64
    assert record["evaluation"]["evidence"]["images"] == ["images/val/p0.png", "images/val/p1.png"]
    assert len(record["anchors"]) == 3
    assert record["dataset"]["fingerprint"]
    best = read(str(run / "weights/best.pt"))
    assert (best.layout, best.size, best.names) == ("yoloaudit", "n", ("cat", "dog"))
    assert best.settings["options"]["epochs"] == 2


def test_json_alone_goes_to_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["pets", *QUIET, "--epochs", "1", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format"] == 1
    assert document["options"]["epochs"] == 1
    assert set(document["metrics"]) >= {"precision", "recall", "map50", "map50_95"}
    assert set(document["files"]["names"]) == files_of(here / document["files"]["folder"])


def test_ctrl_c_keeps_the_state_and_says_how_to_go_on(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_progress.Display, "step", lambda *_: signal.raise_signal(signal.SIGINT))
    assert guarded(command, ["pets", *QUIET]) == 130
    monkeypatch.undo()
    monkeypatch.chdir(here)
    assert "stopped. Go on with: yoloaudit train --resume runs/train/exp" in capsys.readouterr().err
    assert guarded(command, ["--resume"]) == 0
    captured = capsys.readouterr()
    assert "going on with epoch 1, after batch 1 of 2" in captured.err
    assert "2 epochs in " in captured.out
    (here / "pets").unlink()
    assert guarded(command, ["--resume", "runs/train/exp/weights/last.pt"]) == 2
    assert capsys.readouterr().err == "error: this training is finished: it had 2 epochs. More epochs: --epochs 4\n"


def test_sigterm_ends_the_process_with_143(here: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-c", PROGRAM, "pets", *QUIET, "--epochs", "5000", "--name", "long"]
    child = subprocess.Popen(run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    states = here / "runs/train/long/weights/last.state"
    deadline = time.monotonic() + 60
    while not (states.exists() and any(name.isdecimal() for name in os.listdir(states))):
        assert time.monotonic() < deadline
        assert child.poll() is None, child.communicate()[1]
        time.sleep(0.05)
    child.terminate()
    out, err = child.communicate(timeout=60)
    assert child.returncode == 143
    assert out == ""
    assert "Go on with: yoloaudit train --resume runs/train/long" in err
    assert "Traceback" not in err
    assert not (here / "runs/train/long/.training").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pets", "--data", "elsewhere"], "two data sets"),
        (["pets", "--format", "xml"], "--format"),
        (["pets", "--freeze", "x"], "--freeze takes numbers"),
        (["pets", "--optimizer", "Lion"], "optimizer"),
        (["pets", "--hyp", "scratch-lo"], "scratch-low"),
        (["pets", "--cfg", "yolov9"], "there is no model"),
        (["pets", "--weights", "none.pt"], "none.pt"),
        (["pets", "--device", "0,0"], "twice"),
        (["nowhere"], "nowhere"),
        (["--resume"], "--resume RUN"),
        (["--resume", "runs/none"], "no run folder"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, [*QUIET, *arguments] if arguments[0] != "--resume" else arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err.splitlines()[-1]
    assert "Traceback" not in captured.err


def test_a_refusal_is_also_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["nowhere", *QUIET, "--format", "json"]) == 2
    assert "nowhere" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_images_left_out_are_told_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "pets", train=4, val=1)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets/images/train/p1.png").write_bytes(b"no picture")
    arguments = ["pets", *QUIET, "--epochs", "1"]
    assert guarded(command, [*arguments, "--strict"]) == 2
    assert "1 image is left out of training (images/train/p1.png" in capsys.readouterr().err
    assert guarded(command, arguments) == 0
    assert "note: 1 image is left out" in capsys.readouterr().err


def test_two_trainings_do_not_share_a_run_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from yoloaudit.train.run.shelf import held

    (here / "runs/train/exp").mkdir(parents=True)
    with held("runs/train/exp"):
        assert guarded(command, ["pets", *QUIET, "--exist-ok"]) == 2
    assert "another training writes into runs/train/exp" in capsys.readouterr().err


def test_a_full_disk_leaves_the_last_state(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = _failing_after(monkeypatch, 1)
    assert guarded(command, ["pets", *QUIET]) == 2
    assert "No space left" in capsys.readouterr().err
    fails.undo()
    monkeypatch.chdir(here)
    assert guarded(command, ["--resume", "runs/train/exp"]) == 0
    assert "going on with epoch 2" in capsys.readouterr().err


def _failing_after(monkeypatch: pytest.MonkeyPatch, saves: int) -> pytest.MonkeyPatch:
    """From the save after that many on, renaming a state fails."""
    count = 0
    honest: Callable[..., None] = os.rename

    def rename(*arguments: Any) -> None:
        nonlocal count
        count += 1
        if count > saves:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        honest(*arguments)

    monkeypatch.setattr(os, "rename", rename)
    return monkeypatch


def test_only_what_was_typed_is_given() -> None:
    seen: dict[str, Any] = {}
    app = typer.Typer(add_completion=False)
    app.callback()(lambda: None)

    @app.command()
    def probe(ctx: typer.Context, epochs: int = 100, freeze: str = "0", resume: str | None = None) -> None:
        seen.update(given(ctx, {"epochs": epochs, "freeze": freeze, "resume": resume}))

    run = typer.main.get_command(app)
    run(args=["probe", "--freeze", "0,3"], standalone_mode=False)
    assert seen == {"freeze": [0, 3]}
    run(args=["probe", "--epochs", "100"], standalone_mode=False)
    assert seen["epochs"] == 100
    with pytest.raises(UsageError, match="--freeze"):
        numbers("1,,2")
