"""Orphans are told one by one while they are few, and as one where they are most of a split."""

from pathlib import Path

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.orphan_label import OrphanLabel


def sentences(folder: Path, *names: str) -> list[str]:
    return [sentence for _, sentence in told(OrphanLabel(), grow(folder, CLEAN, *names))]


def test_few_orphans_are_told_one_by_one(tmp_path: Path) -> None:
    assert sentences(tmp_path) == []
    names = [f"labels/train/x{number}.txt" for number in range(10)]
    assert sentences(tmp_path, *names) == ["label file has no image: the trainer never reads it"] * 10


def test_a_split_of_orphans_is_one_defect(tmp_path: Path) -> None:
    names = [f"labels/train/x{number}.txt" for number in range(11)]
    assert sentences(tmp_path, *names, "labels/val/y.txt") == [
        "11 of 12 label files of train have no image: images and labels do not belong together",
        "label file has no image: the trainer never reads it",
    ]


def test_a_misplaced_label_is_left_to_another_check(tmp_path: Path) -> None:
    assert sentences(tmp_path, "images/train/deep/c.png", "labels/train/c.txt") == []
