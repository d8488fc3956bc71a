"""A path leads to a file that may be changed, or is refused in words."""

import os
from pathlib import Path

import pytest

from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "set/labels").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    for place in ("set/labels/a.txt", "away/b.txt"):
        (tmp_path / place).write_bytes(b"text")
    return Places(str(tmp_path / "set"))


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "..", "../away/b.txt", "labels/../labels/a.txt", "labels//a.txt", "./labels/a.txt"),
        *(
            ".hidden.txt",
            "labels/.a.txt",
            ".git/config.txt",
            ".yoloaudit/fix-0001.open",
            ".yoloaudit/quarantine/../x.txt",
        ),
        *("setup.py", "labels/a", "labels/a.txt\0", "labels/\ud800.txt", ".yoloaudit/lock.txt"),
    ],
)
def test_what_is_not_the_data_sets_is_refused(places: Places, path: str) -> None:
    with pytest.raises(NotMended):
        places.full(path)


def test_what_is_put_aside_has_a_place(places: Places) -> None:
    assert places.full(".yoloaudit/quarantine/0001/images/a.jpg").endswith("0001/images/a.jpg")


def test_folders_that_lead_out_are_refused_and_those_that_stay_inside_are_not(places: Places, tmp_path: Path) -> None:
    (tmp_path / "set/out").symlink_to(tmp_path / "away")
    (tmp_path / "set/in").symlink_to(tmp_path / "set/labels")
    with pytest.raises(NotMended, match="link to outside"):
        places.read("out/b.txt")
    assert places.read("in/a.txt") == b"text"


@pytest.mark.parametrize(
    ("kind", "said"),
    [("link", "is a link"), ("pipe", "no regular file"), ("folder", "no regular file"), ("names", "hard link")],
)
def test_what_is_no_plain_file_is_refused(places: Places, kind: str, said: str) -> None:
    place = os.path.join(places.path, "labels/x.txt")
    {
        "link": lambda: os.symlink("a.txt", place),
        "pipe": lambda: os.mkfifo(place),
        "folder": lambda: os.mkdir(place),
        "names": lambda: os.link(os.path.join(places.path, "labels/a.txt"), place),
    }[kind]()
    with pytest.raises(NotMended, match=said):
        places.changeable("labels/x.txt")


def test_a_read_only_file_is_refused_though_its_folder_could_be_written(places: Places) -> None:
    os.chmod(os.path.join(places.path, "labels/a.txt"), 0o444)
    with pytest.raises(NotMended, match="read-only"):
        places.changeable("labels/a.txt")
    assert places.changeable("labels/none.txt") is None
