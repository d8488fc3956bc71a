"""`yoloaudit diff`: what changed between two states, each a ref or a folder, as text and as JSON."""

import json
import shutil
from pathlib import Path

import pytest
import typer

from tests import example_repository as repository
from tests.example_repository import git, needs_git
from yoloaudit.cli.diff import compared, diff, sides_of
from yoloaudit.errors import UsageError

pytestmark = needs_git


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "pets"
    place.mkdir()
    repository.base(place, images=12)
    repository.good_change(place)
    repository.bad_change(place)
    for kind, suffix in (("images", "jpg"), ("labels", "txt")):
        (place / f"{kind}/train/0003.{suffix}").rename(place / f"{kind}/val/3333.{suffix}")
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return place


SAID = """\
Changed since main
  3 images added, 1 image moved, 4 boxes added, 2 boxes moved, 1 broken row
  added, 1 class renamed
  class 1: 'bus' → 'coach'
  car: 15 → 16 instances in train
  car: 4 → 6 instances in val
  coach: 15 → 13 instances in train
  coach: 4 → 6 instances in val
  dog: 6 → 7 instances in train

Image added
  images/train/new1.jpg
  images/train/new2.jpg
  images/train/new3.jpg

Image moved
  images/val/3333.jpg  was images/train/0003.jpg

Box moved
  labels/train/0001.txt:2
  labels/train/0002.txt:2
"""


def test_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diff("main")
    assert capsys.readouterr().out.strip() == SAID.strip()


def test_refs_and_folders_say_the_same(folder: Path, tmp_path: Path) -> None:
    on_disk, _ = compared(sides_of("main", "."))
    assert compared(sides_of("main", None))[0] == on_disk
    assert compared(sides_of(".", None))[0].counts == on_disk.counts
    repository.commit(folder)
    git(folder, "branch", "later")
    between, _ = compared(sides_of("main", "later"))
    assert (between.counts, between.places, between.moves) == (on_disk.counts, on_disk.places, on_disk.moves)
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    git(folder, "checkout", "--quiet", "main")
    folders, _ = compared(sides_of(".", str(tmp_path / "copy")))
    assert (folders.counts, folders.deltas) == (on_disk.counts, on_disk.deltas)
    back, _ = compared(sides_of("later", "main"))
    assert back.counts["images removed"] == 3


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diff("main", format="json")
    change = json.loads(capsys.readouterr().out)["change"]
    assert change["base"] == "main"
    assert change["counts"]["images added"] == 3
    [moved] = [place for place in change["places"] if place["what"] == "image moved"]
    assert (moved["image"], moved["was"]) == ("images/val/3333.jpg", "images/train/0003.jpg")
    with pytest.raises(UsageError):
        diff("nowhere", format="json")
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


def test_findings_are_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        diff("main", findings=True, format="json")
    assert ended.value.exit_code == 1
    document = json.loads(capsys.readouterr().out)
    new = {finding["rule"] for finding in document["findings"] if not finding["known"]}
    assert new == {"leaked-image", "non-numeric-value"}
    with pytest.raises(typer.Exit):
        diff("main", findings=True)
    text = capsys.readouterr().out
    assert text.startswith("Changed since main")
    assert "known before, not shown" in text
    assert "Failed at --fail-on error: 2 errors, 0 warnings, 0 info (exit 1)" in text


def test_nothing_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository.commit(folder)
    diff()
    assert "nothing: the same images, boxes and classes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("main", "nowhere"), "neither a file, a folder, nor a ref"),
        (("images", "main"), "name the git ref first: yoloaudit diff main images"),
        (("--help", None), "is no git ref"),
    ],
)
def test_what_cannot_be_compared(folder: Path, words: tuple[str, str | None], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        diff(*words)
    with pytest.raises(UsageError, match="text or json"):
        diff(*words, format="csv")


def test_hostile_names_stay_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository.write(folder, "train/\x1b[31mred\n::error::x", repository.picture(1), None)
    diff("main")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert not [line for line in out.splitlines() if line.strip().startswith("::")]
