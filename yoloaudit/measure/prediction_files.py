"""The table `predictions` in a file: our own Parquet, or COCO's results JSON of any detector."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from yoloaudit.dataset.coco.document import UNTRUSTED, Budget
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.tables import PREDICTION_SOURCES, PREDICTIONS, Predictions
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.measure.coco_results import from_coco
from yoloaudit.measure.imported import IMPORTED, ImageNames, Imported, Notes, Raw, judged

MOST_ROWS, MOST_ROWS_UNTRUSTED = 50_000_000, 2_000_000
MAGIC = b"PAR1"
TEXTS = ("image", "source")
NUMBERS = {name: dtype for name, dtype in PREDICTIONS.items() if name not in TEXTS}


def read_predictions(path: str, dataset: Dataset, *, coco80to91: bool = False) -> Imported:
    """Detections that were brought along, in either kind of file; raises DataError with what to do."""
    budget = UNTRUSTED if dataset.untrusted else Budget()
    try:
        data = Root(os.getcwd()).read(os.path.abspath(path), budget.bytes).data
    except FileRefused as refused:
        raise DataError(f"{shorten(path, 200)} {refused}. Name a COCO results JSON or a predictions.parquet") from None
    if data[: len(MAGIC)] == MAGIC:
        return from_parquet(data, path, dataset)
    return from_coco(data, path, dataset, coco80to91=coco80to91)


def to_parquet(predictions: Predictions, paths: Sequence[str]) -> bytes:
    """The table as a file; `image` is the path below the root, from `paths` of the table `images`, by row."""
    from yoloaudit.train.output import parquet

    images = [paths[row] for row in predictions["image"].tolist()]
    numbers = {name: predictions[name].to_numpy() for name in NUMBERS}
    return parquet.to_parquet({"image": images, "source": predictions["source"].astype(str).tolist()}, numbers)


def from_parquet(data: bytes, name: str, dataset: Dataset) -> Imported:
    """The table in a file of ours, held against the data set as it is now; raises DataError."""
    from yoloaudit.train.output import parquet

    most = MOST_ROWS_UNTRUSTED if dataset.untrusted else MOST_ROWS
    try:
        columns: dict[str, Any] = parquet.from_parquet(data, TEXTS, NUMBERS, most)
    except parquet.NotParquet as error:
        raise DataError(f"{shorten(name, 200)} {error}. Name a predictions.parquet that yoloaudit wrote") from None
    names = ImageNames(dataset)
    rows = np.array([names.by_path(path) for path in columns["image"]], np.int64)
    known = {text: number for number, text in enumerate(PREDICTION_SOURCES)}
    sources = np.array([known.get(text, IMPORTED) for text in columns["source"]], np.int8)
    called = columns["image"]
    raw = Raw(
        rows[columns["image#"]],
        columns["class_id"].astype(np.int64),
        columns["score"].astype(np.float64),
        np.column_stack([columns[side] for side in ("x1", "y1", "x2", "y2")]).astype(np.float64),
        [called[code] for code in columns["image#"].tolist()],
        sources[columns["source#"]],
    )
    return judged(raw, dataset, Notes(len(raw.image)))
