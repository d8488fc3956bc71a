"""`detect` from the command line to the files it writes: what is seen, what is refused, what is told."""

import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
import typer

from tests.example_detector import GOLDEN, WEIGHTS, broken_pictures, eager, odd_pictures, photo, write_weights
from yoloaudit.cli import detect as module
from yoloaudit.cli.app import Grouped
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.detect import chosen_classes, detect
from yoloaudit.errors import UsageError
from yoloaudit.train.images.video import Writer
from yoloaudit.train.model import Detector

needs_weights = pytest.mark.skipif(
    not (GOLDEN.exists() and WEIGHTS.exists()), reason="needs shared/reference and shared/weights"
)


def command(arguments: list[str]) -> int:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=Grouped)(detect)
    outcome = typer.main.get_command(app)(args=arguments, prog_name="yoloaudit", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    torch.set_num_threads(1)
    write_weights(tmp_path / "eager.safetensors")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(photo(1))
    (tmp_path / "photos" / "b.png").write_bytes(photo(2, 50, 70, "PNG"))
    return tmp_path


SMALL = ("--weights", "eager.safetensors", "--imgsz", "64", "--max-det", "5", "--device", "cpu")


def run(*arguments: str) -> int:
    return guarded(command, [*SMALL, *arguments])


def written() -> list[str]:
    runs = Path("runs")
    return sorted(path.relative_to("runs").as_posix() for path in runs.rglob("*") if path.is_file())


def test_pictures_lines_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "photos") == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("image 1/2 photos/a.jpg: 64×64 5 class")
    assert lines[0].endswith(" ms")
    assert lines[1].startswith("image 2/2 photos/b.png: 64×64 ")
    assert lines[2].startswith("speed: ")
    assert lines[3] == "2 pictures written to runs/detect/exp"
    assert written() == ["detect/exp/a.jpg", "detect/exp/b.png"]
    drawn, plain = cv2.imread("runs/detect/exp/b.png"), cv2.imread("photos/b.png")
    assert drawn is not None
    assert plain is not None
    assert drawn.shape == plain.shape
    assert (drawn != plain).any()


def test_all_that_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "photos/a.jpg", "--save-txt", "--save-conf", "--save-crop", "--nosave") == 0
    labels = Path("runs/detect/exp/labels/a.txt").read_text().splitlines()
    assert len(labels) == 5
    assert all(len(line.split()) == 6 for line in labels)
    crops = [name for name in written() if "/crops/" in name]
    assert len(crops) == 5
    assert len(written()) == 6
    assert "1 label file, 5 cut-outs written to runs/detect/exp" in capsys.readouterr().out


def test_run_folders_are_counted_up_unless_told_otherwise() -> None:
    for _ in range(3):
        run("--source", "photos/a.jpg")
    run("--source", "photos/b.png", "--exist-ok")
    run("--source", "photos/a.jpg", "--project", "elsewhere/deep", "--name", "mine")
    assert sorted(os.listdir("runs/detect")) == ["exp", "exp2", "exp3"]
    assert sorted(os.listdir("runs/detect/exp")) == ["a.jpg", "b.png"]
    assert os.listdir("elsewhere/deep/mine") == ["a.jpg"]


def test_nothing_is_written_over_what_is_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "photos/*.jpg", "--project", ".", "--name", "photos", "--exist-ok") == 2
    assert "--exist-ok would write into ./photos, where photos/a.jpg is read from" in capsys.readouterr().err
    assert (folder / "photos" / "a.jpg").read_bytes() == photo(1)


def test_nothing_to_write_makes_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "photos", "--nosave") == 0
    assert not Path("runs").exists()
    assert "written" not in capsys.readouterr().out


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    (Path("photos") / "c.jpg").write_bytes(b"")
    assert run("--source", "photos", "--format", "json", "--nosave") == 0
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["format"] == 1
    assert document["counts"] == {"looked_at": 3, "unreadable": 1, "detections": 10}
    first, _, broken = document["images"]
    assert (first["image"], first["frame"], first["width"], first["height"]) == ("photos/a.jpg", None, 96, 64)
    assert set(first["detections"][0]) == {"class_id", "name", "score", "box"}
    assert "empty" in broken["error"]
    assert broken["detections"] == []
    assert document["files"] == {"folder": None}
    assert len(document["model"]["sha256"]) == 64


