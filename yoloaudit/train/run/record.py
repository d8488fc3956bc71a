"""Events of a training → the files that tell of it: results.csv, opt.yaml, hyp.yaml, TensorBoard's, the run as JSON.

Names, columns and widths are YOLOv5's. results.csv is written anew after every epoch, so that no row is ever torn.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, Protocol

import cv2
import numpy as np
import torch
import torchvision
import yaml

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root, write_atomically
from yoloaudit.train.config import Hyper, Options
from yoloaudit.train.results_csv import COLUMNS
from yoloaudit.train.types import Epoch
from yoloaudit.version import __version__

RESULTS, OPTIONS, HYPER, RECORD = "results.csv", "opt.yaml", "hyp.yaml", "record.json"
FORMAT, MOST_BYTES = 1, 500_000_000
BASELINE = "baseline"
"""The `kind` of a run that has all files of a baseline, too."""
WIDTH = 20
"""Characters of a cell of results.csv."""


class Board(Protocol):
    """What TensorBoard is told with."""

    def add_scalar(self, name: str, value: float, step: int) -> None: ...
    def close(self) -> None: ...


def row_of(epoch: Epoch) -> dict[str, float]:
    """An epoch by the columns of results.csv."""
    scores = (epoch.precision, epoch.recall, epoch.map50, epoch.map50_95)
    values = (epoch.epoch, *epoch.losses, *scores, *epoch.val_losses, *epoch.rates)
    return dict(zip(COLUMNS, values, strict=True))


def results_csv(history: Iterable[Epoch]) -> bytes:
    """The file: a header and a row an epoch, cells of 20 characters, five digits that count."""
    rows = [COLUMNS, *(tuple(f"{value:.5g}" for value in row_of(epoch).values()) for epoch in history)]
    return "".join(",".join(f"{cell:>{WIDTH}}" for cell in row) + "\n" for row in rows).encode("ascii")


def epoch_of(values: Mapping[str, Any]) -> Epoch:
    """An epoch from its values as JSON holds them; raises ValueError, TypeError or KeyError if they are none."""
    triples = {name: _triple(values[name]) for name in ("losses", "rates", "val_losses")}
    plain = {name: values[name] for name in Epoch.__dataclass_fields__ if name not in triples}
    if type(plain["epoch"]) is not int or type(plain["best"]) is not bool:
        raise TypeError("an epoch has a number")
    floats = {name: float(value) for name, value in plain.items() if name not in ("epoch", "best")}
    return Epoch(epoch=plain["epoch"], best=plain["best"], **floats, **triples)  # type: ignore[arg-type]  # by name


def _triple(values: Any) -> tuple[float, float, float]:
    box, objectness, classes = (float(value) for value in values)
    return box, objectness, classes


class Record:
    """Keeps the files of a run folder up to date with what happens."""

    def __init__(self, folder: str, history: Sequence[Epoch] = (), *, board: Board | None = None) -> None:
        """`history`: the epochs that are done already; later ones in the files are forgotten."""
        self.folder = folder
        self.history = list(history)
        self.board = board
        if self.history or os.path.exists(os.path.join(folder, RESULTS)):
            self._write(RESULTS, results_csv(self.history))

    def settings(self, options: Options, hyper: Hyper) -> None:
        """Write opt.yaml and hyp.yaml."""
        self._write(OPTIONS, options_yaml(options, hyper, self.folder))
        self._write(HYPER, _yaml(hyper.model_dump(exclude_none=True)))

    def take(self, epoch: Epoch) -> None:
        """An epoch is done."""
        self.history.append(epoch)
        self._write(RESULTS, results_csv(self.history))
        if self.board is not None:
            for name, value in row_of(epoch).items():
                if name != COLUMNS[0]:
                    self.board.add_scalar(name, value, epoch.epoch)

    def close(self, facts: Mapping[str, Any] | None = None) -> None:
        """No more epochs come; `facts` are written as record.json."""
        if facts is not None:
            self._write(RECORD, (json.dumps(plain(facts), indent=1, allow_nan=False) + "\n").encode("ascii"))
        if self.board is not None:
            self.board.close()

    def _write(self, name: str, data: bytes) -> None:
        write_atomically(os.path.join(self.folder, name), data)


def kind_of(folder: str, history: Sequence[Epoch]) -> str | None:
    """What the record in a run folder calls itself, empty where nothing; None where there is no record of these epochs.

    One of other epochs is of the run as it was before, or of an earlier one in this folder.
    """
    root = Root(os.path.abspath(folder))
    try:
        told = json.loads(root.read(os.path.join(root.path, RECORD), MOST_BYTES).data)
        return str(told.get("kind", "")) if told["history"] == _epochs(history) else None
    except (FileRefused, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _epochs(history: Sequence[Epoch]) -> Any:
    """As a record holds them."""
    return plain([asdict(epoch) for epoch in history])


def tensorboard(folder: str) -> Board | None:
    """A writer of TensorBoard's files, where that package is installed."""
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    board: Board = SummaryWriter(folder)
    return board


def options_yaml(options: Options, hyper: Hyper, folder: str) -> bytes:
    """opt.yaml: all options, the hyper-parameters among them, and the run folder."""
    values = options.model_dump() | {"freeze": list(options.freeze)}
    return _yaml(values | {"hyp": hyper.model_dump(exclude_none=True), "save_dir": folder})


def _yaml(values: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=False).encode("ascii")


def facts_of_run(
    dataset: Dataset,
    options: Options,
    hyper: Hyper,
    history: Sequence[Epoch],
    *,
    device: str,
    seconds: float,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What makes a run comparable with another: data, settings, versions, device, and what came of it."""
    images = dataset.images
    splits = {
        split: {
            "images": int((images["split"] == split).sum()),
            "used": int(((images["split"] == split) & (images["fate"] != "dropped")).sum()),
        }
        for split in dataset.splits
    }
    best = max((epoch for epoch in history if epoch.best), key=lambda epoch: epoch.epoch, default=None)
    return {
        "format": FORMAT,
        "tool": {"name": "yoloaudit", "version": __version__},
        "dataset": dict(dataset.facts()) | {"splits": splits},
        "options": options.model_dump() | {"freeze": list(options.freeze)},
        "hyper": hyper.model_dump(),
        "versions": versions(),
        "device": device,
        "seconds": seconds,
        "epochs": len(history),
        "best": None if best is None else asdict(best),
        "history": [asdict(epoch) for epoch in history],
        **(more or {}),
    }


def versions() -> dict[str, str]:
    """Of what computes."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "torchvision": str(torchvision.__version__),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "cuda": torch.version.cuda or "",
        "platform": platform.platform(),
    }


def plain(value: Any) -> Any:
    """The same for JSON: none in place of numbers that are not finite, lists in place of tuples."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
