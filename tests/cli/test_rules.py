"""`yoloaudit rules` lists what is switched on, and prints the files that are generated."""

import json
from pathlib import Path

import pytest

from yoloaudit.cli.app import command


def test_rules_are_listed_with_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (few,) = (line for line in lines if line.startswith("  few-images-per-class "))
    assert few.split() == ["few-images-per-class", "warning", "min_images=1500"]
    assert "not run" in lines
    assert any("not measurable here" in line for line in lines)


def test_selection_and_scale(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["rules", "--select", "few-images-per-class", "--guide-scale", "0.1", "--rules", "strict"]) == 0
    assert capsys.readouterr().out.split() == ["classes", "few-images-per-class", "error", "min_images=150"]


def test_a_pack_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = tmp_path / "pack.yaml"
    keys = "check: tiny-box, classes: [face], min_side: 12, max_count: 3, why: 'faces, they matter'"
    pack.write_text(f"rules:\n  tiny-face: {{{keys}}}\n")
    assert command(["rules", "--rules", str(pack)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "tiny-face info check=tiny-box min_side=12 classes=face tolerates 3" in out
    assert "(faces, they matter)" in out


def test_generated_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["rules", "--schema"]) == 0
    assert "$schema" in json.loads(capsys.readouterr().out)
    assert command(["rules", "--markdown"]) == 0
    assert "### tiny-box" in capsys.readouterr().out
