"""`yoloaudit fix` and its exit codes, as a person or a job sees them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.example_mending import DESCRIPTOR, grow, report, run, tree

SAFE, UNSAFE = b"1.0 0.5 0.5 0.2 0.2\n", b"0 0.5 0.5 0 0.2\n"


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return grow(tmp_path / "set", {"train/a": SAFE, "train/b": UNSAFE + b"0 0.5 0.5 0.3 0.3\n"})


def test_what_is_safe_is_done_and_how_to_take_it_back_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(folder)
    assert run("fix", "set") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "1  fractional-class-id  class written as a whole number (1 file)" in captured.out
    assert "--unsafe does it" in captured.out
    assert "labels/train/b.txt:1" in captured.out
    assert "Mended 1 defect in 1 file" in captured.out
    assert "yoloaudit fix set --undo" in captured.out
    assert max(map(len, captured.out.splitlines()[1:])) <= 80
    assert (folder / "labels/train/a.txt").read_bytes() == b"1 0.5 0.5 0.2 0.2\n"
    assert run("fix", "set", "--undo") == 0
    captured = capsys.readouterr()
    assert "Taken back: 1 file is as before" in captured.out
    assert "yoloaudit fix set" in captured.out
    assert tree(folder) == before


def test_a_diff_goes_to_standard_output_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(folder)
    assert run("fix", "set", "--diff", "--unsafe") == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[:6] == [
        "diff --git a/labels/train/a.txt b/labels/train/a.txt",
        "--- a/labels/train/a.txt",
        "+++ b/labels/train/a.txt",
        "@@ -1 +1 @@",
        "-1.0 0.5 0.5 0.2 0.2",
        "+1 0.5 0.5 0.2 0.2",
    ]
    assert "Would mend 2 defects in 2 files; nothing was written" in captured.err
    assert tree(folder) == before


def test_nothing_to_show_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grow(tmp_path / "set", {"train/a": b"0 0.5 0.5 0.2 0.2\n"})
    assert run("fix", "set", "--diff", "--select", "rows") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Nothing to mend" in captured.err
    assert run("fix", "set", "--select", "rows") == 0


def test_json_says_what_was_done_and_what_was_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "labels/val/z.txt").write_bytes(SAFE)
    (folder / "labels/val/z.txt").chmod(0o444)
    assert run("fix", "set", "--format", "json") == 3
    story = json.loads(capsys.readouterr().out)
    assert story["written"] is True
    assert story["files"] == [{"path": "labels/train/a.txt", "to": None}]
    assert [mend["rule"] for mend in story["mended"]] == ["fractional-class-id"]
    assert {(left["path"], left["kind"]) for left in story["left"]} == {
        ("labels/train/b.txt", "unsafe"),
        ("labels/val/z.txt", "refused"),
    }
    assert run("fix", "set", "--undo", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["undone"]["restored"] == 1
    assert run("fix", "set", "--undo", "--format", "json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


def test_select_and_ignore_choose_what_is_mended(folder: Path) -> None:
    assert run("fix", "set", "--diff", "--select", "boxes") == 0
    assert run("fix", "set", "--diff", "--ignore", "fractional-class-id=wanted so") == 0
    assert run("fix", "set", "--diff", "--select", "rows") == 1


def test_settings_files_are_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("yoloaudit.toml").write_text('ignore = ["fractional-class-id=wanted so"]\n')
    assert run("fix", "set", "--diff") == 0
    assert run("fix", "set", "--diff", "--untrusted") == 1
    assert "is not read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--undo"], "no fix to take back"),
        (["--undo", "--diff"], "Leave the other options out"),
        (["--min-score", "0.5"], "--accept report.json"),
        (["--decisions", "d.json"], "--accept report.json"),
        (["--accept", "r.json"], "does nothing unseen"),
        (["--accept", "r.json", "--rules", "missed-label"], "does not exist"),
        (["--accept", "r.json", "--rules", "missed-label", "--select", "rows"], "Leave the others out"),
        (["--accept", "r.json", "--rules", "missed-label", "--min-score", "2"], "--min-score"),
        (["--select", "fractional-clas-id"], "Did you mean"),
        (["--format", "xml"], "text or json"),
        (["--unsave"], "Did you mean --unsafe"),
        (["--split", "vall"], "Did you mean 'val'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    folder: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(folder)
    assert run("fix", "set", *options) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
    assert tree(folder) == before


def test_where_there_is_no_data_set_one_line_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fix", "nowhere") == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_fix_that_was_cut_off_is_taken_back_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(folder)
    run("fix", "set")
    os.rename(folder / ".yoloaudit/fix-0001.done", folder / ".yoloaudit/fix-0001.open")
    assert run("fix", "set", "--diff") == 2
    assert "was cut off" in capsys.readouterr().err
    assert run("fix", "set") == 0
    assert "had been cut off" in capsys.readouterr().out
    assert run("fix", "set", "--undo") == 0
    assert tree(folder) == before


def test_a_full_disk_is_one_line_and_nothing_is_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(folder)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("yoloaudit.repair.apply.create", full)
    assert run("fix", "set") == 2
    assert "nothing was changed: No space left on device" in capsys.readouterr().err
    assert tree(folder) == before


def test_names_of_files_are_no_commands_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grow(tmp_path / "set", {"train/a\x1b[31m": SAFE, "train/b\n::error": SAFE, "train/[red]c": UNSAFE})
    assert run("fix", "set", "--diff") == 1
    assert run("fix", "set") == 0
    assert run("fix", "set", "--undo") == 0
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert "\x1b" not in text
        assert not [line for line in text.splitlines() if line.startswith("::")]
    assert "[red]c" in captured.out


def test_accepted_proposals_are_done_and_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    finding = {
        "rule": "missed-label",
        "image": "images/train/a.png",
        "label": "labels/train/a.txt",
        "line": None,
        "fingerprint": "f",
        "score": 0.95,
        "suggestion": {"class_id": 1, "box": [10, 8, 30, 24], "score": 0.8},
    }
    Path("report.json").write_text(json.dumps(report([finding, {**finding, "score": 0.1}])))
    assert run("fix", "set", "--accept", "report.json", "--rules", "missed-label", "--diff") == 1
    assert "+1 0.200000 0.200000 0.200000 0.200000" in capsys.readouterr().out
    assert run("fix", "set", "--accept", "report.json", "--rules", "missed-label") == 0
    out = capsys.readouterr().out
    assert "1 of 2 proposals of the report are accepted" in out
    assert "missed-label  box added (1 file)" in out
    assert run("fix", "set", "--undo") == 0
    assert "--rules missed-label" in capsys.readouterr().out


def test_the_descriptor_is_mended_line_by_line(tmp_path: Path) -> None:
    text = DESCRIPTOR.replace("val:", "valid:") + "nc: 2  # of them\n"
    folder = grow(tmp_path / "set", {"train/a": b"0 0.5 0.5 0.2 0.2\n"}, text)
    assert run("fix", "set") == 0
    assert (folder / "data.yaml").read_text() == text.replace("valid:", "val:")
    assert run("fix", "set", "--unsafe") == 0
    assert (folder / "data.yaml").read_text() == DESCRIPTOR + "nc: 3  # of them\n"
    assert run("fix", "set", "--undo") == run("fix", "set", "--undo") == 0
    assert (folder / "data.yaml").read_text() == text
