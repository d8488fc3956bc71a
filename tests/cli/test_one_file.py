"""What the trainer does with one file, row by row."""

from pathlib import Path

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.testing import lay_out


def explain(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert command(["explain", str(path), *options]) == 0
    return capsys.readouterr().out


def line_with(text: str, out: str) -> str:
    (line,) = (line for line in out.splitlines() if text in line)
    return line


@pytest.mark.parametrize("file", ["images/train/a.png", "labels/train/a.txt"])
def test_rows_of_a_used_image(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "0 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.5 0.001\n0 0.5 0.5 0.5 0.5\n\n7 0.25 0.25 0.5 0.5\n"
    lay_out(str(tmp_path), Example(files={"labels/train/a.txt": rows}))
    out = explain(tmp_path / file, capsys)
    assert f"train of {tmp_path}/data.yaml" in out
    assert "PNG of 640 × 640 px" in out
    assert "trained on with 3 boxes" in out
    assert line_with("0.001", out).split()[:2] == ["2", "1"]
    assert "used, yet vanishes: 0.6 px at training size" in " ".join(out.split())
    first, third = (line for line in out.splitlines() if "0 0.5 0.5 0.5 0.5" in line)
    assert "0 cat" in first
    assert "160 160 480 480" in first
    assert first.endswith("used")
    assert third.startswith("   3")
    assert "removed: a duplicate" in third
    assert "7 unknown" in line_with("0.25", out)
    assert line_with("0.25", out).startswith("   5")


def test_one_bad_row_drops_the_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "0 0.5 0.5 0.5 0.5\n0 0.5 0.5 0.5\n0 \x1b[31m 0.5 0.5 0.5\n"
    lay_out(str(tmp_path), Example(files={"labels/train/a.txt": rows}))
    out = explain(tmp_path / "images/train/a.png", capsys)
    assert "dropped: line 2 of its label file: wrong-field-count" in out
    assert "goes with its image" in line_with("   1  ", out)
    assert "broken: wrong-field-count" in line_with("   2  ", out)
    assert "broken: non-numeric-value" in line_with("   3  ", out)
    assert "\x1b" not in out


def test_boxes_among_polygons_are_altered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "0 0.5 0.5 0.2 0.2\n0 0.1 0.1 0.2 0.1 0.2 0.2\n"
    lay_out(str(tmp_path), Example(files={"labels/train/a.txt": rows}))
    out = explain(tmp_path / "labels/train/a.txt", capsys)
    assert "altered: read as two polygon points" in " ".join(out.split())
    assert "224 224 320 320" not in line_with("   2  ", out)


@pytest.mark.parametrize(
    ("files", "file", "said"),
    [
        ({"labels/train/a.txt": None}, "images/train/a.png", "none: the trainer looks for"),
        ({"labels/train/a.txt": ""}, "images/train/a.png", "trained on as background"),
        ({"images/train/a.png": Picture(5, 5)}, "images/train/a.png", "dropped: "),
        ({"images/train/a.png": b"no image"}, "images/train/a.png", "dropped: "),
        ({"labels/train/c.txt": "0 0.5 0.5 0.1 0.1\n"}, "labels/train/c.txt", "the trainer never reads it"),
        ({"images/train/a.png": Picture(64, 32, "JPEG", orientation=6)}, "images/train/a.png", "EXIF orientation 6"),
    ],
)
def test_fates_of_images(
    files: dict[str, str | bytes | Picture | None],
    file: str,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lay_out(str(tmp_path), Example(files=files))
    assert said in explain(tmp_path / file, capsys)


def test_a_file_without_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(str(tmp_path), Example())
    (tmp_path / "data.yaml").unlink()
    for file in ("images/train/a.png", "labels/train/a.txt"):
        out = explain(tmp_path / file, capsys)
        assert "no data.yaml above it leads to this file" in out
        assert "trained on with 1 box" in out
        assert "256 256 384 384" in out


def test_data_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay_out(str(tmp_path / "pets"), Example())
    (tmp_path / "b.png").write_bytes((tmp_path / "pets/images/train/a.png").read_bytes())
    data = str(tmp_path / "pets" / "data.yaml")
    assert "train of" in explain(tmp_path / "pets/images/train/a.png", capsys, "--data", data)
    assert guarded(command, ["explain", str(tmp_path / "b.png"), "--data", data]) == 2
    assert "the trainer never sees it" in capsys.readouterr().err
    assert guarded(command, ["explain", data]) == 2
    assert "neither an image" in capsys.readouterr().err
