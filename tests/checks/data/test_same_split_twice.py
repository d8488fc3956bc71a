"""Files in two splits are counted, whether by folder, by link or by list."""

from pathlib import Path

import numpy as np

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.same_split_twice import SameSplitTwice
from yoloaudit.dataset.load import load


def sentences(path: str) -> list[str]:
    return [sentence for _, sentence in told(SameSplitTwice(), path)]


def test_apart(tmp_path: Path) -> None:
    assert sentences(grow(tmp_path, CLEAN, "images/val/a.png")) == []


def test_one_folder_for_both(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/val", "images/train/."), "images/train/c.png")
    assert sentences(path) == ["val and train are the same 2 files; the first is images/train/a.png"]


def test_one_folder_by_link(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/val", "images/link"))
    (tmp_path / "images/link").symlink_to("train")
    assert sentences(path) == ["val and train are the same 1 files; the first is images/train/a.png"]


def test_one_folder_within_the_other(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/train", "images"))
    words = "1 of 1 val images are train images too: the same files, in both; the first is images/val/b.png"
    assert sentences(path) == [words]


def test_lists_that_overlap(tmp_path: Path) -> None:
    yaml = CLEAN.replace("images/train", "train.txt") + "test: images/train\n"
    path = grow(tmp_path, yaml, "images/val/c.png", train="./images/train/a.png\nimages/val/c.png\n")
    assert [sentence.partition(" too")[0] for sentence in sentences(path)] == [
        "1 of 2 val images are train images",
        "1 of 1 test images are train images",
    ]


def test_what_only_repeats_it_is_known_by_the_images_of_both_splits(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/train", "images"), "images/val/c.png")
    dataset = load(path, workers=1)
    defects = SameSplitTwice().find(dataset.images, dataset.descriptor)
    shared = dataset.images["path"].isin(["images/val/b.png", "images/val/c.png"])
    assert defects.attrs["images"].tolist() == np.flatnonzero(shared).tolist()
    assert len(defects.attrs["images"]) == 4
    assert {"leaked-image", "leaked-source"} <= set(SameSplitTwice.explains)
