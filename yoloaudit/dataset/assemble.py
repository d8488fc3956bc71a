"""Columns read by workers → the tables `images`, `labels` and `boxes`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yoloaudit.dataset.images import Header
from yoloaudit.dataset.kinds import name_kinds
from yoloaudit.dataset.labels import LabelRows
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.tables import BOXES, IMAGES, KINDS, LABELS, ROW_ERRORS, Boxes, Images, Labels, categorical, table

ROTATED = 5
"""EXIF orientations from this on swap width and height."""


def images_table(layout: Layout, headers: Mapping[str, Any]) -> Images:
    """One row an image, from columns of Header, none if no image was opened.

    Width and height are as the trainer sees them, with the EXIF rotation applied, 0 where unread.
    """
    count = len(layout.images)
    columns = dict(headers)
    if not headers:
        columns = {name: np.full(count, default) for name, default in Header()._asdict().items() if default is not None}
    width, height, orientation = (np.asarray(columns[name]) for name in ("width", "height", "orientation"))
    turned = orientation >= ROTATED
    most = np.iinfo(np.int32).max
    columns["width"] = np.minimum(np.where(turned, height, width), most)
    columns["height"] = np.minimum(np.where(turned, width, height), most)
    return table(
        IMAGES,
        columns
        | {
            "split": pd.Categorical(layout.image_splits, categories=list(layout.splits)),
            "path": _relative(layout, layout.images),
            "label": layout.label_of,
            "source": layout.sources,
            "frame": layout.frames,
        },
    )


def labels_table(layout: Layout, parts: Sequence[LabelRows]) -> Labels:
    """One row a label file: those of images first, orphans after them."""
    owners = np.full(len(layout.labels), -1, np.int32)
    label_of = np.asarray(layout.label_of, dtype=np.int64)
    paired = np.flatnonzero(label_of >= 0)
    owners[label_of[paired]] = paired
    errors, flaws = np.full(len(owners), None, dtype=object), np.full(len(owners), None, dtype=object)
    start = 0
    for part in parts:
        for position, why in part.errors.items():
            errors[start + position] = why
        for position, why in part.flaws.items():
            flaws[start + position] = why
        start += len(part.lines)
    return table(
        LABELS,
        {
            "split": pd.Categorical(layout.label_splits, categories=list(layout.splits)),
            "path": _relative(layout, layout.labels),
            "image": owners,
            "lines": _joined([part.lines for part in parts], np.int32),
            "bytes": _joined([part.sizes for part in parts], np.int64),
            "error": errors,
            "flaw": flaws,
            "modified": _joined([part.modified for part in parts], np.float64),
        },
    )


def boxes_table(labels: Labels, parts: Sequence[LabelRows]) -> tuple[Boxes, NDArray[np.bool_]]:
    """One row a line of a label file, and which rows repeat an earlier one of their file."""
    starts = np.cumsum([0, *(len(part.lines) for part in parts)])
    label = _joined([part.file + start for part, start in zip(parts, starts, strict=False)], np.int32)
    values = np.concatenate([part.values.T for part in parts], axis=1) if parts else np.zeros((5, 0), np.float32)
    tokens = _joined([part.tokens for part in parts], np.int32)
    raw: list[str] = []
    for part in parts:
        raw += part.text.decode("utf-8", "surrogatepass").split("\n")[:-1]
    kinds = _joined([part.kind for part in parts], np.int8)
    name_kinds(kinds, tokens, raw)
    owners = labels["image"].to_numpy()
    split = labels["split"].cat
    boxes = table(
        BOXES,
        {
            "image": owners[label],
            "label": label,
            "line": _joined([part.line for part in parts], np.int32),
            "raw": np.array(raw, dtype=object),
            "error": categorical(_joined([part.error for part in parts], np.int8), ROW_ERRORS),
            "kind": categorical(kinds, KINDS),
            "tokens": tokens,
            **dict(zip(("class_value", "cx", "cy", "w", "h"), values, strict=True)),
            "class_id": class_ids(values[0]),
            "split": categorical(split.codes.to_numpy()[label], list(split.categories)),
        },
    )
    return boxes, _joined([part.duplicate for part in parts], np.bool_)


def class_ids(values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Class numbers as the trainer takes them: truncated; -1 for anything below zero or unreadable."""
    most = np.iinfo(np.int32).max
    whole = np.clip(np.nan_to_num(values.astype(np.float64), nan=-1.0), -1.0, most)
    return np.where(whole < 0, -1, np.trunc(whole)).astype(np.int64).astype(np.int32)


def _joined(parts: Sequence[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)


def _relative(layout: Layout, paths: Sequence[str]) -> NDArray[np.object_]:
    prefix = layout.root.path.rstrip(os.sep) + os.sep
    start, quick = len(prefix), os.sep == "/"
    inside = [path[start:] if quick and path.startswith(prefix) else layout.root.relative(path) for path in paths]
    relative = np.empty(len(paths), dtype=object)
    relative[:] = inside
    return relative
