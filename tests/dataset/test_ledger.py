"""The ledger adds up, and classes are counted, those beyond the names too."""

from pathlib import Path

from yoloaudit.checks.base import Example, Picture
from yoloaudit.dataset.ledger import class_counts, ledger
from yoloaudit.dataset.load import Dataset
from yoloaudit.testing import lay_out


def _of(tmp_path: Path, **files: str | bytes | Picture | None) -> Dataset:
    return lay_out(
        str(tmp_path), Example({name.replace("__", "/") + _suffix(name): text for name, text in files.items()})
    )


def _suffix(name: str) -> str:
    return ".txt" if name.startswith("labels") else ".png"


def _fates(dataset: Dataset) -> list[str]:
    rows = dataset.boxes[dataset.boxes["split"] == "train"]
    return rows["fate"].astype(str).tolist()


def test_the_ledger_adds_up(tmp_path: Path) -> None:
    dataset = _of(
        tmp_path,
        labels__train__a="0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n1 .5 .5 .001 .2\n",
        images__train__c=Picture(),
        labels__train__c="",
        images__train__d=Picture(),
        images__train__e=b"junk",
        labels__train__e="0 .5 .5 .2 .2\n0 nan 1 1 1\n",
        labels__train__orphan="0 .5 .5 .2 .2\n",
    )
    train = ledger(dataset)["train"]
    assert train == {
        "images_found": 4,
        "images_listed_missing": 0,
        "images_unreadable": 1,
        "images_used": 3,
        "images_dropped": 1,
        "images_empty_label": 1,
        "images_without_label": 1,
        "label_files": 3,
        "label_files_orphan": 1,
        "rows": 5,
        "rows_broken": 1,
        "rows_duplicate": 1,
        "boxes": 3,
        "boxes_used": 2,
        "boxes_vanishing": 1,
    }
    assert class_counts(dataset) == [
        {"id": 0, "name": "cat", "splits": {"train": _count(2, 2), "val": _count(0, 0)}},
        {"id": 1, "name": "dog", "splits": {"train": _count(1, 1), "val": _count(1, 1)}},
    ]


def _count(images: int, instances: int) -> dict[str, int]:
    return {"images": images, "instances": instances}


def test_classes_beyond_the_names_are_counted_without_a_name(tmp_path: Path) -> None:
    counted = class_counts(_of(tmp_path, labels__train__a="7 .5 .5 .2 .2\n1e30 .5 .5 .2 .2\n"))
    assert [(entry["id"], entry["name"]) for entry in counted[2:]] == [(7, None), (2147483647, None)]
