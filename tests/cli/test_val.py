"""`yoloaudit val` from the command line to its numbers and files; the trainer's own numbers for a real model."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer

from tests.example_detections import GOLDEN
from yoloaudit import files
from yoloaudit.checks.base import Example, Picture
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.val import val
from yoloaudit.errors import WriteError
from yoloaudit.testing import lay_out
from yoloaudit.train.model import build

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
COCO128, WEIGHTS = SHARED / "data" / "coco128", SHARED / "weights" / "yolov5n_coco_v6.0.pt"
CURVES = {"PR_curve.png", "P_curve.png", "R_curve.png", "F1_curve.png", "confusion_matrix.png"}
HEAD = "path: .\ntrain: images/train\nval: images/val\n"
FAST = ("--imgsz", "64", "--batch-size", "2", "--device", "cpu", "--workers", "1", "--weights", "two.pt")


def command(arguments: list[str]) -> int:
    """The command by itself."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command()(val)
    outcome = typer.main.get_command(app)(args=["val", *arguments], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh weights of two classes, which see something everywhere."""
    torch.manual_seed(0)
    model = build("n", 2)
    for conv in model.head.m:
        conv.bias.data.view(3, -1)[:, 4:] = 1.0  # type: ignore[operator]  # a convolution of three anchors
    path = tmp_path_factory.mktemp("weights") / "two.pt"
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture
def pets(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five images: two with labels, one background, one cut short, one that the trainer drops."""
    val_images: dict[str, str | bytes | Picture | None] = {
        f"images/val/{name}.png": Picture(90, 60, seed=seed) for seed, name in enumerate("bcd")
    }
    contents = val_images | {
        "images/val/e.png": Picture(90, 60, seed=7, cut=200),
        "images/val/f.png": Picture(90, 60, seed=8),
        "labels/val/b.txt": "0 0.5 0.5 0.4 0.4\n1 0.2 0.2 0.3 0.3\n",
        "labels/val/c.txt": "1 0.5 0.5 0.4 0.4\n7 0.2 0.2 0.3 0.3\n",
        "labels/val/d.txt": "",
        "labels/val/e.txt": "0 0.5 0.5 0.4 0.4\n",
        "labels/val/f.txt": "0 -0.5 0.5 0.4 0.4\n",
        "data.yaml": f"{HEAD}names: [cat, dog]\n",
    }
    lay_out(str(tmp_path / "pets"), Example(contents))
    (tmp_path / "two.pt").symlink_to(weights)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "pets"


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(pets: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The document that the command prints for these arguments."""

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert guarded(command, [*FAST, "--format", "json", *arguments]) == code
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return run


def files_of(folder: str | Path) -> set[str]:
    return {os.path.relpath(path, folder) for path in Path(folder).rglob("*") if path.is_file()}


def test_json_alone_goes_to_stdout_and_counts_what_counts(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command([*FAST, "pets", "--format", "json", "--coco"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert captured.err == ""
    assert document["format"] == 1
    assert document["images"] == {"evaluated": 3, "backgrounds": 1}
    assert document["instances"] == 3
    assert document["foreign_class_ids"] == {"7": 1}
    assert [each["name"] for each in document["classes"]] == ["cat", "dog"]
    assert [each["instances"] for each in document["classes"]] == [1, 2]
    assert {each["image"] for each in document["left_out"]} == {"images/val/e.png", "images/val/f.png"}
    assert all(each["why"] for each in document["left_out"])
    assert document["detections"] > 0
    assert set(document["coco"]) == {"ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"}
    assert set(document["speed"]) == {"read", "prepare", "infer", "select"}
    assert files_of(document["files"]["folder"]) == set(document["files"]["names"])


def test_text_names_what_is_left_out_and_where_the_files_are(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command([*FAST, "--data", "pets"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "2 images are left out" in captured.out
    assert "written to runs/val/exp: 9 files" in captured.out
    assert max(map(len, captured.out.splitlines()[1:])) <= 80


def test_run_folders_are_numbered_and_nothing_is_written_into_the_data(run: Run, pets: Path) -> None:
    before = files_of(pets)
    few = ("pets", "--no-plots", "--save-json")
    folders = [run("pets"), run(*few), run(*few, "--exist-ok")]
    assert [made["files"]["folder"] for made in folders] == ["runs/val/exp", "runs/val/exp2", "runs/val/exp"]
    assert files_of("runs/val/exp") - {"two_predictions.json"} == CURVES | {
        f"val_batch{number}_{kind}.jpg" for number in (0, 1) for kind in ("labels", "pred")
    }
    assert files_of(pets) == before


def test_labels_and_results_of_what_was_seen(run: Run) -> None:
    made = run("pets", "--save-txt", "--save-conf", "--save-json", "--no-plots", "--name", "mine")
    names = set(made["files"]["names"])
    assert names == {"two_predictions.json", "labels/b.txt", "labels/c.txt", "labels/d.txt"}
    results = json.loads(Path("runs/val/mine/two_predictions.json").read_text())
    assert len(results) == made["detections"]
    assert results[0].keys() == {"image_id", "file_name", "category_id", "bbox", "score"}
    lines = [line.split() for line in Path("runs/val/mine/labels/b.txt").read_text().splitlines()]
    assert len(lines) == sum(each["file_name"] == "images/val/b.png" for each in results)
    values = np.array(lines, np.float64)
    assert values.shape[1] == 6
    assert ((values[:, 1:] >= 0) & (values[:, 1:] <= 1)).all()


def test_nothing_to_write_makes_no_folder(run: Run) -> None:
    assert run("pets", "--no-plots")["files"] == {"folder": None, "names": [], "problem": None}
    assert not Path("runs").exists()


def test_one_class_for_all(run: Run) -> None:
    made = run("pets", "--single-cls", "--no-plots")
    assert [each["name"] for each in made["classes"]] == ["item"]
    assert made["instances"] == 4, "also the label of a class that has no name"


def test_thresholds_reach_the_model(run: Run) -> None:
    loose, strict = (run("pets", "--no-plots", "--conf-thres", least)["detections"] for least in ("0.01", "0.9999"))
    assert loose > strict == 0
    assert 0 < run("pets", "--no-plots", "--max-det", "2")["detections"] <= 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pets", "--task", "test"], "data.yaml has no split 'test'"),
        (["pets", "--task", "speed"], "--task takes train, val or test"),
        (["nowhere"], "nowhere"),
        (["pets", "--data", "other"], "two data sets are named"),
        (["pets", "--conf-thres", "2"], "Give one between 0 and 1"),
        (["pets", "--device", "tpu"], "there is no device tpu"),
        (["pets", "--weights", "pets/data.yaml"], "no checkpoint"),
        (["pets", "--project", "pets/data.yaml"], "cannot write"),
        (["pets", "--imgsz", "0"], "--imgsz"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: Sequence[str], said: str, pets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(command, [*FAST, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert not Path("runs").exists()


def test_yolov5s_short_options_mean_the_same(run: Run) -> None:
    made = run("pets", "--no-plots", "--img", "32", "--batch", "1", "--conf", "0.5", "--iou", "0.7")["settings"]
    assert [made[name] for name in ("imgsz", "batch", "conf", "iou")] == [32, 1, 0.5, 0.7]


def test_a_side_that_no_network_takes_is_rounded_up_and_said(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command([*FAST, "pets", "--no-plots", "--imgsz", "33", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "note: 33 px is no multiple of 32, so 64 px is used\n"
    assert json.loads(captured.out)["settings"]["imgsz"] == 64


def test_images_from_elsewhere_are_said_to_be(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pets / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/vla\nnames: [cat, dog]\n")
    assert command([*FAST, "pets", "--no-plots", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "note: val is read from images/val (by its usual name), not from images/vla\n"
    assert json.loads(captured.out)["dataset"]["elsewhere"] == [captured.err[6:-1]]


def test_a_full_disk_does_not_cost_the_scores(
    pets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = files.write_atomically

    def write(path: str, data: bytes) -> None:
        if path.endswith("R_curve.png") and not path.endswith("PR_curve.png"):
            raise WriteError(f"cannot write {path}: No space left on device")
        whole(path, data)

    monkeypatch.setattr(files, "write_atomically", write)
    assert guarded(command, [*FAST, "pets", "--format", "json"]) == 2
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["metrics"]["map50"] is not None
    assert document["files"]["names"] == ["PR_curve.png", "P_curve.png"]
    assert captured.err == f"error: {document['files']['problem']}\n"
    assert guarded(command, [*FAST, "pets"]) == 2
    captured = capsys.readouterr()
    assert "mAP50-95" in captured.out
    assert captured.err.startswith("error: cannot write runs/val/exp2/R_curve.png")


def test_nothing_is_written_over_what_is_read(run: Run, pets: Path) -> None:
    labels = pets / "labels" / "b.txt"
    labels.write_text("mine")
    refusal = run("pets", "--save-txt", "--project", ".", "--name", "pets", "--exist-ok", code=2)["error"]
    assert "--exist-ok would write into ./pets" in refusal["message"]
    assert labels.read_text() == "mine"


@pytest.mark.parametrize(
    ("names", "said"),
    [("[cat, dog, duck]", "the weights know 2 classes"), ("[cat]", "the data set has 1 class (cat)")],
)
def test_other_classes_are_refused(names: str, said: str, run: Run, pets: Path) -> None:
    (pets / "data.yaml").write_text(f"{HEAD}names: {names}\n")
    refusal = run("pets", code=2)["error"]
    assert said in refusal["message"]
    assert refusal["exit_code"] == 2
    assert not Path("runs").exists()


def test_a_split_that_cannot_be_read_at_all_is_an_error(run: Run, pets: Path) -> None:
    for path in (pets / "images" / "val").iterdir():
        path.write_bytes(path.read_bytes()[:-200])
    said = run("pets", code=2)["error"]["message"]
    assert "none of 4 images could be read: images/val/b.png ends early" in said
    assert os.listdir("runs/val") == []


@pytest.mark.skipif(not (COCO128.exists() and WEIGHTS.exists()), reason="needs shared/data and shared/weights")
def test_coco128_scores_as_the_trainer_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command([str(COCO128), "--weights", str(WEIGHTS), "--device", "cpu", "--no-plots", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    expected = json.loads((GOLDEN / "val_coco128.json").read_text())["runs"]["val2017-128_b32"]
    assert document["instances"] == expected["instances"]
    assert len(document["classes"]) == expected["classes_with_labels"]
    for own, theirs in (("precision", "P"), ("recall", "R"), ("map50", "mAP50"), ("map50_95", "mAP50_95")):
        assert document["metrics"][own] == pytest.approx(expected[theirs], abs=1e-3)
