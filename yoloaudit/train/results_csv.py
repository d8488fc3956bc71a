"""The bytes of a results.csv, of YOLOv5 or of ours → its columns as numbers. Nothing in it is believed.

The header is YOLOv5's: `epoch`, losses of training, scores, losses of validation, learning rates; cells are padded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.training_run import Epochs

MOST_BYTES, MOST_EPOCHS, MOST_CELLS, MOST_CELL = 64_000_000, 200_000, 100, 40
LAST_EPOCH = 10**9
LOSSES = ("box_loss", "obj_loss", "cls_loss")
TRAIN, VAL = (tuple(f"{part}/{name}" for name in LOSSES) for part in ("train", "val"))
SCORES = ("metrics/precision", "metrics/recall", "metrics/mAP_0.5", "metrics/mAP_0.5:0.95")
RATES = ("x/lr0", "x/lr1", "x/lr2")
COLUMNS = ("epoch", *TRAIN, *SCORES, *VAL, *RATES)

Columns: TypeAlias = Mapping[str, NDArray[np.float64]]
"""Of those of COLUMNS that a file has, all equally long, by ascending epoch."""


class NotResults(Exception):
    """A file that is no results.csv: why."""


def read_results(data: bytes) -> Columns:
    """The columns of a file; a cell that is no number is NaN, and of rows with the same epoch the last one counts.

    A last row that was cut off while it was written is left out. Raises NotResults.
    """
    if len(data) > MOST_BYTES:
        raise NotResults(f"is {len(data):,} bytes, above the limit of {MOST_BYTES:,}")
    if b"\0" in data:
        raise NotResults("holds NUL bytes, so it is no text")
    lines = data.decode("utf-8-sig", "replace").splitlines()
    rows = [[cell.strip() for cell in line.split(",", MOST_CELLS)] for line in lines[: MOST_EPOCHS + 2]]
    header = rows[0] if rows else []
    if "epoch" not in header or not set(header) & {*TRAIN, *SCORES}:
        raise NotResults("has no header with `epoch`, losses and scores")
    if len(rows) > MOST_EPOCHS + 1:
        raise NotResults(f"has more than {MOST_EPOCHS:,} rows")
    whole = [row for row in rows[1:] if len(row) == len(header)]
    known = {name: header.index(name) for name in COLUMNS if name in header}
    numbers = {name: np.array([_number(row[at]) for row in whole], np.float64) for name, at in known.items()}
    return _by_epoch(numbers)


def _number(cell: str) -> float:
    if len(cell) > MOST_CELL or not cell.isascii() or "_" in cell:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return np.nan


def _by_epoch(numbers: Mapping[str, NDArray[np.float64]]) -> Columns:
    epoch = numbers["epoch"]
    sound = np.flatnonzero((epoch >= 0) & (epoch <= LAST_EPOCH) & (epoch == np.floor(epoch)))
    _, last = np.unique(epoch[sound][::-1], return_index=True)
    kept = sound[len(sound) - 1 - last]
    return {name: column[kept] for name, column in numbers.items()}


def epochs_of(columns: Columns) -> Epochs:
    """The columns as what was measured after each epoch."""
    size = len(columns["epoch"])

    def column(name: str) -> NDArray[np.float64]:
        found = columns.get(name, np.full(size, np.nan))
        return np.where(np.isfinite(found), found, np.nan)

    def table(names: Sequence[str]) -> NDArray[np.float64]:
        return np.stack([column(name) for name in names], axis=1)

    scores = [column(name) for name in SCORES]
    return Epochs(columns["epoch"].astype(np.int64), table(TRAIN), table(VAL), *scores)
