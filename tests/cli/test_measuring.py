"""What `check` looks at, and where it keeps what it saw."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.example_runs import of_yoloaudit
from yoloaudit.checks.base import Example, Picture, Training
from yoloaudit.cli.app import command
from yoloaudit.cli.boundary import guarded
from yoloaudit.errors import UsageError
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


TRAINING = {
    *("non-default-baseline", "overfit-run", "undertrained-run", "image-size-too-small", "mismatched-image-size"),
    *("small-batch", "poor-anchor-fit", "labels-lost-in-training", "validation-too-small", "regressed-run"),
}
OF_THE_GUIDE = TRAINING - {"poor-anchor-fit", "labels-lost-in-training", "validation-too-small", "regressed-run"}


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set, and a run of it at 320 px."""
    lay_out(str(tmp_path / "pets"), Example())
    of_yoloaudit(tmp_path / "exp", Training(images=60, options={"imgsz": 320, "data": "elsewhere"}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert command(["check", "pets", "--no-cache", "--format", "json", *arguments]) == code
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_a_run_switches_its_family_on(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = {rule["rule"]: rule for rule in told(capsys, "--run", "exp", "--fast", code=1)["rules"]}
    assert set(rules) >= TRAINING
    assert {name for name in TRAINING if rules[name]["status"] == "skipped"} == {"regressed-run"}
    assert "--baseline DIR" in rules["regressed-run"]["why_skipped"]
    assert rules["validation-too-small"]["status"] == "fail"
    assert rules["mismatched-image-size"]["measured"] == 320, "the size of the run, as the user names no other"


def test_without_a_run_only_the_sentences_of_the_guide_are_listed(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = {rule["rule"]: rule for rule in told(capsys, "--fast", code=1)["rules"]}
    assert set(rules) & TRAINING == OF_THE_GUIDE
    assert {rules[name]["why_skipped"] for name in OF_THE_GUIDE} == {"it takes a run of training: --run DIR"}
    selected = told(capsys, "--fast", "--select", "regressed-run")["rules"]
    assert [rule["status"] for rule in selected] == ["skipped"]


def test_another_size_than_that_of_the_run(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--run", "exp", "--fast", "--select", "training", "--imgsz", "640")["findings"]
    assert [each["message"] for each in found if each["rule"] == "mismatched-image-size"] == [
        "trained at 320 px, to be used at 640 px"
    ]


def test_a_baseline_takes_a_run(trained: Path) -> None:
    with pytest.raises(UsageError, match="name that one with --run"):
        command(["check", "pets", "--baseline", "exp"])
    with pytest.raises(UsageError, match="no such folder"):
        command(["check", "pets", "--run", "missing"])


def test_what_is_wrong_with_a_run_is_noted(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "exp" / "hyp.yaml").write_text("a: &b\n")
    assert command(["check", "pets", "--no-cache", "--fast", "--run", "exp", "--select", "training"]) == 0
    out = capsys.readouterr().out
    assert "exp: hyp.yaml, line 1" in out
    assert "yoloaudit check pets --run exp --select" in out, "what to type next names the run, too"


def test_a_baseline_of_a_run(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_yoloaudit(trained / "before", Training(images=60, right=1.0))
    found = told(capsys, "--run", "exp", "--baseline", "before", "--fast", "--select", "regressed-run", code=1)
    assert [each["severity"] for each in found["findings"]] == ["error"]
