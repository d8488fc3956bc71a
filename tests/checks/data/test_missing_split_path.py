"""What a path leads to instead is said, with what to write."""

import os
from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.missing_split_path import MissingSplitPath

TRAIN = CLEAN.replace("path: .\n", "")


@pytest.mark.parametrize(
    ("yaml", "severity", "words"),
    [
        (
            TRAIN.replace("images/train", "../images/train"),
            "warning",
            "without ../ as well: write `train: images/train`",
        ),
        (TRAIN.replace("images/train", "images/gone"), "error", "found by its usual name: write `train: images/train`"),
        (TRAIN.replace("images/train", r"D:\images\train"), "error", "found by its last folders"),
        (TRAIN.replace("images/train", "/srv/nowhere/gone"), "error", "images/train was found by its usual name"),
        (TRAIN + "test: gone\n", "error", "`test` is 'gone', which does not exist"),
        (TRAIN + "test: [a.json]\n", "error", "neither a folder nor a .txt list"),
        (TRAIN + "test: 5\n", "error", "`test` holds a value that is a number, not a path"),
        (TRAIN + 'test: "a\\0b"\n', "error", "NUL"),
        (TRAIN + "path: [a]\n", "error", "`path` holds a value that is a list"),
        (TRAIN + "test: val.txt\n", "error", "`test` is 'val.txt', which is encoded as UTF-16"),
    ],
)
def test_one_path(tmp_path: Path, yaml: str, severity: str, words: str) -> None:
    defects = told(MissingSplitPath(), grow(tmp_path, yaml, "a.json", val="./images/val/b.png".encode("utf-16")))
    assert [grade for grade, _ in defects] == [severity]
    assert words in defects[0][1]


def test_a_path_that_is_gone_is_told_for_each_split(tmp_path: Path) -> None:
    defects = told(MissingSplitPath(), grow(tmp_path, CLEAN.replace("path: .", "path: /srv/nowhere/pets")))
    assert [sentence for _, sentence in defects] == [
        f"`path` is '/srv/nowhere/pets', which does not exist; `{key}` was found beside the descriptor: write `path: .`"
        for key in ("train", "val")
    ]


def test_a_path_elsewhere_is_corrected_with_the_split(tmp_path: Path) -> None:
    path = grow(tmp_path / "pets", CLEAN.replace("path: .", "path: .."))
    (_, sentence) = told(MissingSplitPath(), path)[0]
    assert sentence.endswith("was found beside the descriptor: write `path: .` and `train: images/train`")


def test_what_leaves_the_root_is_left_to_another_check(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN.replace("images/train", "/etc"))
    assert told(MissingSplitPath(), path, untrusted=True) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter any folder")
def test_a_closed_folder_is_told(tmp_path: Path) -> None:
    path = grow(tmp_path)
    (tmp_path / "images/train/closed").mkdir(mode=0o000)
    ((_, sentence),) = told(MissingSplitPath(), path)
    assert "Permission denied" in sentence


def test_a_folder_that_is_too_deep_is_told(tmp_path: Path) -> None:
    path = grow(tmp_path, CLEAN, "images/train/" + "d/" * 40 + "x.png")
    ((_, sentence),) = told(MissingSplitPath(), path)
    assert "32 folders deep" in sentence


def test_darknet_paths_are_relative_to_folders_above(tmp_path: Path) -> None:
    grow(tmp_path / "data", None, train="data/images/train/a.png\n")
    text = "train = data/train.txt\nvalid = data/gone.txt\ntest = train.txt\n"
    (tmp_path / "data/obj.data").write_text(text)
    defects = told(MissingSplitPath(), str(tmp_path / "data/obj.data"))
    assert [sentence.partition(",")[0] for _, sentence in defects] == ["`val` is 'data/gone.txt'"]
