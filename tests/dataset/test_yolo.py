"""The layout of a data set: images in the trainer's order, each with its label file, and nothing opened."""

import os
from pathlib import Path

import pytest

from tests.example_tree import CLEAN, below, grow
from yoloaudit.dataset.find import find
from yoloaudit.errors import DataError

LISTS = "path: .\ntrain: train.txt\nval: val.txt\nnames: [cat, dog]\n"


def test_a_clean_data_set(tmp_path: Path) -> None:
    path = grow(
        tmp_path, CLEAN, "images/train/deep/c.JPG", "labels/train/deep/c.txt", "images/train/b.png", "labels/val/z.txt"
    )
    layout = find(path)
    assert layout.root.path == str(tmp_path)
    assert layout.names == ("cat", "dog")
    assert layout.splits == ("train", "val")
    train = ["images/train/a.png", "images/train/b.png", "images/train/deep/c.JPG"]
    assert below(tmp_path, layout.images) == [*train, "images/val/b.png"]
    assert layout.image_splits == ["train"] * 3 + ["val"]
    assert layout.label_of == [0, -1, 1, 2]
    labels = ["labels/train/a.txt", "labels/train/deep/c.txt", "labels/val/b.txt", "labels/val/z.txt"]
    assert below(tmp_path, layout.labels) == labels
    assert layout.label_splits == ["train", "train", "val", "val"]
    assert len(layout.sources) == len(layout.frames) == 4
    assert not len(layout.listed)
    assert not len(layout.strays)


def test_images_are_in_the_order_of_their_paths(tmp_path: Path) -> None:
    names = ("images/train/a/x.png", "images/train/a-b/x.png", "images/train/a.png", "images/train/B.png")
    layout = find(grow(tmp_path, CLEAN, *names))
    assert layout.images == sorted(layout.images[:4]) + layout.images[4:]


def test_an_unreadable_descriptor_has_no_images(tmp_path: Path) -> None:
    layout = find(grow(tmp_path, "train: [\n"))
    assert layout.descriptor.problem
    assert (layout.images, layout.labels, layout.splits, layout.names) == ([], [], (), ())


def test_only_the_splits_that_are_asked_for(tmp_path: Path) -> None:
    path = grow(tmp_path)
    assert find(path, splits=["val"]).image_splits == ["val"]
    with pytest.raises(DataError, match=r"has no split 'test'\. Name one of: train, val"):
        find(path, splits=["test"])
    assert find(grow(tmp_path, "train: [\n"), splits=["val"]).splits == ()


def test_lists(tmp_path: Path) -> None:
    texts = {"train": "./images/train/a.png\n./images/train/gone.png\n", "val": "./images/val/b.png\n"}
    layout = find(grow(tmp_path, LISTS, "images/train/unlisted.png", "labels/train/unlisted.txt", **texts))
    assert below(tmp_path, layout.images) == ["images/train/a.png", "images/val/b.png"]
    assert below(tmp_path, layout.labels) == ["labels/train/a.txt", "labels/val/b.txt"]
    assert layout.listed.drop(columns="text").to_dict("records") == [
        {"split": "train", "file": "train.txt", "line": 1, "path": "images/train/a.png", "problem": None},
        {"split": "train", "file": "train.txt", "line": 2, "path": "images/train/gone.png", "problem": "missing"},
        {"split": "val", "file": "val.txt", "line": 1, "path": "images/val/b.png", "problem": None},
    ]


def test_a_list_that_cannot_be_read_is_missing(tmp_path: Path) -> None:
    path = grow(tmp_path, LISTS, val="./images/val/b.png\n")
    os.mkfifo(tmp_path / "train.txt")
    train = find(path).descriptor.splits[0]
    assert (train.kind, train.target) == ("missing", None)
    assert "named pipe" in (train.refused or "")


def test_folders_and_lists_may_be_mixed(tmp_path: Path) -> None:
    yaml = CLEAN.replace("images/train", "[images/train, more.txt, images/train]")
    layout = find(grow(tmp_path, yaml, "extra/images/d.png", "extra/labels/d.txt", more="./extra/images/d.png\n"))
    assert below(tmp_path, layout.images) == ["extra/images/d.png", "images/train/a.png", "images/val/b.png"]
    assert layout.label_of == [0, 1, 2]


def test_a_file_in_two_splits_stands_twice(tmp_path: Path) -> None:
    layout = find(grow(tmp_path, CLEAN.replace("images/val", "images/train"), "labels/train/z.txt"))
    assert below(tmp_path, layout.images) == ["images/train/a.png"] * 2
    assert below(tmp_path, layout.labels) == ["labels/train/a.txt"] * 2 + ["labels/train/z.txt"]
    assert layout.label_of == [0, 1]


@pytest.mark.parametrize(
    ("yaml", "place", "root"),
    [
        ("path: .\ntrain: images/train\n", "", "."),
        ("train: ../images/train\n", "config", "."),
        ("path: ..\ntrain: images/train\n", "config", "."),
        ("path: images\ntrain: train\n", "", "."),
        ("path: ../../pets/images\ntrain: train\n", "../other/config", "."),
        ("train: images/train\n", "", "."),
    ],
)
def test_the_root_holds_all_of_the_data_set(tmp_path: Path, yaml: str, place: str, root: str) -> None:
    pets = tmp_path / "pets"
    grow(pets, None)
    folder = (pets / place).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "my.yaml").write_text(yaml)
    layout = find(str(folder / "my.yaml"))
    assert layout.root.path in (str((pets / root).resolve()), str(pets / "images"))
    assert [os.path.relpath(path, pets) for path in layout.images] == ["images/train/a.png"]
    assert [os.path.relpath(path, pets) for path in layout.labels] == ["labels/train/a.txt"]


def test_a_contained_root_stays(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets", CLEAN.replace("images/val", "../more"), "../more/c.png")
    layout = find(path, untrusted=True)
    assert layout.root.path == str(tmp_path / "pets")
    assert layout.image_splits == ["train"]
    assert layout.descriptor.splits[1].kind == "outside"
    wider = find(path, untrusted=True, root_dir=str(tmp_path))
    assert wider.root.path == str(tmp_path)
    assert wider.image_splits == ["train", "val"]
    assert wider.descriptor.path == "pets/data.yaml"


def test_darknet(tmp_path: Path) -> None:
    names = ("img/a.jpg", "img/a.txt", "img/b.jpg", "img/c.txt")
    grow(tmp_path / "data", None, *names, train="data/img/a.jpg\ndata/img/b.jpg\ndata/img/gone.jpg\n")
    (tmp_path / "data/obj.names").write_text("air\nbird\n")
    text = "classes=2\ntrain=data/train.txt\nvalid=data/train.txt\nnames=data/obj.names\n"
    (tmp_path / "data/obj.data").write_text(text)
    for untrusted in (False, True):
        layout = find(str(tmp_path / "data"), untrusted=untrusted)
        assert layout.names == ("air", "bird")
        assert below(tmp_path / "data", layout.images) == ["img/a.jpg", "img/b.jpg"] * 2
        assert below(tmp_path / "data", layout.labels) == ["img/a.txt", "img/a.txt", "img/c.txt"]
        assert layout.label_of == [0, -1, 1, -1]
        assert layout.listed["problem"].tolist() == [None, None, "missing"] * 2


def test_nothing_of_the_data_set_is_opened(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN)
    for name in ("images/train/pipe.png", "labels/train/pipe.txt"):
        os.mkfifo(tmp_path / name)
    assert len(find(path).labels) == 3
