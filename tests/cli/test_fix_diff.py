"""A diff shows what changes, can be applied where files are plain text, and is safe to show."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yoloaudit.cli.fix_diff import coloured, lines
from yoloaudit.repair.edits import Edit, Move, Write

TEXT = st.lists(st.text("01 .", max_size=5), max_size=8).map("\n".join).map(str.encode)


@settings(max_examples=25, deadline=None)
@given(TEXT, TEXT)
def test_it_can_be_applied(tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes) -> None:
    folder = tmp_path_factory.mktemp("set")
    (folder / "labels").mkdir()
    (folder / "labels/a.txt").write_bytes(old)
    diff = "".join(f"{line}\n" for line in lines([Write("labels/a.txt", old, new)] if old != new else []))
    if diff:
        run = ["git", "-C", str(folder), "apply", "--allow-empty", "-"]
        done = subprocess.run(run, input=diff, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (folder / "labels/a.txt").exists() or not new
    assert not new or (folder / "labels/a.txt").read_bytes() == new


def test_moves_new_files_and_what_is_no_text_are_told() -> None:
    edits: list[Edit] = [
        Move("labels/b.TXT", "labels/b.txt", "digest"),
        Write("labels/c.txt", None, b""),
        Write("images/d.jpg", b"old", b"new", keep=".yoloaudit/quarantine/0001/images/d.jpg"),
    ]
    assert list(lines(edits)) == [
        "diff --git a/images/d.jpg b/images/d.jpg",
        "Binary files a/images/d.jpg and b/images/d.jpg differ",
        "diff --git a/labels/b.TXT b/labels/b.txt",
        "similarity index 100%",
        "rename from labels/b.TXT",
        "rename to labels/b.txt",
        "diff --git a/labels/c.txt b/labels/c.txt",
        "new file mode 100644",
    ]


def test_carriage_returns_are_only_shown_where_they_matter() -> None:
    both = list(lines([Write("a.txt", b"1\r\n2\r\n", b"1\r\n3\r\n")]))
    assert both[-3:] == [" 1", "-2", "+3"]
    one = list(lines([Write("a.txt", b"1\r2\r", b"1\n2\n")]))
    assert "-1\\x0d2\\x0d" in one


def test_what_is_in_a_file_is_no_command_to_the_terminal() -> None:
    shown = "\n".join(lines([Write("a\x1b.txt", b"\x1b[31m\n::error\n", b"x\n")]))
    assert "\x1b" not in shown
    assert "\n::" not in shown


def test_colours_change_no_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    plain = list(lines([Write("a.txt", b"1 [red]\n", b"2\n")]))
    text = "\n".join(coloured(plain))
    assert "\x1b[31m-1 [red]" in text
    for code in ("\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[1m", "\x1b[0m"):
        text = text.replace(code, "")
    assert text.split("\n") == plain
