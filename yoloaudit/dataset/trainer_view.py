"""What the trainer does with each image and row: used, dropped, altered, background; and the ledger that counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from yoloaudit.dataset.tables import IMAGE_FATES, ROW_ERRORS, ROW_FATES, Boxes, Images, Labels, categorical

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset

SMALLEST_SIDE = 10
"""An image with a shorter side is dropped."""
VANISHING_PX = 2.0
"""A box is dropped in training when a side is this or less at the training size."""
MAX_LISTED_CLASSES = 1000
"""Class ids beyond the names that a report lists one by one."""


def add_pixels(boxes: Boxes, images: Images, imgsz: int) -> None:
    """Fill the pixel columns of `boxes` in place; NaN where the image's size is unknown."""
    image = boxes["image"].to_numpy()
    sizes = images[["width", "height"]].to_numpy(dtype=np.float32)
    sizes[sizes <= 0] = np.nan
    sizes = np.vstack([sizes, np.full((1, 2), np.nan, np.float32)])
    width, height = sizes[image].T
    with np.errstate(over="ignore", invalid="ignore"):
        cx, cy, w, h = (boxes[name].to_numpy() for name in ("cx", "cy", "w", "h"))
        boxes["x1"], boxes["x2"] = (cx - w / 2) * width, (cx + w / 2) * width
        boxes["y1"], boxes["y2"] = (cy - h / 2) * height, (cy + h / 2) * height
        boxes["w_px"], boxes["h_px"] = w * width, h * height
        scale = np.float32(imgsz) / np.maximum(width, height)
        boxes["w_train"], boxes["h_train"] = w * width * scale, h * height * scale


def add_fates(images: Images, labels: Labels, boxes: Boxes, duplicate: NDArray[np.bool_]) -> None:
    """Fill `fate` and `cause` of images, `fate` and `vanishing` of rows, in place, by the trainer's rules."""
    drops = _drops_by_row(boxes)
    causes = _image_causes(images, labels, boxes, drops)
    dropped = np.array([cause is not None for cause in causes], dtype=bool)
    label = images["label"].to_numpy()
    lines = labels["lines"].to_numpy()
    empty = np.ones(len(images), dtype=bool)
    empty[label >= 0] = lines[label[label >= 0]] == 0
    images["fate"] = categorical(np.select([dropped, empty], [2, 1], 0), IMAGE_FATES)
    images["cause"] = causes
    _row_fates(boxes, dropped, duplicate)


def _drops_by_row(boxes: Boxes) -> NDArray[np.bool_]:
    """Rows that make the trainer drop their image: broken, a negative value, or a coordinate above 1."""
    broken = boxes["error"].cat.codes.to_numpy() >= 0
    coordinates = boxes[["cx", "cy", "w", "h"]].to_numpy()
    low = (coordinates < 0).any(axis=1) | (boxes["class_value"].to_numpy() < 0)
    outside: NDArray[np.bool_] = low | (coordinates > 1).any(axis=1)
    return broken | outside


def _image_causes(images: Images, labels: Labels, boxes: Boxes, drops: NDArray[np.bool_]) -> NDArray[np.object_]:
    causes = images["error"].to_numpy(dtype=object).copy()
    width, height = images["width"].to_numpy(), images["height"].to_numpy()
    small = (np.minimum(width, height) < SMALLEST_SIDE) & (width > 0) & (height > 0)
    for index in np.flatnonzero(small):
        causes[index] = f"is {width[index]} × {height[index]} px; a side below {SMALLEST_SIDE} px is too small"
    image_of = labels["image"].to_numpy()
    unread = labels["error"].notna().to_numpy() | (labels["flaw"] == "byte order mark").to_numpy()
    for index in np.flatnonzero(unread & (image_of >= 0)):
        why = labels["error"].iat[index] or "starts with a byte order mark, so its first number cannot be read"
        _note(causes, image_of[index], f"its label file {why}")
    owners = boxes["image"].to_numpy()
    bad = np.flatnonzero(drops & (owners >= 0))
    _, first = np.unique(owners[bad], return_index=True)
    for row in bad[first]:
        code = boxes["error"].cat.codes.iat[row]
        what = ROW_ERRORS[code] if code >= 0 else "a value below 0, or a coordinate above 1"
        _note(causes, owners[row], f"line {boxes['line'].iat[row]} of its label file: {what}")
    return causes


def _note(causes: NDArray[np.object_], image: int, cause: str) -> None:
    if causes[image] is None:
        causes[image] = cause


def _row_fates(boxes: Boxes, dropped: NDArray[np.bool_], duplicate: NDArray[np.bool_]) -> None:
    owner = boxes["image"].to_numpy()
    broken = boxes["error"].cat.codes.to_numpy() >= 0
    gone = np.append(dropped, False)[owner]
    altered = (boxes["kind"].cat.codes.to_numpy() == 0) & (boxes["tokens"].to_numpy() == 5) & _in_polygon_file(boxes)
    fates = [owner < 0, broken, duplicate, gone, altered]
    codes = [ROW_FATES.index(name) for name in ("orphan", "broken", "duplicate", "dropped", "altered")]
    boxes["fate"] = categorical(np.select(fates, codes, 0), ROW_FATES)
    small = (boxes["w_train"].to_numpy() <= VANISHING_PX) | (boxes["h_train"].to_numpy() <= VANISHING_PX)
    boxes["vanishing"] = small & ~broken & ~duplicate & ~gone & (owner >= 0)


def _in_polygon_file(boxes: Boxes) -> NDArray[np.bool_]:
    """Rows of files in which any row has more than 6 fields: the trainer reads all of them as polygons."""
    many = boxes["tokens"].to_numpy() > 6
    if not many.any():
        return many
    label = boxes["label"].to_numpy()
    marked = np.zeros(int(label.max()) + 1, dtype=bool)
    marked[label[many]] = True
    inside: NDArray[np.bool_] = marked[label]
    return inside


def ledger(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Counts by split; the keys and their meanings are those of the JSON report."""
    images, labels, boxes, listed = dataset.images, dataset.labels, dataset.boxes, dataset.listed
    counts = {}
    for split in dataset.splits:
        own, files, rows = (table[(table["split"] == split).to_numpy()] for table in (images, labels, boxes))
        counts[split] = _images_of(own, files) | {
            "images_listed_missing": int((listed["problem"].notna() & listed["problem"].ne("repeated"))[listed["split"] == split].sum()),
            **_rows_of(files, rows),
        }
    return {split: {key: count[key] for key in LEDGER_KEYS} for split, count in counts.items()}


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
    by_split: dict[str, tuple[Mapping[int, int], Mapping[int, int]]] = {}
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
