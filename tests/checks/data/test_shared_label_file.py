"""Two images of one label file are told, within a split and across splits; one image in two splits is not."""

from pathlib import Path

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.shared_label_file import SharedLabelFile


def count(path: str) -> list[str]:
    return [sentence.partition(" images")[0] for _, sentence in told(SharedLabelFile(), path)]


def test_one_stem(tmp_path: Path) -> None:
    assert count(grow(tmp_path, CLEAN, "images/train/a.jpg", "images/train/a.PNG", "images/val/a.jpg")) == ["3"]


def test_one_stem_in_two_splits(tmp_path: Path) -> None:
    yaml = CLEAN.replace("images/val", "val.txt")
    assert count(grow(tmp_path, yaml, "images/more/a.jpg", val="./images/train/a.png\n")) == []
    yaml = yaml.replace("images/train", "train.txt")
    lists = {"train": "./images/train/a.png\n", "val": "./images/train/a.jpg\n"}
    assert count(grow(tmp_path, yaml, "images/train/a.jpg", **lists)) == ["2"]


def test_images_without_a_label_share_none(tmp_path: Path) -> None:
    assert count(grow(tmp_path, CLEAN, "images/train/c.jpg", "images/train/c.png")) == []
