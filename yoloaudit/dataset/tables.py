"""Columns and dtypes of every table, in one place.

Ids are row positions; -1 stands for none, so that columns stay integers. Boxes are float32, as the trainer holds them:
cx cy w h are shares of the image, x1 y1 x2 y2 w_px h_px are pixels of the image as the trainer sees it (NaN where the
image's size is unknown), w_train h_train are pixels once the image is scaled to the training size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas import DataFrame

pd.set_option("mode.string_storage", "python")  # pyarrow, where it is installed, refuses names that are not UTF-8

Images: TypeAlias = DataFrame
Labels: TypeAlias = DataFrame
Boxes: TypeAlias = DataFrame
Listed: TypeAlias = DataFrame
Strays: TypeAlias = DataFrame
Pixels: TypeAlias = DataFrame
Hashes: TypeAlias = DataFrame
Copies: TypeAlias = DataFrame
Borders: TypeAlias = DataFrame
Predictions: TypeAlias = DataFrame
Matches: TypeAlias = DataFrame
Skill: TypeAlias = DataFrame
Judgements: TypeAlias = DataFrame
Crops: TypeAlias = DataFrame
Defects: TypeAlias = DataFrame

KINDS = ["box", "polygon", "oriented", "keypoints"]
"""What a row of a label file looks like; `oriented` has 4 corners, `keypoints` a box and points."""
ROW_ERRORS = [
    "undecodable-label",
    "non-numeric-value",
    "non-finite-value",
    "wrong-field-count",
    "confidence-column",
    "broken-polygon",
]
"""Why a row yields no box: the name of the check that reports it."""
IMAGE_FATES = ["used", "background", "dropped"]
ROW_FATES = ["used", "altered", "duplicate", "dropped", "broken", "orphan"]
"""What the trainer does with a row: `altered` trains on another box than it says, `dropped` goes with its image."""

IMAGES: Mapping[str, str] = {
    "split": "category",
    "path": "object",  # relative to the root, with /
    "width": "int32",  # as the trainer sees the image, EXIF rotation applied; 0 unknown
    "height": "int32",
    "bytes": "int64",
    "format": "object",  # JPEG, PNG … by content; None unknown
    "mode": "object",  # Pillow's: L, RGB, RGBA, P, CMYK, I;16 …
    "channels": "int8",
    "frames": "int32",
    "orientation": "int8",  # the EXIF tag, 1 where absent
    "complete": "bool",  # False: a JPEG whose last two bytes are not FF D9
    "label": "int32",  # its label file, -1 none
    "error": "object",  # why it cannot be opened, None if it can
    "fate": "category",  # IMAGE_FATES
    "cause": "object",  # why it is dropped or altered, in words; None
    "source": "object",  # clip or original that the file name tells of; None
    "frame": "int64",  # number within the clip, -1 none
}
LABELS: Mapping[str, str] = {
    "split": "category",
    "path": "object",
    "image": "int32",  # -1: orphan, no image goes with it
    "lines": "int32",  # rows that are not blank
    "bytes": "int64",
    "error": "object",  # why it cannot be read as text, None if it can
    "flaw": "object",  # readable, yet odd: byte order mark, carriage returns alone
    "modified": "float64",  # seconds since the epoch
}
BOXES: Mapping[str, str] = {
    "image": "int32",
    "label": "int32",
    "line": "int32",  # from 1
    "raw": "object",  # the row's text, without its line end
    "error": "category",  # ROW_ERRORS, NaN where the row yields a box
    "kind": "category",  # KINDS
    "tokens": "int32",
    "class_value": "float32",  # as written
    "class_id": "int32",  # truncated, as the trainer does; -1 below zero, 2147483647 beyond int32
    "cx": "float32",
    "cy": "float32",
    "w": "float32",
    "h": "float32",
    "split": "category",
    "x1": "float32",
    "y1": "float32",
    "x2": "float32",
    "y2": "float32",
    "w_px": "float32",
    "h_px": "float32",
    "w_train": "float32",
    "h_train": "float32",
    "fate": "category",  # ROW_FATES
    "vanishing": "bool",  # 2 px or less on a side at the training size
}
LISTED: Mapping[str, str] = {
    "split": "object",
    "file": "object",  # the list, relative to the root
    "line": "int32",
    "text": "object",
    "path": "object",  # what it names, relative to the root; None where it is refused
    "problem": "object",  # None, missing, outside, remote, repeated, special, undecodable
}
STRAYS: Mapping[str, str] = {
    "path": "object",
    "kind": "object",  # label-suffix-case, ignored-image, trainer-cache, misplaced-label, linked-out, not-entered
    "image": "int32",  # the image it belongs to by stem, -1 none
    "detail": "object",
    "modified": "float64",
}
PIXELS: Mapping[str, str] = {
    "damage": "object",  # why a full decode fails or ends early, None where it does not
    "decoded": "bool",  # False: the columns below say nothing, because the image cannot be decoded or is too large
    "brightness_p5": "float32",  # percentiles of the perceived brightness of the pixels, 0 to 1
    "brightness_p50": "float32",
    "brightness_p99": "float32",
    "contrast": "float32",  # standard deviation of the grey levels, 0 to 0.5
    "sharpness": "float32",  # standard deviation of the Laplacian of the grey levels (0 to 255) at reduced size
    "entropy": "float32",  # of the grey levels, in bits, 0 to 8
    "saturation": "float32",  # mean spread between the channels of a pixel, 0 to 1
    "grey": "bool",  # no pixel has any colour
    "red": "float32",  # means of the channels, 0 to 1
    "green": "float32",
    "blue": "float32",
    "camera": "object",  # maker and model by EXIF; None
    "taken": "int64",  # EXIF time of the photograph, seconds since 1970 by the camera's own clock; -1 none
}
"""Row i is image i. Measured on the image at a reduced size, each pixel the mean of a block of pixels."""
HASHES: Mapping[str, str] = {
    "content": "int64",  # equal number: equal bytes; -1 unread
    "pixels": "int64",  # equal number: equal decoded pixels; -1 not decoded
    "perceptual": "uint64",  # 64 bits; near images differ in few of them
    "cluster": "int64",  # equal number: connected by copies, near or exact; -1 not decoded
}
"""Row i is image i."""
COPY_KINDS = ["bytes", "pixels", "near"]
COPIES: Mapping[str, str] = {
    "first": "int32",  # image, the earlier one in the table
    "second": "int32",  # image
    "kind": "category",  # COPY_KINDS: equal bytes; equal pixels in other bytes; near-duplicate
    "distance": "int8",  # bits of 64 by which the perceptual hashes differ
    "correlation": "float32",  # of the two at 64 × 64 grey pixels
}
"""Pairs of images that show the same. Of a group of n exact copies it holds n - 1 pairs, each with the group's first
image in that split, and one pair for each two splits; near pairs are between the first images of such groups."""
BORDERS: Mapping[str, str] = {
    "left": "float32",  # share of the box's width from its left edge that holds no gradient; NaN where not measured
    "top": "float32",
    "right": "float32",
    "bottom": "float32",
}
"""Row i is box i: how much of a box is empty on each side, for boxes large enough to be seen at 64 × 64 pixels."""
PREDICTION_SOURCES = ["out-of-fold", "val", "in-sample", "imported"]
"""How a model came to see an image: it never trained on it, but others of its fold; on none of its split; on this very
image; or somebody else's model did, of which nothing is known."""
PREDICTIONS: Mapping[str, str] = {
    "image": "int32",
    "class_id": "int32",
    "score": "float32",  # objectness times class probability, 0 to 1
    "x1": "float32",
    "y1": "float32",
    "x2": "float32",
    "y2": "float32",
    "source": "category",  # PREDICTION_SOURCES
}
"""One row a detection, by image; those of an image by score, the highest first."""
MATCHES: Mapping[str, str] = {
    "box": "int32",  # row of `boxes`
    "detection": "int32",  # row of `predictions`
    "iou": "float32",
}
"""Labels and detections, each at most once: pairs of an image that overlap by half or more, whatever their classes."""
SKILL: Mapping[str, str] = {
    "labels": "int32",
    "detections": "int32",
    "ap50": "float32",  # NaN without labels
    "recall": "float32",  # at the threshold
    "threshold": "float32",  # the least score at which detections are right as often as asked; NaN where there is none
    "pooled": "bool",  # too few detections of the class: the threshold is that of all classes together
    "confident": "int32",  # detections at or above the threshold
    "iou": "float32",  # median overlap of confident right detections with their labels; NaN where there is none
    "spread": "float32",  # standard deviation of an edge of theirs, as a share of the box's side
}
"""Row i is class i: how well the model knows it, held against the labels as they are."""
JUDGED = ["missing", "location", "class", "spurious", "duplicate"]
"""What may be wrong: an object without a label; a label's box, its class, that it is there at all, or there twice."""
JUDGEMENTS: Mapping[str, str] = {
    "image": "int32",
    "box": "int32",  # row of `boxes`; -1: an object without label
    "kind": "category",  # JUDGED
    "score": "float32",  # probability that it is so, 0 to 1
    "class_id": "int32",  # what the model proposes; -1 nothing
    "x1": "float32",  # the box it proposes, pixels; NaN where it proposes none
    "y1": "float32",
    "x2": "float32",
    "y2": "float32",
    "error_px": "float32",  # how far the model's own edges stray here (standard deviation); NaN where it has none
    "detection": "float32",  # score of the detection that speaks for it; 0 none
    "source": "category",  # PREDICTION_SOURCES
}
"""One row a label, or object without label, and kind: by image, box, kind. Scores below a hundredth are left out."""
CROPS: Mapping[str, str] = {
    "box": "int32",  # row of `boxes`
    "neighbours": "int32",  # labels nearest in the model's feature space that were asked
    "share": "float32",  # of them that carry the class that is most frequent among them and is not the label's own
    "class_id": "int32",  # that class
}
"""Row: a label and what its nearest neighbours by look are called; from our own model only."""
SPLITS = ["train", "val", "test"]


