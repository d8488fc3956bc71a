"""Help and version."""

from pathlib import Path

import pytest

from yoloaudit.cli.app import command
from yoloaudit.errors import YoloauditError
from yoloaudit.version import __version__


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["check", "--help"], ["explain", "-h"], ["rules", "-h"]])
def test_help_fits_80_columns(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert command(arguments) == 0
    out = capsys.readouterr().out
    assert "Usage: yoloaudit" in out
    assert max(map(len, out.splitlines())) <= 80


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    command(["--help"])
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in ("check", "baseline", "train", "val", "detect", "weights"))
    assert "--debug" in out


def test_check_help_groups_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    command(["check", "--help"])
    out = capsys.readouterr().out
    assert all(f"{name}:\n" in out for name in ("What is audited", "How it is judged", "What comes out", "Trust"))


@pytest.mark.parametrize("name", ["train", "baseline"])
def test_resume_may_stand_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(YoloauditError, match="no run below runs"):
        command([name, "--resume"])


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["--version"]) == 0
    assert capsys.readouterr().out == f"yoloaudit {__version__}\n"
