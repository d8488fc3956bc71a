"""Ledger, class counts and copies of real data sets equal counts that were made independently."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from yoloaudit.dataset.ledger import class_counts, ledger
from yoloaudit.dataset.load import load
from yoloaudit.measure.scan import Scan

DATA = Path(__file__).parents[2] / "shared" / "data"
SPLITS = {"train2017": "train", "val2017": "val", "valid": "val", "all": "train"}
WHERE = {
    "coco128": "coco128/data.yaml",
    "captcha": "captcha/data/data.yaml",
    "cells": "cells/data.yaml",
    "filaria": "filaria/data/data.yaml",
    "kpoleobb": "kpoleobb/datasets/obb/obb.yaml",
    "rubik": "rubik/data.yaml",
    "yolomark": "yolomark/x64/Release/data/obj.data",
    "bccd": "bccd",
    "wagon": "wagon",
    "trex": "trex",
}

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the real data sets of shared/data")


def _truth(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((DATA / "truth" / f"{name}.json").read_text())
    return truth


def _instances(counted: list[dict[str, Any]], split: str) -> dict[int, int]:
    by_id = {entry["id"]: entry["splits"].get(split, {}).get("instances", 0) for entry in counted}
    return {number: count for number, count in by_id.items() if count}


@pytest.mark.parametrize("name", [name for name in WHERE if name not in ("bccd", "wagon", "trex")])
def test_yolo_and_darknet_sets(name: str) -> None:
    dataset = load(str(DATA / WHERE[name]))
    counts, classes = ledger(dataset), class_counts(dataset)
    for given, truth in _truth(name)["yolo"]["splits"].items():
        split = SPLITS.get(given, given)
        mine = counts[split]
        orphans = dataset.labels[(dataset.labels["image"] < 0) & (dataset.labels["split"] == split)]
        of_orphans = Counter(
            int(row.split()[0]) for path in orphans["path"] for row in Path(dataset.root, path).read_text().splitlines()
        )
        assert mine["images_found"] == truth["image"]["files"]
        assert mine["images_unreadable"] == truth["image"]["unreadable"]
        assert mine["images_without_label"] == truth["images_without_label_file"]
        assert mine["label_files_orphan"] == truth["label_files_without_image"]
        assert mine["label_files"] + mine["label_files_orphan"] == truth["label_files"]
        assert mine["images_empty_label"] == truth["label_files_empty_with_image"]
        assert mine["rows"] + of_orphans.total() == truth["counts"]["rows"]
        assert mine["rows_duplicate"] == truth["counts"].get("duplicate_rows_extra_numeric", 0)
        instances = Counter(_instances(classes, split)) + of_orphans
        assert instances == {int(number): count for number, count in truth["class_instances"].items()}


@pytest.mark.parametrize("name", ["wagon", "trex"])
def test_coco_sets(name: str) -> None:
    dataset = load(str(DATA / WHERE[name]))
    counts, classes = ledger(dataset), class_counts(dataset)
    for split, truth in _truth(name)["coco"]["splits"].items():
        assert counts[split]["images_found"] == truth["json_images"] == truth["images_on_disk"]
        assert counts[split]["images_listed_missing"] == truth["listed_but_missing_on_disk"]
        assert counts[split]["images_empty_label"] == truth["images_without_annotations"]
        assert counts[split]["rows"] == counts[split]["boxes"] == truth["annotations"]
        assert list(dataset.names) == [title for _, title in truth["category_list"]]
        assert _instances(classes, split) == {int(key): count for key, count in truth["category_instances"].items()}


def test_a_voc_set() -> None:
    dataset = load(str(DATA / WHERE["bccd"]))
    truth = _truth("bccd")["voc"]
    counts = ledger(dataset)
    assert {split: count["images_found"] for split, count in counts.items()} == {
        split: truth["imagesets"][split]["lines"] for split in ("train", "val", "test")
    }
    whole = truth["splits"]["all"]
    assert sum(count["rows"] for count in counts.values()) == whole["counts"]["objects"]
    assert sum(count["label_files"] for count in counts.values()) == whole["xml_files"]
    classes = {
        entry["name"]: sum(count["instances"] for count in entry["splits"].values()) for entry in class_counts(dataset)
    }
    assert classes == whole["class_instances"]


@pytest.mark.parametrize("name", WHERE)
def test_copies(name: str) -> None:
    with Scan(workers=1) as scan:
        dataset = load(str(DATA / WHERE[name]), headers=scan.headers)
        measures = scan.measures(dataset, ["hashes", "copies"])
    path, split = dataset.images["path"], dataset.images["split"].astype(str)
    files = measures["hashes"].assign(split=split)[~path.duplicated()]
    (counted,) = (part["duplicates"] for part in _truth(name).values() if "duplicates" in part)
    for column, kind in (("content", "byte_identical"), ("pixels", "pixel_identical")):
        truth = counted[kind]
        assert (files[column] >= 0).all()
        sizes = files.groupby([column, "split"]).size().unstack(fill_value=0)
        assert (sizes.sum(axis=1) > 1).sum() == truth["groups"]
        assert ((sizes > 0).sum(axis=1) > 1).sum() == truth["groups_across_splits"]
        assert sizes.sum(axis=1).sub(1).sum() == truth["extra_copies"]
        within = {(one,): int(sizes[one].sub(1).clip(0).sum()) for one in sizes}
        across = {pair: int((sizes[list(pair)] > 0).all(axis=1).sum()) for pair in combinations(sorted(sizes), 2)}
        expected = _by_split(truth["extra_copies_within_split"]) + _by_split(truth["groups_across_split_pair"])
        assert +Counter(within | across) == expected
    pairs = measures["copies"].query("kind != 'near'")[["first", "second"]].to_numpy().tolist()
    sides = [sorted({split[one], split[other]}) for one, other in pairs if path[one] != path[other]]
    assert Counter(map(tuple, sides)) == expected


def _by_split(counts: dict[str, int]) -> Counter[tuple[str, ...]]:
    """Counts of a split, or of a pair of splits (`test|valid`), by the names of ours; zeros left out."""
    return +Counter({tuple(sorted(SPLITS.get(part, part) for part in key.split("|"))): counts[key] for key in counts})
