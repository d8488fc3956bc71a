"""Detections as COCO's results JSON: a list of {image_id or file_name, category_id, bbox [x, y, w, h] px, score}."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from yoloaudit.dataset.coco.document import UNTRUSTED, Budget
from yoloaudit.dataset.coco.rows import NUMBERS, condensed
from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json, shown, without_collector
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import Predictions
from yoloaudit.errors import DataError
from yoloaudit.findings import shorten
from yoloaudit.measure.imported import IMPORTED, UNKNOWN, ImageNames, Imported, Notes, Raw, judged

MISSING_IDS = frozenset({12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
COCO_IDS = tuple(number for number in range(1, 91) if number not in MISSING_IDS)
"""The category ids of COCO's 80 classes, in the order in which detectors number them from 0."""
EXPECTED = "a list of {image_id or file_name, category_id, bbox [x, y, w, h], score} is expected"
EXACT = 1 << 53
"""Up to here a 64-bit float holds every integer."""


def from_coco(data: bytes, name: str, dataset: Dataset, *, coco80to91: bool = False) -> Imported:
    """The detections in a results JSON; with `coco80to91` category ids are COCO's own, else class ids from 0.

    Raises DataError where it is no such JSON, or not one detection in it can be used.
    """
    budget = UNTRUSTED if dataset.untrusted else Budget()
    try:
        with without_collector():
            value = read_json(condensed(data), budget.containers).value
            if type(value) is not list:
                kind = "an object" if type(value) is dict else "a single value"
                raise DataError(f"{shorten(name, 200)} is no COCO results JSON: it holds {kind}; {EXPECTED}")
            if len(value) > budget.rows:
                raise DataError(
                    f"{shorten(name, 200)} holds {len(value):,} detections, above the limit of {budget.rows:,}"
                )
            notes = Notes(len(value))
            return judged(_raw(value, ImageNames(dataset), notes, coco80to91), dataset, notes)
    except JsonRefused as refused:
        raise DataError(f"{shorten(name, 200)} {refused} (line {refused.line:,}); {EXPECTED}") from None


def _raw(items: Sequence[Any], names: ImageNames, notes: Notes, coco80to91: bool) -> Raw:
    """The detections that have all that they need, in the right types."""
    number_of = {category: number for number, category in enumerate(COCO_IDS)} if coco80to91 else None
    rows: dict[Any, int] = {}
    images: list[int] = []
    called: list[Any] = []
    classes: list[int] = []
    numbers: list[tuple[float, ...]] = []
    for item in items:
        flaw = _flaw(item)
        if flaw is not None:
            notes.add(flaw, shown(item, 100))
            continue
        named = "file_name" in item
        key: Any = item["file_name" if named else "image_id"]
        key = int(key) if type(key) is float else key
        if (named, key) not in rows:
            rows[named, key] = names.by_path(key) if named else names.by_id(key)
        category = int(item["category_id"])
        images.append(rows[named, key])
        called.append(key)
        classes.append(category if number_of is None else number_of.get(category, UNKNOWN))
        numbers.append((*item["bbox"], item["score"]))
    values = np.array(numbers, np.float64).reshape(-1, 5)
    with np.errstate(over="ignore", invalid="ignore"):
        boxes = np.hstack([values[:, :2], values[:, :2] + values[:, 2:4]])
    source = np.full(len(images), IMPORTED, np.int8)
    return Raw(np.array(images, np.int64), np.array(classes, np.int64), values[:, 4], boxes, called, source)


def _flaw(item: Any) -> str | None:
    """Why an item of the list is no detection."""
    if type(item) is not dict:
        return "an item is no object"
    if "file_name" in item:
        if type(item["file_name"]) is not str:
            return "file_name is no text"
    elif type(item.get("image_id")) is not str and not _is_whole(item.get("image_id")):
        return "neither image_id nor file_name is there" if "image_id" not in item else "image_id is no id"
    if not _is_whole(item.get("category_id")):
        return "category_id is no whole number"
    box = item.get("bbox")
    if type(box) is not list or len(box) != 4 or not NUMBERS.issuperset(map(type, box)):
        return "bbox is not 4 numbers"
    return None if type(item.get("score")) in NUMBERS else "score is no number"


def _is_whole(value: Any) -> bool:
    return type(value) in NUMBERS and abs(value) < EXACT and value == int(value)


def to_coco(predictions: Predictions, paths: Sequence[str], *, coco80to91: bool = False) -> Iterator[str]:
    """The lines of a results JSON; `paths` of the table `images`, by row.

    `image_id` is the number that the file is named by, or its name without suffix; `file_name` is its path below the
    root, by which from_coco finds it again whatever it is called. With `coco80to91` category ids are COCO's own; of a
    data set with other classes than its 80, ids beyond stay as they are.
    """
    columns = (predictions[name].tolist() for name in ("image", "class_id", "score", "x1", "y1", "x2", "y2"))
    heads: dict[int, Mapping[str, Any]] = {}
    yield "["
    last = len(predictions) - 1
    for row, (image, number, score, x1, y1, x2, y2) in enumerate(zip(*columns, strict=True)):
        if image not in heads:
            heads[image] = {"image_id": _id_of(paths[image]), "file_name": paths[image]}
        category = COCO_IDS[number] if coco80to91 and 0 <= number < len(COCO_IDS) else number
        box = [round(side, 3) for side in (x1, y1, x2 - x1, y2 - y1)]
        entry = {**heads[image], "category_id": category, "bbox": box, "score": round(score, 5)}
        yield json.dumps(entry) + ("," if row < last else "")
    yield "]"


def _id_of(path: str) -> int | str:
    stem = os.path.splitext(os.path.basename(path))[0]
    return int(stem) if stem.isascii() and stem.isdecimal() and len(stem) <= 18 else stem
