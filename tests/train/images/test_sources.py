"""What --source may be, what it may not be, and the pictures it leads to, in order."""

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.example_detector import broken_pictures, photo
from yoloaudit.errors import DataError, UsageError
from yoloaudit.train.images import sources as module
from yoloaudit.train.images import video
from yoloaudit.train.images.augment import letterbox
from yoloaudit.train.images.sources import Item, Reading, items_of, pictures
from yoloaudit.train.images.video import Writer

FIT = partial(letterbox, shape=(64, 64))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "below/b.PNG", "below/deep/a.jpg", ".hidden.jpg", "notes.md", "jpg"):
        place = tmp_path / "photos" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(photo())
    return tmp_path


def paths(source: str, project: str = "", name: str = "") -> list[str]:
    return [item.path for item in items_of(source, project, name)]


def test_a_folder_means_all_in_it_and_below() -> None:
    assert paths("photos") == ["photos/a.jpg", "photos/below/b.PNG", "photos/below/deep/a.jpg"]
    assert paths("photos/") == ["photos/a.jpg", "photos/below/b.PNG", "photos/below/deep/a.jpg"]


def test_what_earlier_runs_wrote_is_not_looked_at(folder: Path) -> None:
    everything = paths("photos")
    assert paths("photos", "photos/below") == ["photos/a.jpg"]
    assert paths("photos", "photos/be") == everything
    for project in (".", "photos", "photos/", str(folder)):
        assert paths("photos", project, "exp") == everything
    for name in ("exp", "exp2", "expert"):
        (folder / "photos" / name).mkdir()
        (folder / "photos" / name / "drawn.jpg").write_bytes(photo())
    assert paths("photos", "photos", "exp") == [*everything, "photos/expert/drawn.jpg"]
    assert paths("photos/exp2", "photos", "exp") == ["photos/exp2/drawn.jpg"]
    assert len(paths("photos/", "photos/expert", "exp")) == len(everything) + 2


def test_a_pattern_means_what_it_matches(folder: Path) -> None:
    assert paths("photos/*.jpg") == ["photos/a.jpg"]
    assert paths("photos/**/*.jpg") == ["photos/a.jpg", "photos/below/deep/a.jpg"]
    (folder / "photos" / "odd[1].jpg").write_bytes(photo())
    assert paths("photos/odd[1].jpg") == ["photos/odd[1].jpg"]


def test_a_list_means_its_lines(folder: Path) -> None:
    (folder / "lists").mkdir()
    (folder / "lists" / "beside.jpg").write_bytes(photo())
    lines = [
        "photos/a.jpg",
        "./beside.jpg",
        "beside.jpg",
        "",
        "  ",
        "gone.jpg",
        "https://x/y.jpg",
        "photos",
        "notes.md",
    ]
    (folder / "lists" / "some.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n\xff.jpg")
    found = items_of("lists/some.txt")
    assert [item.path for item in found if item.problem is None] == [
        "photos/a.jpg",
        "lists/./beside.jpg",
        "lists/beside.jpg",
        "gone.jpg",
        "\udcff.jpg",
    ]
    problems = [item.problem for item in found if item.problem is not None]
    assert len(problems) == 3
    assert "web address" in problems[0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "is empty"),
        ("a\0b", "is empty"),
        ("0", "camera"),
        ("screen 0 100 100 512 512", "screen"),
        ("http://example.com/a.jpg", "web address"),
        ("rtsp://camera/stream", "web address"),
        ("\\\\server\\share\\a.jpg", "web address"),
    ],
)
def test_what_is_live_or_far_is_refused(source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        items_of(source)


@pytest.mark.parametrize(
    "source", ["none", "none.jpg", "photos/none/*.jpg", "photos/notes.md", "photos/jpg", "empty.txt", "bare"]
)
def test_what_is_not_there_is_one_sentence(source: str, folder: Path) -> None:
    (folder / "empty.txt").write_text("\n\n")
    (folder / "bare").mkdir()
    (folder / "photos" / "none").mkdir()
    with pytest.raises(DataError, match=source.partition("*")[0]):
        items_of(source)


def test_it_is_said_why_nothing_is_meant(folder: Path) -> None:
    (folder / "empty.txt").write_text("\n\n")
    for source, said in (
        ("empty.txt", "the list names no file"),
        ("photos/*.gone", "nothing matches this pattern"),
        ("photos/*.md", "neither image nor video by its suffix matches"),
        ("photos/notes.md", "there is neither image nor video"),
    ):
        with pytest.raises(DataError, match=said):
            items_of(source)


def test_numbers_and_screens_that_are_files_are_files(folder: Path) -> None:
    (folder / "0").mkdir()
    (folder / "0" / "a.jpg").write_bytes(photo())
    assert paths("0") == ["0/a.jpg"]


def test_lists_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "long.txt").write_text("a.jpg\n" * 20)
    monkeypatch.setattr(module, "MOST_LIST_BYTES", 50)
    with pytest.raises(DataError, match="above the limit of 50"):
        items_of("long.txt")
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_FILES", 10)
    monkeypatch.chdir(folder)
    with pytest.raises(DataError, match="more than 10 files"):
        items_of("long.txt")
    (folder / "nul.txt").write_bytes(b"a\0b")
    with pytest.raises(DataError, match="NUL"):
        items_of("nul.txt")


