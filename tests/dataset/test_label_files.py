"""Labels are paired as the trainer pairs them; those without any image are orphans."""

from pathlib import Path

import pytest

from tests.example_tree import below, grow
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.label_files import LabelFiles, find_labels, is_label, label_folder, orphans
from yoloaudit.files import Root


@pytest.mark.parametrize(
    ("folder", "labels"),
    [
        ("/d/images/train", "/d/labels/train"),
        ("/d/images", "/d/labels"),
        ("/images/x/images/y", "/images/x/labels/y"),
        ("/d/images/images", "/d/images/labels"),
        ("/d/myimages/train", "/d/myimages/train"),
        ("/d/Images/train", "/d/Images/train"),
        ("/d/train", "/d/train"),
        ("/images", "/labels"),
    ],
)
def test_the_last_images_becomes_labels(folder: str, labels: str) -> None:
    assert label_folder(folder) == labels


def test_names_among_labels() -> None:
    names = ["a.txt", "classes.txt", "README.roboflow.txt", "Train.txt", "a.TXT", "b.text", "obj.names", "trainval.txt"]
    assert [name for name in names if is_label(name)] == ["a.txt"]


def paired(folder: Path, *names: str) -> tuple[LabelFiles, Folders]:
    folders = Folders(Root(str(folder)))
    return find_labels([str(folder / name) for name in names], folders), folders


def test_images_have_labels_by_listing(tmp_path: Path) -> None:
    grow(tmp_path, None, "images/train/c.d.png", "labels/train/c.d.txt", "images/train/e.png", "images/train/a.jpg")
    (tmp_path / "labels/train/e.txt").mkdir()
    found, _ = paired(tmp_path, *(f"images/train/{name}" for name in ("a.jpg", "a.png", "c.d.png", "e.png")))
    assert found.label_of == [0, 1, 2, -1]
    assert below(tmp_path, found.labels) == [f"labels/train/{name}.txt" for name in ("a", "a", "c.d")]
    assert found.folders == {str(tmp_path / "labels/train"): {str(tmp_path / "images/train")}}


def test_labels_may_lie_beside_images(tmp_path: Path) -> None:
    grow(tmp_path, None, "obj/a.jpg", "obj/a.txt", "obj/b.jpg")
    found, folders = paired(tmp_path, "obj/a.jpg", "obj/b.jpg")
    assert below(tmp_path, found.labels) == ["obj/a.txt"]
    assert orphans({"train": found}, {}, folders, []) == []


def test_labels_without_an_image_are_orphans(tmp_path: Path) -> None:
    grow(
        tmp_path, None, "labels/train/x.txt", "labels/train/deep/y.txt", "labels/train/classes.txt", "labels/val/z.txt"
    )
    train, folders = paired(tmp_path, "images/train/a.png")
    val = find_labels([str(tmp_path / "images/val/b.png")], folders)
    lone = orphans({"train": train, "val": val}, {"train": [str(tmp_path / "labels/train")]}, folders, [])
    assert [(split, below(tmp_path, [path])[0]) for split, path in lone] == [
        ("train", "labels/train/x.txt"),
        ("train", "labels/train/deep/y.txt"),
        ("val", "labels/val/z.txt"),
    ]


def test_labels_of_images_that_no_list_names_are_no_orphans(tmp_path: Path) -> None:
    grow(tmp_path, None, "images/train/c.png", "labels/train/c.txt", "labels/train/d.txt")
    train, folders = paired(tmp_path, "images/train/a.png")
    val = find_labels([str(tmp_path / "images/train/a.png")], folders)
    lone = orphans({"train": train, "val": val}, {}, folders, [])
    assert [(split, below(tmp_path, [path])[0]) for split, path in lone] == [("train", "labels/train/d.txt")]


def test_lists_among_labels_are_no_orphans(tmp_path: Path) -> None:
    grow(tmp_path, None, "labels/train/mine.txt")
    train, folders = paired(tmp_path, "images/train/a.png")
    assert orphans({"train": train}, {}, folders, [str(tmp_path / "labels/train/mine.txt")]) == []