def table(columns: Mapping[str, str], values: Mapping[str, Any]) -> DataFrame:
    """A table of these columns; what `values` lacks is filled with none."""
    size = len(next(iter(values.values()))) if values else 0
    filled = {}
    for name, dtype in columns.items():
        column = values.get(name)
        filled[name] = empty(dtype, size) if column is None else as_column(column, dtype)
    return DataFrame(filled, copy=False)


def as_column(column: Any, dtype: str) -> Any:
    """One column in its dtype; object columns stay objects, so that text is never rebuilt."""
    if dtype == "object":
        if isinstance(column, np.ndarray) and column.dtype == object:
            return pd.Series(column, dtype=object, copy=False)
        return pd.Series(list(column), dtype=object)
    if dtype == "category":
        return column if isinstance(column, pd.Categorical | pd.Series) else pd.Categorical(column)
    return np.asarray(column, dtype=dtype)


def empty(dtype: str, size: int) -> Any:
    """A column that says nothing yet."""
    if dtype == "object":
        return pd.Series(np.full(size, None, dtype=object), dtype=object)
    if dtype == "category":
        return categorical(np.full(size, -1), [])
    fill = {"int32": -1, "int64": -1, "bool": False, "int8": 0, "uint64": 0}.get(dtype, np.nan)
    return np.full(size, fill, dtype=dtype)


def categorical(codes: Any, categories: list[str]) -> Any:
    """A category column from its codes; -1 is none."""
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int8), categories=pd.Index(categories, dtype=object))
