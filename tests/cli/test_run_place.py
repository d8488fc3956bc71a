"""Folders of runs: one for each, gone if nothing came of it, and never one that holds what is read."""

import os
from pathlib import Path

import pytest

from yoloaudit.cli.run_place import run_place
from yoloaudit.errors import UsageError, WriteError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_with_a_file_stays_and_an_empty_one_goes() -> None:
    with run_place("runs", "exp", False, ()) as place:
        Path(place, "a").touch()
    with run_place("runs", "exp", False, ()) as again:
        assert (place, again) == ("runs/exp", "runs/exp2")
    assert os.listdir("runs") == ["exp"]


def test_an_empty_one_goes_after_an_error_too() -> None:
    with pytest.raises(ValueError, match="no"), run_place("runs", "exp", True, ()):
        raise ValueError("no")
    assert os.listdir("runs") == []


def test_one_that_was_there_stays() -> None:
    Path("runs/exp").mkdir(parents=True)
    with run_place("runs", "exp", True, ()) as place:
        assert place == "runs/exp"
    assert os.listdir("runs") == ["exp"]


def test_one_that_holds_what_is_read_is_not_taken() -> None:
    Path("set/images").mkdir(parents=True)
    Path("set/images/a.jpg").touch()
    Path("link").symlink_to("set")
    for name in ("set", "link", "set/images"):
        for read in ("set/images/a.jpg", os.path.abspath("link/images/a.jpg")):
            with pytest.raises(UsageError, match="--exist-ok would write into"), run_place(".", name, True, [read]):
                pass
    with run_place(".", "set", False, ["set/images/a.jpg"]) as place:
        assert place == "./set2"
    with run_place("set", "exp", True, ["set/images/a.jpg"]) as place:
        assert place == "set/exp"


def test_what_cannot_be_made_is_one_error() -> None:
    Path("file").touch()
    with pytest.raises(WriteError, match="cannot write"), run_place("file", "exp", False, ()):
        pass
