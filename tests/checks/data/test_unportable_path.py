"""Paths of one machine are told once each; those that are refused are left to another check."""

from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.unportable_path import UnportablePath


def sentences(path: str, *, untrusted: bool = False) -> list[str]:
    return [sentence for _, sentence in told(UnportablePath(), path, untrusted=untrusted)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((r"C:\pets", "drive letter"), ("d:/pets", "drive letter"), ("/srv/pets", "absolute path")),
        *((r"images\train", "backslashes"), ("~/pets", "only a shell"), ("$DATA/pets", "only a shell")),
        ("Images/train", "differs in letter case from images/train"),
    ],
)
def test_paths_of_one_machine(tmp_path: Path, text: str, words: str) -> None:
    (sentence,) = sentences(grow(tmp_path, CLEAN.replace("images/train", text)))
    assert words in sentence


def test_an_absolute_path_that_exists_is_told_too(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("path: .", f"path: {tmp_path}"))
    assert ["absolute path" in sentence for sentence in sentences(path)] == [True]
    assert ["absolute path" in sentence for sentence in sentences(path, untrusted=True)] == [True]


def test_a_refused_path_is_left_to_another_check(tmp_path: Path) -> None:
    assert sentences(grow(tmp_path, CLEAN.replace("images/train", "/etc")), untrusted=True) == []


def test_lists(tmp_path: Path) -> None:
    yaml = CLEAN.replace("images/train", "train.txt")
    text = "images/train/a.png\n/srv/nowhere/images/val/b.png\nx\\y.png\n"
    assert sentences(grow(tmp_path, yaml, train=text)) == [
        "2 lines are absolute paths, or paths of another system",
        "lines without ./ are relative to the data set's folder: the trainer finds them only when started there",
    ]
    assert sentences(grow(tmp_path, yaml, train="./images/train/a.png\n")) == []
