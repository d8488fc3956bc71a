"""`yoloaudit attest` asks, writes empty label files, and refuses images that have labels."""

import io
import json
from pathlib import Path

import pytest

from tests.example_mending import grow, run, tree

ROW = b"0 0.5 0.5 0.2 0.2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return grow(
        tmp_path / "set", {"train/a": ROW, "train/b": None, "train/c": None, "train/d": b"", "train/e[1]": None}
    )


def empty(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "labels/train").iterdir() if not path.stat().st_size}


class Terminal(io.StringIO):
    """A person at the keyboard."""

    def isatty(self) -> bool:
        return True


def test_all_images_without_a_label_are_attested_and_it_can_be_taken_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(folder)
    assert run("attest", "set", "--yes") == 0
    out = capsys.readouterr().out
    assert "Attested 3 images as empty" in out
    assert "yoloaudit fix set --undo" in out
    assert empty(folder) == {"b", "c", "d", "e[1]"}
    assert run("fix", "set", "--undo") == 0
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("named", "attested"),
    [
        (["images/train/b.png"], {"b"}),
        (["set/images/train/c.png"], {"c"}),
        (["images/train/[bc].png"], {"b", "c"}),
        (["images/train"], {"b", "c", "e[1]"}),
        (["images/train/e[1].png"], {"e[1]"}),
        (["--from", "list.txt"], {"b"}),
    ],
)
def test_images_are_named_by_path_glob_folder_or_list(folder: Path, named: list[str], attested: set[str]) -> None:
    Path("list.txt").write_text("# looked at by me\r\n\r\nimages/train/b.png\r\n")
    assert run("attest", "set", *named, "--yes") == 0
    assert empty(folder) == attested | {"d"}


def test_nobody_is_taken_for_a_yes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(folder)
    assert run("attest", "set") == 2
    assert "say --yes" in capsys.readouterr().err
    assert tree(folder) == before


@pytest.mark.parametrize(("answer", "attested"), [("y\n", {"b", "c", "d", "e[1]"}), ("n\n", {"d"}), ("\n", {"d"})])
def test_a_person_is_asked(
    folder: Path, answer: str, attested: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert run("attest", "set") == 0
    assert "labels/train/b.txt" in capsys.readouterr().err
    assert empty(folder) == attested


def test_an_image_with_labels_is_refused_and_the_others_go_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("attest", "set", "images/train/a.png", "images/train/b.png", "images/train/d.png", "--yes") == 3
    out = capsys.readouterr().out
    assert "has labels" in out
    assert "has an empty label file already" in out
    assert empty(folder) == {"b", "d"}
    assert (folder / "labels/train/a.txt").read_bytes() == ROW


def test_a_label_that_lies_elsewhere_is_not_talked_over(folder: Path) -> None:
    (folder / "labels/train/b.TXT").write_bytes(ROW)
    assert run("attest", "set", "images/train/b.png", "--yes") == 3
    assert empty(folder) == {"d"}


@pytest.mark.parametrize(
    "named", [["images/train/none.png"], ["*.gif"], ["--from", "none.txt"], ["\0"], ["../secret.png"]]
)
def test_what_names_no_image_is_said_in_a_line(
    folder: Path, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(folder)
    assert run("attest", "set", *named, "--yes") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert tree(folder) == before


def test_a_diff_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(folder)
    assert run("attest", "set", "--diff") == 1
    assert "new file mode" in capsys.readouterr().out
    assert tree(folder) == before


def test_json_tells_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("attest", "set", "images/train/b.png", "--yes", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [{"path": "labels/train/b.txt", "to": None}]
