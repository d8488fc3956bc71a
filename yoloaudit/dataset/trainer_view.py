"""What the trainer does with each image and row: used, dropped, altered, duplicate or background, and why."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import IMAGE_FATES, ROW_ERRORS, ROW_FATES, Boxes, Images, Labels, categorical

SMALLEST_SIDE = 10
"""An image with a shorter side is dropped."""
VANISHING_PX = 2.0
"""A box is dropped in training when a side is this or less at the training size."""


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
    for index in np.flatnonzero(small).tolist():
        causes[index] = f"is {width[index]} × {height[index]} px; a side below {SMALLEST_SIDE} px is too small"
    image_of, errors = labels["image"].to_numpy(), labels["error"].to_numpy()
    unread = labels["error"].notna().to_numpy() | (labels["flaw"] == "byte order mark").to_numpy()
    for index in np.flatnonzero(unread & (image_of >= 0)).tolist():
        why = errors[index] or "starts with a byte order mark, so its first number cannot be read"
        _note(causes, image_of[index], f"its label file {why}")
    owners, lines, codes = boxes["image"].to_numpy(), boxes["line"].to_numpy(), boxes["error"].cat.codes.to_numpy()
    bad = np.flatnonzero(drops & (owners >= 0))
    _, first = np.unique(owners[bad], return_index=True)
    for row in bad[first].tolist():
        what = ROW_ERRORS[codes[row]] if codes[row] >= 0 else "a value below 0, or a coordinate above 1"
        _note(causes, owners[row], f"line {lines[row]} of its label file: {what}")
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
