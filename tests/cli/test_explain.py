"""`yoloaudit explain` finds the page of a check, or the fate of a file."""

import json
from pathlib import Path

import pytest
from PIL import Image

from yoloaudit.checks.discover import all_checks
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded


@pytest.mark.parametrize("name", all_checks())
def test_every_check_has_a_page_within_80_columns(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert command(["explain", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name} ")
    assert "Example of the defect" in out
    prose = out.partition("Example of the defect")[0]
    assert max(map(len, prose.splitlines())) <= 80


def test_a_sentence_of_the_guide_without_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["explain", "narrow-weather"]) == 0
    out = capsys.readouterr().out
    assert "different weather" in out
    assert "not measurable here" in out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny-bx", "Did you mean 'tiny-box'?"),
        ("nowhere.jpg", "there is no file nowhere.jpg"),
        ("images/\x1b[31m.jpg", "there is no file images/\\x1b[31m.jpg"),
    ],
)
def test_unknown(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(command, ["explain", name]) == 2
    assert said in capsys.readouterr().err


def test_an_image_of_a_coco_set_is_known_by_its_annotations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "train" / "a.png")
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 3, 8, 6]}],
        "categories": [{"id": 1, "name": "cat"}],
    }
    (tmp_path / "train" / "_annotations.coco.json").write_text(json.dumps(content))
    assert command(["explain", str(tmp_path / "train" / "a.png")]) == 0
    told = capsys.readouterr().out
    assert "trained on with 1 box" in told
    assert "cat" in told
