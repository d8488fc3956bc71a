"""What `check` looks at, and where it keeps what it saw."""

import json
from pathlib import Path
from typing import Any

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.testing import DEPLOYED, lay_out


@pytest.fixture
def data(tmp_path: Path) -> Path:
    files: dict[str, Any] = {f"{DEPLOYED}/{seed}.png": Picture(64, 64, seed=seed, light=0.3) for seed in range(25)}
    files |= {f"images/train/{seed}.png": Picture(64, 64, seed=seed) for seed in range(30, 55)}
    lay_out(str(tmp_path / "data"), Example(files))
    return tmp_path / "data" / "data.yaml"


def audited(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    guarded(command, ["check", *arguments, "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return {run["rule"]: run for run in report["rules"]}


def test_fast_looks_at_no_pixel_and_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rules = audited(capsys, str(data), "--fast")
    for name in ("dark-image", "near-duplicate", "empty-border"):
        assert (rules[name]["status"], rules[name]["why_skipped"]) == ("skipped", "--fast looks at no pixel")
    assert rules["low-resolution"]["status"] != "skipped"
    assert not (tmp_path / "cache").exists()


def test_the_cache_is_kept_where_it_is_said(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited(capsys, str(data), "--cache-dir", str(tmp_path / "kept"), "--select", "dark-image")
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".sqlite"]


def test_nothing_is_kept_if_that_is_asked(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rules = audited(capsys, str(data), "--no-cache", "--select", "dark-image")
    assert rules["dark-image"]["status"] == "pass"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("folder", ["data/kept", "data/data.yaml/below"])
def test_a_cache_that_cannot_be_kept_is_a_note(
    folder: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guarded(command, ["check", str(data), "--cache-dir", str(tmp_path / folder), "--select", "dark-image"])
    assert not (data.parent / "kept").exists()
    assert "what was measured cannot be kept for next time" in capsys.readouterr().out


def test_images_of_the_place_of_work_are_compared(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = audited(capsys, str(data), "--no-cache", "--deployed", str(data.parent / DEPLOYED))
    assert rules["deployment-gap"]["status"] == "fail"
    rules = audited(capsys, str(data), "--no-cache")
    assert "--deployed DIR" in rules["deployment-gap"]["why_skipped"]


def test_a_deployed_folder_without_an_image_is_a_mistake(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = data.parent / "empty"
    empty.mkdir()
    assert guarded(command, ["check", str(data), "--no-cache", "--deployed", str(empty)]) == 2
    assert "no image lies in this folder" in capsys.readouterr().err
