"""A path is followed as the trainer would, then to where it is plainly meant, and out of a contained root never."""

from pathlib import Path

import pytest

from tests.example_tree import grow
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.places import Place, Start, find_place, is_absolute
from yoloaudit.files import Root


def found(folder: Path, text: str, split: str = "train", *, contained: bool = False, base: str | None = "") -> Place:
    own = str(folder)
    start = Start(
        Folders(Root(own, contained)),
        own,
        own if base == "" else base,
        "" if base == "" else "/srv/nowhere/pets",
        (str(folder.parent), str(folder.parent.parent)),
    )
    return find_place(text, split, start)


@pytest.mark.parametrize(
    ("text", "place", "how"),
    [
        ("images/train", "images/train", "as written"),
        ("./images/../images/train/", "images/train", "as written"),
        ("../images/train", "images/train", "without ../"),
        ("../../images/train", "images/train", "by its last folders"),
        ("pets/images/train", "images/train", "by its last folders"),
        (r"C:\Users\me\pets\images\train", "images/train", "by its last folders"),
        ("D:/pets/images/train", "images/train", "by its last folders"),
        (r"images\train", "images/train", "by its last folders"),
        ("/srv/nowhere/images/train", "images/train", "by its last folders"),
        ("Images/Train", "images/train", "in another letter case"),
        ("train/images", "images/train", "by its usual name"),
        ("**/*", "images/train", "by its usual name"),
        ("--help", "images/train", "by its usual name"),
        ("a/" * 5000, "images/train", "by its usual name"),
        ("/srv/nowhere/images", "images/train", "by its usual name"),
        ("images/empty", "images/train", "by its usual name"),
    ],
)
def test_a_place_is_found(tmp_path: Path, text: str, place: str, how: str) -> None:
    grow(tmp_path / "pets", None)
    (tmp_path / "pets/images/empty").mkdir()
    assert found(tmp_path / "pets", text)[:3] == (str(tmp_path / "pets" / place), how, "folder")


def test_a_place_counts_only_with_images(tmp_path: Path) -> None:
    grow(tmp_path, None)
    (tmp_path / "valid").mkdir()
    (tmp_path / "images/test").mkdir()
    assert found(tmp_path, "none", "val").target == str(tmp_path / "images/val")
    assert found(tmp_path, "none", "test") == Place(None, "as written", "missing")
    assert found(tmp_path, "images/test", "test")[:3] == (str(tmp_path / "images/test"), "as written", "folder")


def test_a_path_that_is_missing_is_looked_for_beside_the_descriptor(tmp_path: Path) -> None:
    grow(tmp_path, None)
    assert found(tmp_path, "images/train", base=None).how == "beside the descriptor"
    assert found(tmp_path.parent, f"{tmp_path.name}/images/train", base=None).target == str(tmp_path / "images/train")


def test_nobody_means_the_whole_file_system(tmp_path: Path) -> None:
    grow(tmp_path, None)
    assert found(tmp_path, "/", "test").target is None


def test_lists_and_other_files(tmp_path: Path) -> None:
    grow(tmp_path, None, "test.json", train="")
    assert found(tmp_path, "train.txt")[:3] == (str(tmp_path / "train.txt"), "as written", "list")
    assert found(tmp_path, "/srv/nowhere/train.txt")[:3] == (str(tmp_path / "train.txt"), "by its last folders", "list")
    assert found(tmp_path, "test.json", "test").refused == "is a file, but neither a folder nor a .txt list of images"


def test_links_are_followed_as_the_trainer_does(tmp_path: Path) -> None:
    grow(tmp_path / "real", None)
    (tmp_path / "pets/images").mkdir(parents=True)
    (tmp_path / "pets/images/train").symlink_to(tmp_path / "real/images/train")
    place = found(tmp_path / "pets", "images/train")
    assert place.target == str(tmp_path / "real/images/train")
    assert place.linked == str(tmp_path / "pets/images/train")
    assert found(tmp_path / "pets", "images/train", contained=True).kind == "outside"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        *(
            ("/etc", "outside", "absolute path"),
            ("/", "outside", "absolute path"),
            ("/proc/self", "outside", "absolute"),
        ),
        *(("..", "outside", "outside the root"), ("../../x", "outside", "outside the root"), ("~", "outside", "shell")),
        *(("$HOME", "outside", "shell"), (r"C:\x", "outside", "absolute path"), (r"\x", "outside", "absolute path")),
        *(
            ("http://127.0.0.1/x", "remote", "URL"),
            ("file:///etc", "remote", "URL"),
            (r"\\server\x", "remote", "share"),
        ),
        ("a\0b", "missing", "NUL"),
    ],
)
def test_a_contained_root_is_not_left(tmp_path: Path, text: str, kind: str, words: str) -> None:
    grow(tmp_path / "pets", None)
    place = found(tmp_path / "pets", text, contained=True)
    assert (place.target, place.kind) == (None, kind)
    assert words in (place.refused or "")


def test_what_lies_inside_is_read_even_where_the_path_is_refused(tmp_path: Path) -> None:
    grow(tmp_path, None)
    place = found(tmp_path, "/srv/nowhere/images/train", contained=True)
    assert place.target == str(tmp_path / "images/train")
    assert "absolute path outside the root" in (place.refused or "")
    assert found(tmp_path, str(tmp_path / "images/train"), contained=True).refused is None
    place = found(tmp_path, "../images/train", contained=True)
    assert (place.how, place.refused) == ("without ../", None)


def test_web_addresses_are_never_followed(tmp_path: Path) -> None:
    grow(tmp_path, None)
    assert found(tmp_path, "https://example.org/images/train").kind == "remote"
    assert found(tmp_path, "https://example.org/images/train").target is None


def test_absolute_on_any_system() -> None:
    assert [is_absolute(text) for text in ("/a", r"\a", "C:", "C:/a", "C:a", "a/b", "~", "")] == [
        *(True, True, True, True),
        *(False, False, False, False),
    ]
