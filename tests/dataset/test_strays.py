"""Files that the trainer passes over are told, with the image that they belong to."""

from pathlib import Path
from typing import Any

import pytest

from tests.example_tree import CLEAN, grow
from yoloaudit.dataset.find import find


def strays(folder: Path, *more: str, yaml: str = CLEAN, untrusted: bool = False) -> list[tuple[Any, ...]]:
    layout = find(grow(folder, yaml, *more), untrusted=untrusted)
    owner = ["", *(path.rpartition("/")[2] for path in layout.images)]
    table = layout.strays
    return [
        (kind, path, owner[image + 1])
        for kind, path, image in zip(table["kind"], table["path"], table["image"], strict=True)
    ]


def test_other_letter_case_of_the_suffix(tmp_path: Path) -> None:
    names = ("images/train/c.png", "labels/train/c.TXT", "labels/train/a.Txt", "labels/train/x.TXT")
    assert strays(tmp_path, *names) == [
        ("label-suffix-case", f"labels/train/{name}", owner)
        for name, owner in [("a.Txt", ""), ("c.TXT", "c.png"), ("x.TXT", "")]
    ]


def test_images_that_the_trainer_ignores(tmp_path: Path) -> None:
    names = ("images/train/c.gif", "images/train/deep/d.HEIC", "images/train/gif", "labels/train/e.gif", "f.gif")
    assert strays(tmp_path, *names) == [
        ("ignored-image", "images/train/c.gif", ""),
        ("ignored-image", "images/train/deep/d.HEIC", ""),
    ]


@pytest.mark.parametrize("place", ["labels", "labels/train", "images/train", "images", ""])
def test_caches(tmp_path: Path, place: str) -> None:
    name = f"{place}/train.cache".lstrip("/")
    assert strays(tmp_path / "pets", name, "../above.cache") == [("trainer-cache", name, "")]
    layout = find(str(tmp_path / "pets/data.yaml"))
    assert layout.strays["modified"].tolist() == [(tmp_path / "pets" / name).stat().st_mtime]


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images/train/c.png", "images/train/c.txt"),
        ("images/train/c.png", "images/train/labels/c.txt"),
        ("images/train/c.png", "images/labels/train/c.txt"),
        ("images/train/c.png", "labels/c.txt"),
        ("images/train/c.png", "Labels/train/c.txt"),
        ("images/train/c.png", "annotations/train/c.txt"),
        ("images/train/c.png", "train/labels/c.txt"),
        ("images/train/deep/c.png", "labels/train/c.txt"),
    ],
)
def test_labels_where_the_trainer_does_not_look(tmp_path: Path, image: str, label: str) -> None:
    assert strays(tmp_path, image, label) == [("misplaced-label", label, "c.png")]
    wanted = image.replace("images/", "labels/").replace(".png", ".txt")
    assert find(str(tmp_path / "data.yaml")).strays["detail"].tolist() == [wanted]


@pytest.mark.parametrize("label", ["labels/train/c.txt", "labels/c.txt", "train/c.txt", "train/images/c.txt"])
def test_the_other_layout(tmp_path: Path, label: str) -> None:
    yaml = "path: .\ntrain: train/images\nval: images/val\nnames: [cat]\n"
    assert strays(tmp_path, "train/images/c.png", label, yaml=yaml) == [("misplaced-label", label, "c.png")]
    assert strays(tmp_path, "train/labels/c.txt", yaml=yaml) == []


def test_a_copy_of_a_label_is_not_misplaced(tmp_path: Path) -> None:
    assert strays(tmp_path, "images/train/a.txt", "labels/a.txt") == []


def test_labels_of_another_split_are_not_misplaced(tmp_path: Path) -> None:
    assert strays(tmp_path, "images/train/b.png") == []


def test_labels_before_a_link_was_followed(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/c.png").touch()
    (tmp_path / "pets/images").mkdir(parents=True)
    (tmp_path / "pets/images/linked").symlink_to(tmp_path / "store")
    yaml = CLEAN.replace("images/train", "images/linked")
    found = strays(tmp_path / "pets", "labels/linked/c.txt", yaml=yaml)
    assert found == [("misplaced-label", "pets/labels/linked/c.txt", "c.png")]


def test_links_out_of_a_contained_root(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x.png").touch()
    (tmp_path / "pets/images/train").mkdir(parents=True)
    (tmp_path / "pets/images/train/folder").symlink_to(tmp_path / "out")
    (tmp_path / "pets/images/train/x.png").symlink_to(tmp_path / "out/x.png")
    (tmp_path / "pets/images/train/y.png").symlink_to("a.png")
    assert strays(tmp_path / "pets", untrusted=True) == [
        ("linked-out", "images/train/folder", ""),
        ("linked-out", "images/train/x.png", "x.png"),
    ]
    assert strays(tmp_path / "pets") == []


def test_planted_files_are_ignored(tmp_path: Path) -> None:
    assert strays(tmp_path, "images/train/a.npy", "best.pt", "images/train/a.json") == []
