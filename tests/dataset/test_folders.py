"""Folders are listed once, links and loops included, and nothing outside a contained root."""

from pathlib import Path

from yoloaudit.dataset.folders import Folders
from yoloaudit.files import MAX_DEPTH, Root


def folders_of(folder: Path, contained: bool = False) -> Folders:
    return Folders(Root(str(folder.resolve()), contained))


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_listing_tells_images_from_others(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("a.PNG", "b.txt", "png", ".c.png", "d.gif", "e.x.jpeg")))
    (tmp_path / "f.png").mkdir()
    listing = folders_of(tmp_path).listing(str(tmp_path))
    assert sorted(listing.images) == ["a.PNG", "e.x.jpeg"]
    assert sorted(listing.others) == ["b.txt", "d.gif", "png"]
    assert listing.stems == {"a", "e.x"}
    assert listing.folders == ["f.png"]
    assert "b.txt" in listing.names


def test_links_are_files_or_folders_by_where_they_lead(tmp_path: Path) -> None:
    touch(tmp_path / "real/a.png")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "loop.png").symlink_to("loop.png")
    listing = folders_of(tmp_path).listing(str(tmp_path))
    assert sorted(listing.folders) == ["folder", "real"]
    assert sorted(listing.special) == ["gone.png", "loop.png"]


def test_what_cannot_be_listed_is_empty(tmp_path: Path) -> None:
    folders = folders_of(tmp_path)
    touch(tmp_path / "file")
    assert [folders.listing(str(tmp_path / name)).files for name in ("none", "file", "a\0b")] == [[], [], []]
    assert not folders.left_out


def test_a_walk_enters_each_place_once(tmp_path: Path) -> None:
    touch(tmp_path / "a/b/x.png", tmp_path / ".hidden/y.png")
    (tmp_path / "a/b/up").symlink_to(tmp_path)
    walked = folders_of(tmp_path).walk(str(tmp_path))
    assert walked == [str(tmp_path / name) for name in ("", "a", "a/b")]


def test_a_walk_is_bounded(tmp_path: Path) -> None:
    here = tmp_path
    for _ in range(MAX_DEPTH + 3):
        here = here / "d"
    here.mkdir(parents=True)
    folders = folders_of(tmp_path)
    assert len(folders.walk(str(tmp_path))) == MAX_DEPTH + 1
    assert f"{MAX_DEPTH} folders deep" in " ".join(folders.left_out.values())


def test_a_contained_root_is_not_left(tmp_path: Path) -> None:
    touch(tmp_path / "in/a.png", tmp_path / "out/b.png")
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    inside = str(tmp_path / "in")
    folders = folders_of(tmp_path / "in", contained=True)
    assert [folders.listing(folder).images for folder in folders.walk(inside)] == [["a.png"], []]
    assert folders.left_out == {f"{inside}/link": "leads to outside the root of the data set"}
    free = folders_of(tmp_path / "in")
    assert [free.listing(folder).images for folder in free.walk(inside)] == [["a.png"], ["b.png"]]


def test_a_first_image_is_looked_for(tmp_path: Path) -> None:
    touch(tmp_path / "a/b/x.png", tmp_path / "c/y.txt")
    (tmp_path / "c/loop").symlink_to(tmp_path / "c")
    folders = folders_of(tmp_path)
    assert folders.holds_image(str(tmp_path))
    assert not folders.holds_image(str(tmp_path / "c"))


def test_letter_case_is_looked_over(tmp_path: Path) -> None:
    touch(tmp_path / "Images/Train/a.png")
    folders = folders_of(tmp_path)
    assert folders.spelled(str(tmp_path), ["images", "train"]) == str(tmp_path / "Images/Train")
    assert folders.spelled(str(tmp_path), ["images", "val"]) is None
