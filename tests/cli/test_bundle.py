"""`yoloaudit bundle`: what is packed, what is not, and that nothing private goes along."""

import getpass
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image

from tests.example_runs import OPTIONS, of_yoloaudit, of_yolov5
from yoloaudit.checks.base import Example, Training
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.bundle import bundle
from yoloaudit.testing import lay_out

HOME = "/" + "home"
SHOWN = {"results.png", "PR_curve.png", "confusion_matrix.png", "labels.jpg"}
MOSAICS = {"train_batch0.jpg", "val_batch0_labels.jpg", "val_batch0_pred.jpg"}


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command()(bundle)
    outcome = typer.main.get_command(app)(args=["bundle", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def picture(name: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG" if name.endswith(".png") else "JPEG")
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set, and a run of it with pictures, weights and a report."""
    lay_out(str(tmp_path / "pets"), Example())
    folder = of_yoloaudit(tmp_path / "exp", Training(images=30, options={"data": str(tmp_path / "pets" / "data.yaml")}))
    for name in SHOWN | MOSAICS:
        (folder / name).write_bytes(picture(name))
    (folder / "weights").mkdir()
    (folder / "weights" / "best.pt").write_bytes(b"weights")
    report = {"dataset": {"root": f"{HOME}/bertha/pets"}, "findings": [{"message": f"read from {HOME}/bertha/pets"}]}
    (folder / "report.json").write_text(json.dumps(report))
    monkeypatch.chdir(tmp_path)
    return folder


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The document that the command prints for these arguments."""

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert guarded(command, [*arguments, "--format", "json"]) == code
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return run


def contents(path: str) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert all(name.startswith("exp/") and ".." not in name for name in archive.namelist())
        return {name.removeprefix("exp/"): archive.read(name) for name in archive.namelist()}


def test_what_the_guide_asks_for_is_packed(run: Run) -> None:
    facts = run("exp")
    packed = contents(facts["file"])
    assert facts["file"] == "exp-bundle.zip"
    assert set(packed) == SHOWN | {
        *("opt.yaml", "results.csv", "record.json", "report.json", "environment.json", "summary.md")
    }
    assert {each["name"]: each["bytes"] for each in facts["contents"]} == {
        name: len(data) for name, data in packed.items()
    }
    assert set(facts["missing"]) == {
        *("hyp.yaml", "P_curve.png", "R_curve.png", "F1_curve.png", "labels_correlogram.jpg")
    }
    assert facts["left_out"] == []


def test_images_go_along_where_they_are_asked_for(run: Run) -> None:
    assert set(contents(run("exp", "--images")["file"])) >= MOSAICS


def test_nothing_private_goes_along(here: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "gundula")
    monkeypatch.setenv("HOME", f"{HOME}/gundula")
    assert getpass.getuser() == "gundula"
    (here / "hyp.yaml").write_text(f"lr0: 0.01\nnote: 'see {HOME}/carl/x, by Gundula'\n")
    whole = b"".join(contents(run("exp")["file"]).values()).decode("utf-8", "replace")
    for secret in ("bertha", "gundula", "Gundula", "carl", HOME, str(here.parent), "images/val/0.png"):
        assert secret not in whole
    values = contents("exp-bundle.zip")
    assert b"data: data.yaml\n" in values["opt.yaml"]
    assert json.loads(values["report.json"])["dataset"]["root"] == "pets"
    assert b"by user" in values["hyp.yaml"]


def test_what_folds_hold_stays_out(here: Path, run: Run) -> None:
    place = here / "record.json"
    folds = {"count": 2, "models": [{"images": ["images/train/bertha.png"]}]}
    place.write_text(json.dumps({**json.loads(place.read_text()), "folds": folds}))
    told = json.loads(contents(run("exp")["file"])["record.json"])
    assert told["folds"] == {"count": 2}
    assert "evidence" not in told["evaluation"]


def test_paths_stay_where_that_is_asked_for(here: Path, run: Run) -> None:
    packed = contents(run("exp", "--keep-paths")["file"])
    assert str(here.parent).encode() in packed["opt.yaml"]


def test_a_run_of_yolov5_gets_a_report_on_its_data(here: Path, run: Run) -> None:
    of_yolov5(here.parent / "five")
    facts = run("five", "--data", "pets", "--output", "x.zip")
    with zipfile.ZipFile("x.zip") as archive:
        report = json.loads(archive.read("five/report.json"))
        summary = archive.read("five/summary.md").decode()
    assert report["dataset"]["names"] == ["cat", "dog"]
    assert report["summary"]["error"] > 0
    assert "best epoch 2" in summary
    assert "record.json" in facts["missing"]
    without = run("five", "--output", "y.zip")
    assert "report.json" in without["missing"]


def test_results_are_drawn_where_a_stopped_run_has_no_picture_of_them(here: Path, run: Run) -> None:
    (here / "results.png").unlink()
    packed = contents(run("exp")["file"])
    assert packed["results.png"].startswith(b"\x89PNG")


def test_packed_twice_it_is_the_same(run: Run) -> None:
    run("exp", "--output", "a.zip")
    run("exp", "--output", "b.zip")
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()


def test_what_is_no_picture_or_lies_elsewhere_stays_out(here: Path, run: Run) -> None:
    secret = here.parent / "secret"
    secret.write_bytes(picture("x.png"))
    (here / "results.png").unlink()
    (here / "results.png").symlink_to(secret)
    (here / "labels.jpg").write_bytes(b"-----BEGIN PRIVATE KEY-----")
    (here / "opt.yaml").write_text("a: !!python/name:os.system x\n")
    (here / "results.csv").write_text("name,password\n")
    if hasattr(os, "mkfifo"):
        os.mkfifo(here / "hyp.yaml")
    facts = run("exp")
    packed = contents(facts["file"])
    assert not {"results.png", "labels.jpg", "opt.yaml", "results.csv", "hyp.yaml"} & set(packed)
    told = {line.partition(": ")[0]: line for line in facts["left_out"]}
    assert set(told) >= {"results.png", "labels.jpg", "opt.yaml", "results.csv"}
    assert "outside the run folder" in told["results.png"]


def test_nothing_is_overwritten_unasked(run: Run) -> None:
    run("exp")
    assert "is there already" in run("exp", code=2)["error"]["message"]
    assert run("exp", "--output", "exp-bundle.zip")["bytes"] > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing"], "no such folder"),
        (["pets"], "no run lies there"),
        (["exp", "--data", "missing"], "missing"),
        (["exp", "--output", "pets"], "is a folder"),
        (["exp", "--output", "nowhere/x.zip"], "cannot write"),
        (["exp", "--format", "xml"], "text or json"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert not list(Path().glob("*.zip"))


def test_text_tells_what_is_in_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "labels.jpg").write_bytes(b"\x1b[31m")
    assert guarded(command, ["exp"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("exp-bundle.zip: ")
    assert "not in the run: hyp.yaml, P_curve.png" in out
    assert "labels.jpg: is no picture" in out
    assert "--images adds the mosaics" in out


def test_what_a_run_says_is_no_markup(here: Path, run: Run) -> None:
    of_yolov5(here.parent / "odd", options=OPTIONS.replace("optimizer: SGD", "optimizer: '<img src=x>[a](b)'"))
    run("odd", "--output", "odd.zip")
    with zipfile.ZipFile("odd.zip") as archive:
        summary = archive.read("odd/summary.md").decode()
    assert "<img" not in summary.replace("\\<", "")
    assert "\\[a\\](b)" in summary
