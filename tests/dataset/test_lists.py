"""Image lists: every line is a row, every file is told once, and time is linear in lines."""

import os
import time
from pathlib import Path

import pytest

from tests.example_tree import below, grow
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.lists import MAX_LINES, ImageList, read_list
from yoloaudit.files import Root

A, B = "./images/train/a.png", "./images/val/b.png"


def read(folder: Path, text: str | bytes, contained: bool = False, bases: tuple[str, ...] = ()) -> ImageList:
    grow(folder, None, "notes.md", train=text)
    own = str(folder)
    return read_list(f"{own}/train.txt", Folders(Root(own, contained)), [own, *bases])


def test_lines_become_images_and_rows(tmp_path: Path) -> None:
    found = read(tmp_path, f"\n{B}\r\n{A}\rimages/train/none.png\n \n")
    assert below(tmp_path, found.images) == ["images/val/b.png", "images/train/a.png"]
    assert found.lines == [2, 3, 4]
    assert found.texts == [B, A, "images/train/none.png"]
    assert found.paths == ["images/val/b.png", "images/train/a.png", "images/train/none.png"]
    assert found.problems == [None, None, "missing"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        *(("./images/train/a.png", None), ("images/train/a.png", None), ("./images/val/../train/a.png", None)),
        *((".//images//train/./a.png", None), (r".\images\train\a.png", None), (r"images\train\a.png", None)),
        *(("./images/train/A.png", "missing"), ("::error::x", "missing"), ("a" * 100_000 + ".png", "missing")),
        *(("./train.txt", "special"), ("./images/train", "special"), ("notes.md", "special"), ("gone.md", "missing")),
        *(("https://example.org/a.png", "remote"), ("file:///a.png", "remote"), (r"\\server\a.png", "remote")),
        *(
            ("./images/tr\0ain/a.png", "undecodable"),
            ("./\udce9.png", "undecodable"),
            (" ./images/train/a.png", "missing"),
        ),
    ],
)
def test_a_line_is_judged(tmp_path: Path, line: str, problem: str | None) -> None:
    for contained in (False, True):
        found = read(tmp_path, f"{line}\n{B}\n", contained)
        assert found.problems == [problem, None]
        assert below(tmp_path, found.images) == ["images/train/a.png", "images/val/b.png"][problem is not None :]
        assert max(map(len, found.texts)) <= 4096


@pytest.mark.parametrize("line", ["../x.png", "/etc/passwd", "/dev/zero.png", r"C:\x.png", "./images/../../x.png"])
def test_a_contained_root_is_not_left(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.png").touch()
    found = read(tmp_path / "pets", f"{line}\n{A}\n", contained=True)
    assert found.problems == ["outside", None]
    assert found.paths[0] is None


def test_links_out_of_a_contained_root_are_refused(tmp_path: Path) -> None:
    grow(tmp_path / "out", None)
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets/link").symlink_to(tmp_path / "out")
    assert read(tmp_path / "pets", "./link/images/train/a.png\n", contained=True).problems == ["outside"]
    assert read(tmp_path / "pets", "./link/images/train/a.png\n").problems == [None]


def test_a_repeated_file_is_told_once(tmp_path: Path) -> None:
    found = read(tmp_path, f"{A}\n{A}\nimages/val/../train/a.png\n{B}\n")
    assert below(tmp_path, found.images) == ["images/train/a.png", "images/val/b.png"]
    assert found.problems == [None, "repeated", "repeated", None]


def test_hidden_images_may_be_listed(tmp_path: Path) -> None:
    (tmp_path / ".a.png").touch()
    assert read(tmp_path, "./.a.png\n./.b.png\n").problems == [None, "missing"]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbf" + A.encode()).problems == [None]


def test_relative_lines_are_looked_for_from_several_folders(tmp_path: Path) -> None:
    pets = tmp_path / "data/pets"
    found = read(pets, "data/pets/images/train/a.png\ndata/pets/images/val/b.png\n", bases=(str(tmp_path),))
    assert len(found.images) == 2
    assert found.lines_from == str(tmp_path)
    assert read(pets, f"{A}\n", bases=(str(tmp_path),)).lines_from is None


def test_lines_of_another_machine_are_looked_for_by_their_tail(tmp_path: Path) -> None:
    (tmp_path / "images/train").mkdir(parents=True)
    for number in range(20):
        (tmp_path / f"images/train/{number}.png").touch()
    names = [f"/srv/nowhere/pets/images/train/{number}.png" for number in (99, *range(20))]
    found = read(tmp_path, "\n".join(names))
    assert found.problems == ["missing", *[None] * 20]
    assert found.moved == {("/srv/nowhere/pets/", str(tmp_path)): 20}
    assert found.absolute_lines == 21
    assert set(read(tmp_path, "\n".join(names), contained=True).problems) == {"outside"}


def test_relative_lines_below_a_folder_that_is_not_here_are_looked_for_by_their_tail(tmp_path: Path) -> None:
    found = read(tmp_path, "data/images/train/a.png\ndata/images/val/b.png\ndata/images/val/none.png\n")
    assert below(tmp_path, found.images) == ["images/train/a.png", "images/val/b.png"]
    assert found.problems == [None, None, "missing"]
    assert found.moved == {("data/", str(tmp_path)): 2}


def test_windows_lines_are_looked_for_by_their_tail(tmp_path: Path) -> None:
    found = read(tmp_path, "C:\\pets\\images\\train\\a.png\nC:\\pets\\images\\val\\b.png\n")
    assert found.problems == [None, None]
    assert found.moved == {("C:\\pets\\", str(tmp_path)): 2}


def test_lists_that_are_not_read_at_all(tmp_path: Path) -> None:
    assert "UTF-16" in (read(tmp_path, A.encode("utf-16")).refused or "")
    assert "lines" in (read(tmp_path, b"\n" * (MAX_LINES + 1)).refused or "")
    os.truncate(tmp_path / "train.txt", 6 << 30)
    folders = Folders(Root(str(tmp_path)))
    assert "above the limit" in (read_list(str(tmp_path / "train.txt"), folders, []).refused or "")
    os.mkfifo(tmp_path / "pipe.txt")
    assert "named pipe" in (read_list(str(tmp_path / "pipe.txt"), folders, []).refused or "")


@pytest.mark.parametrize("line", [A, "images/none/a.png", "/srv/nowhere/a.png", "é.png", "x"])
def test_many_lines_are_quick(tmp_path: Path, line: str) -> None:
    began = time.process_time()
    found = read(tmp_path, f"{line}\n" * 200_000)
    assert len(found.problems) == 200_000
    assert time.process_time() - began < 5