def test_a_video_is_looked_at_frame_by_frame(capsys: pytest.CaptureFixture[str]) -> None:
    writer = Writer("clip.mp4", 10, (48, 64))
    for number in range(6):
        writer.add(np.full((48, 64, 3), 40 * number, np.uint8))
    writer.close()
    assert run("--source", "clip.mp4", "--vid-stride", "2", "--save-txt", "--batch-size", "2") == 0
    out = capsys.readouterr().out
    assert [line[:25] for line in out.splitlines()[:3]] == [
        "video 1/1 (1/6) clip.mp4:",
        "video 1/1 (3/6) clip.mp4:",
        "video 1/1 (5/6) clip.mp4:",
    ]
    assert "1 video, 3 label files written" in out
    assert "detect/exp/clip.mp4" in written()
    assert "detect/exp/labels/clip_5.txt" in written()


@pytest.mark.parametrize("batch", ["1", "4"])
def test_odd_and_broken_pictures(batch: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in {**odd_pictures(), **broken_pictures()}.items():
        Path("photos", name).write_bytes(data)
    assert run("--source", "photos", "--batch-size", batch, "--save-txt", "--save-crop") == 0
    out, err = capsys.readouterr()
    assert err == ""
    count = len(odd_pictures()) + 2
    assert f"{len(broken_pictures())} of {count + len(broken_pictures())} could not be read" in out
    assert len([name for name in written() if name.count("/") == 2]) == count
    assert out.count("\n") == count + len(broken_pictures()) + 3


def test_hostile_names_reach_neither_terminal_nor_file_system(capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(
        ["\x1b[31mred.jpg", "a\n::error::.jpg", "\u202egpj.jpg", os.fsdecode(b"\xff.jpg"), "-rf.jpg"]
    ):
        Path("photos", name).write_bytes(photo(number))
    assert run("--source", "photos", "--save-txt") == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert not [line for line in out.splitlines() if line.startswith("::")]
    assert len(written()) == 14
    assert all(name.isprintable() for name in written())
    assert run("--source", "photos", "--nosave", "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)["images"]) == 7


def test_hostile_class_names(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    model: Detector = eager()
    monkeypatch.setattr(model, "names", ("../../up", "\x1b[31mred", "人"))

    def load(*_: Any, **__: Any) -> Any:
        from yoloaudit.train.types import Checkpoint

        return model, Checkpoint({}, "safetensors")

    monkeypatch.setattr("yoloaudit.train.weights.load", load)
    assert run("--source", "photos", "--save-crop") == 0
    assert "\x1b" not in capsys.readouterr().out
    assert set(os.listdir()) == {"eager.safetensors", "photos", "runs"}
    assert set(os.listdir("runs/detect/exp/crops")) <= {"_.._up", "_[31mred", "人"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--source", "none.jpg"], "there is no file or folder none.jpg"),
        (["--source", "empty"], "neither image nor video"),
        (["--source", "0"], "camera"),
        (["--source", "https://example.com/a.jpg"], "web address"),
        (["--source", "photos", "--classes", "3"], "knows 3 classes, 0 to 2"),
        (["--source", "photos", "--classes", "cat"], "class ids from 0"),
        (["--source", "photos", "--classes", "-1"], "class ids from 0"),
        (["--source", "photos", "more"], "what is more?"),
        (["--source", "photos", "--conf-thres", "1.5"], "between 0 and 1"),
        (["--source", "photos", "--iou-thres", "nan"], "between 0 and 1"),
        (["--source", "photos", "--imgsz", "0"], "--imgsz"),
        (["--source", "photos", "--batch-size", "0"], "--batch-size"),
        (["--source", "photos", "--vid-stride", "0"], "--vid-stride"),
        (["--source", "photos", "--max-det", "0"], "--max-det"),
        (["--source", "photos", "--device", "99"], "no CUDA device"),
        (["--source", "photos", "--format", "xml"], "text or json"),
        (["--source", "photos", "--weights", "none.pt"], "none.pt"),
        (["--source", "photos", "--project", "photos/a.jpg"], "cannot write"),
        (["--source", "photos", "--name", ""], "--name"),
        (["--source", "photos/c.jpg"], "nothing could be read"),
        ([], "--source"),
    ],
)
def test_what_cannot_be_done_is_one_line(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    Path("photos/c.jpg").write_bytes(b"x")
    before = sorted(Path().rglob("*"))
    assert run(*options) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    left = [path for path in Path().rglob("*") if path not in before]
    assert set(left) <= {Path("runs"), Path("runs/detect")}


def test_a_refusal_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "none", "--format", "json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2
    Path("x.jpg").write_bytes(b"")
    assert run("--source", "x.jpg", "--format", "json") == 2
    assert json.loads(capsys.readouterr().out)["counts"]["unreadable"] == 1


def test_a_side_that_is_rounded_and_half_on_a_processor_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--source", "photos", "--imgsz", "100", "--half", "--nosave") == 0
    out, err = capsys.readouterr()
    assert "128 px is used" in err
    assert "--half is for CUDA" in err
    assert "128 px" in out


def test_the_run_folder_is_not_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    run("--source", ".")
    assert "image 2/2" in capsys.readouterr().out
    run("--source", ".")
    assert "image 2/2" in capsys.readouterr().out


def test_classes_in_every_way_of_writing(capsys: pytest.CaptureFixture[str]) -> None:
    assert chosen_classes(None, None) == ()
    assert chosen_classes(["0", "2"], None) == chosen_classes(["0,2"], None) == chosen_classes(["0"], ["2"]) == (0, 2)
    assert chosen_classes([" 2 ,2, 1"], ["1"]) == (2, 1)
    for text in ("a", "1.5", "-1", "²", "9" * 10):
        with pytest.raises(UsageError):
            chosen_classes([text], None)
    assert run("--source", "photos", "--classes", "0", "2", "--nosave", "--format", "json") == 0
    images = json.loads(capsys.readouterr().out)["images"]
    assert {found["class_id"] for image in images for found in image["detections"]} <= {0, 2}


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("yoloaudit.cli.extras.TRAINER", ("no_such_package",))
    assert run("--source", "photos") == 2
    assert "pip install 'yoloaudit[train]'" in capsys.readouterr().err


def test_drawing_options(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[module.Asked] = []

    def noted(one: module.Asked, looks: Any) -> dict[str, Any]:
        asked.append(one)
        return {"counts": {"unreadable": 0}}

    monkeypatch.setattr(module, "tell_as_text", noted)
    run("--source", "photos", "--line-thickness", "7", "--hide-labels", "--hide-conf")
    assert asked[0].style == (7, False, False)


@needs_weights
def test_the_demo_images(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--weights", str(WEIGHTS), "--source", str(GOLDEN), "--device", "cpu", "--format", "json"]
    assert guarded(command, arguments) == 0
    document = json.loads(capsys.readouterr().out)
    golden = json.loads((GOLDEN / "nms.json").read_text())["demo"]
    assert [Path(image["image"]).name for image in document["images"]] == ["bus.jpg", "zidane.jpg"]
    for image in document["images"]:
        expected = golden[Path(image["image"]).name]["detect_default"]
        rows = np.array(expected["det_letterbox_xyxy_conf_cls"])
        found = image["detections"]
        np.testing.assert_allclose([one["box"] for one in found], expected["native_xyxy"], atol=0.01)
        np.testing.assert_allclose([one["score"] for one in found], rows[:, 4], atol=1e-5)
        assert [one["class_id"] for one in found] == rows[:, 5].astype(int).tolist()
    assert document["images"][0]["detections"][0]["name"] == "person"
    assert written() == ["detect/exp/bus.jpg", "detect/exp/zidane.jpg"]
