"""A cache is stale if a label of its folder, or the descriptor, is younger than it."""

import os
from pathlib import Path

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.stale_trainer_cache import StaleTrainerCache

NOW = 1_000_000_000


def aged(folder: Path, **ages: int) -> str:
    path = grow(folder, CLEAN, "labels/train.cache", "labels/val.cache")
    names = {"train": "labels/train/a.txt", "val": "labels/val/b.txt", "yaml": "data.yaml"}
    names |= {"train_cache": "labels/train.cache", "val_cache": "labels/val.cache"}
    for key, name in names.items():
        when = NOW - ages.get(key, 1000)
        os.utime(folder / name, (when, when))
    return path


def test_caches_that_are_younger_are_fine(tmp_path: Path) -> None:
    path = aged(tmp_path)
    assert told(StaleTrainerCache(), path) == []
    sentences = [sentence for _, sentence in told(StaleTrainerCache(), path, untrusted=True)]
    assert len(sentences) == 2
    assert all("came with the data set: a pickle" in sentence for sentence in sentences)


def test_only_the_labels_of_its_folder_count(tmp_path: Path) -> None:
    ((_, sentence),) = told(StaleTrainerCache(), aged(tmp_path, train=0))
    assert sentence == "trainer's cache is 1,000 s older than a label: an edit may go unnoticed"


def test_the_descriptor_counts_for_all(tmp_path: Path) -> None:
    assert len(told(StaleTrainerCache(), aged(tmp_path, yaml=500))) == 2


def test_a_minute_is_let_pass(tmp_path: Path) -> None:
    path = aged(tmp_path, train=940)
    assert told(StaleTrainerCache(), path) == []
    assert len(told(StaleTrainerCache(grace_seconds=59), path)) == 1