def test_links_in_circles_end(folder: Path) -> None:
    (folder / "photos" / "again").symlink_to(folder / "photos")
    assert len(paths("photos")) == 3


@pytest.mark.parametrize("workers", [0, 3])
def test_pictures_come_in_order_whatever_they_are(workers: int, folder: Path) -> None:
    writer = Writer(str(folder / "b.mp4"), 25, (48, 64))
    for number in range(4):
        writer.add(np.full((48, 64, 3), 60 * number, np.uint8))
    writer.close()
    (folder / "broken.jpg").write_bytes(broken_pictures()["short.jpg"])
    (folder / "broken.mp4").write_bytes(b"no video")
    os.mkfifo(folder / "pipe.jpg")
    items = [
        *(
            Item(name)
            for name in ("photos/a.jpg", "broken.jpg", "gone.jpg", "b.mp4", "broken.mp4", "gone.mp4", "pipe.jpg")
        ),
        Item("x", "is a web address"),
        Item("photos/a.jpg"),
    ]
    made = list(pictures(items, FIT, Reading(10**6, every=2, keep=True, workers=workers)))
    assert [one.place for one in made] == [0, 1, 2, 3, 3, 4, 5, 6, 7, 8]
    assert [one.error is None for one in made] == [True, False, False, True, True, False, False, False, False, True]
    assert [one.moment.number for one in made if one.moment is not None] == [1, 3]
    assert [None if one.pixels is None else one.pixels.shape for one in made][3:5] == [(48, 64, 3)] * 2
    assert made[0].pixels is not None
    assert made[-1].image is not None
    assert made[-1].image.shape == (64, 64, 3)


@pytest.mark.parametrize("workers", [0, 1])
def test_the_working_folder_may_change_while_files_are_read(
    workers: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [Item("photos/a.jpg")] * 9
    made = pictures(items, FIT, Reading(10**6, workers=workers))
    first = next(made)
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert [one.error for one in (first, *made)] == [None] * 9


def test_a_video_that_breaks_off_keeps_its_first_frames(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_: object) -> object:
        from yoloaudit.train.images.picture import Unreadable
        from yoloaudit.train.images.video import Moment

        for number in (1, 2, 3):
            yield Moment(number, 9, 25.0), np.zeros((48, 64, 3), np.uint8)
        raise Unreadable("breaks off")

    monkeypatch.setattr(video, "frames", breaking)
    made = list(pictures([Item("a.mp4")], FIT, Reading(10**6)))
    assert [one.error for one in made] == [None, None, None, "breaks off"]
    assert all(one.pixels is None for one in made)
