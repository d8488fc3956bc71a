"""The trainer's view: each image and row has a fate, and the ledger adds up."""

from pathlib import Path

import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.trainer_view import class_counts, ledger
from yoloaudit.testing import lay_out


def _of(tmp_path: Path, **files: str | bytes | Picture | None) -> Dataset:
    return lay_out(str(tmp_path), Example({name.replace("__", "/") + _suffix(name): text for name, text in files.items()}))


def _suffix(name: str) -> str:
    return ".txt" if name.startswith("labels") else ".png"


def _fates(dataset: Dataset) -> list[str]:
    rows = dataset.boxes[dataset.boxes["split"] == "train"]
    return rows["fate"].astype(str).tolist()


@pytest.mark.parametrize(
    ("text", "fate", "rows"),
    [
        ("0 .5 .5 .2 .2\n", "used", ["used"]),
        ("", "background", []),
        (" \n\t\n", "background", []),
        ("0 .5 .5 .2 .2\n0 .5 .5 .2\n", "dropped", ["dropped", "broken"]),
        ("0 .5 .5 .2 .2\n0 1.01 .5 .2 .2\n", "dropped", ["dropped", "dropped"]),
        ("-1 .5 .5 .2 .2\n", "dropped", ["dropped"]),
        ("0 .95 .5 .4 .2\n", "used", ["used"]),
        ("9 .5 .5 0 .2\n", "used", ["used"]),
        ("0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n", "used", ["used", "duplicate"]),
        ("0 .5 .5 .2 .2\n1 .1 .1 .4 .1 .4 .5\n", "used", ["altered", "used"]),
        ("0 .5 .5 .2 .2\n \n0 .1 .1 .1 .1\n", "dropped", ["dropped", "broken", "dropped"]),
    ],
)
def test_fates_follow_the_trainers_rules(tmp_path: Path, text: str, fate: str, rows: list[str]) -> None:
    dataset = _of(tmp_path, labels__train__a=text)
    assert dataset.images["fate"].iat[0] == fate
    assert (dataset.images["cause"].iat[0] is not None) == (fate == "dropped")
    assert _fates(dataset) == rows


def test_a_missing_label_is_a_background_and_a_small_image_is_dropped(tmp_path: Path) -> None:
    dataset = _of(tmp_path, labels__train__a=None, images__val__b=Picture(40, 9))
    assert dataset.images["fate"].tolist() == ["background", "dropped"]
    assert "too small" in dataset.images["cause"].iat[1]


def test_the_ledger_adds_up(tmp_path: Path) -> None:
    dataset = _of(
        tmp_path,
        labels__train__a="0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n1 .5 .5 .001 .2\n",
        images__train__c=Picture(),
        labels__train__c="",
        images__train__d=Picture(),
        images__train__e=b"junk",  # type: ignore[arg-type]
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
        {"id": 0, "name": "cat", "splits": {"train": {"images": 2, "instances": 2}, "val": {"images": 0, "instances": 0}}},
        {"id": 1, "name": "dog", "splits": {"train": {"images": 1, "instances": 1}, "val": {"images": 1, "instances": 1}}},
    ]


def test_classes_beyond_the_names_are_counted_without_a_name(tmp_path: Path) -> None:
    counted = class_counts(_of(tmp_path, labels__train__a="7 .5 .5 .2 .2\n1e30 .5 .5 .2 .2\n"))
    assert [(entry["id"], entry["name"]) for entry in counted[2:]] == [(7, None), (2147483647, None)]


def test_pixels_are_those_of_the_image_as_the_trainer_turns_it(tmp_path: Path) -> None:
    dataset = _of(tmp_path, images__train__a=Picture(400, 200, "JPEG", orientation=6))
    row = dataset.boxes.iloc[0]
    assert (row["w_px"], row["h_px"]) == pytest.approx((40, 80))
    assert (row["w_train"], row["h_train"]) == pytest.approx((64, 128))
    assert [row[name] for name in ("x1", "y1", "x2", "y2")] == pytest.approx([80, 160, 120, 240])
