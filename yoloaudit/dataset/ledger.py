"""The trainer's view, counted: images, label files, rows and boxes by split, and instances by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pandas import DataFrame

from yoloaudit.dataset.load import Dataset

MAX_LISTED_CLASSES = 1000
"""Class ids beyond the names that a report lists one by one."""
LEDGER_KEYS = (
    "images_found",
    "images_listed_missing",
    "images_unreadable",
    "images_used",
    "images_dropped",
    "images_empty_label",
    "images_without_label",
    "label_files",
    "label_files_orphan",
    "rows",
    "rows_broken",
    "rows_duplicate",
    "boxes",
    "boxes_used",
    "boxes_vanishing",
)


def ledger(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Counts by split; the keys and their meanings are those of the JSON report."""
    images, labels, listed = dataset.images, dataset.labels, dataset.listed
    boxes = dataset.boxes[["split", "error", "fate", "tokens", "vanishing"]]
    counts = {}
    nameless = listed["problem"].notna() & (listed["problem"] != "repeated")
    for split in dataset.splits:
        own, files, rows = (table[(table["split"] == split).to_numpy()] for table in (images, labels, boxes))
        counts[split] = _images_of(own, files) | {
            "images_listed_missing": int((nameless & (listed["split"] == split)).sum()),
            **_rows_of(files, rows),
        }
    return {split: {key: count[key] for key in LEDGER_KEYS} for split, count in counts.items()}


def _images_of(images: DataFrame, labels: DataFrame) -> dict[str, int]:
    fate = images["fate"]
    backgrounds = fate == "background"
    return {
        "images_found": len(images),
        "images_unreadable": int(images["error"].notna().sum()),
        "images_used": int((fate != "dropped").sum()),
        "images_dropped": int((fate == "dropped").sum()),
        "images_empty_label": int((backgrounds & (images["label"] >= 0)).sum()),
        "images_without_label": int((images["label"] < 0).sum()),
        "label_files": int((labels["image"] >= 0).sum()),
        "label_files_orphan": int((labels["image"] < 0).sum()),
    }


def _rows_of(labels: DataFrame, boxes: DataFrame) -> dict[str, int]:
    fate = boxes["fate"]
    paired = (fate != "orphan").to_numpy()
    readable = boxes["error"].isna().to_numpy()
    return {
        "rows": int(labels["lines"][labels["image"] >= 0].sum()),
        "rows_broken": int((paired & ~readable & (boxes["tokens"] > 0)).sum()),
        "rows_duplicate": int((fate == "duplicate").sum()),
        "boxes": int((paired & readable & (fate != "duplicate")).sum()),
        "boxes_used": int(fate.isin(["used", "altered"]).sum()),
        "boxes_vanishing": int(boxes["vanishing"].sum()),
    }


def class_counts(dataset: Dataset) -> list[dict[str, Any]]:
    """Images and instances of each class by split; ids beyond the names come last, without a name."""
    boxes = dataset.boxes
    counted = boxes[(boxes["error"].isna() & ~boxes["fate"].isin(["orphan", "duplicate"])).to_numpy()]
    by_split: dict[str, tuple[Mapping[Any, int], Mapping[Any, int]]] = {}
    for split in dataset.splits:
        own = counted.loc[(counted["split"] == split).to_numpy(), ["class_id", "image"]]
        instances = own["class_id"].value_counts().to_dict()
        by_split[split] = (own.drop_duplicates()["class_id"].value_counts().to_dict(), instances)
    known = range(len(dataset.names))
    foreign = sorted({number for _, counts in by_split.values() for number in counts if number not in known})
    return [
        {
            "id": int(number),
            "name": dataset.names[number] if number in known else None,
            "splits": {
                split: {"images": int(images.get(number, 0)), "instances": int(instances.get(number, 0))}
                for split, (images, instances) in by_split.items()
            },
        }
        for number in [*known, *foreign[:MAX_LISTED_CLASSES]]
    ]
