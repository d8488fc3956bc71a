"""A run folder → what a comparison takes of it: settings, data, epochs, and how it did on val, image by image.

`record.json`, which yoloaudit writes last, tells it; nothing in it is believed. What cannot be compared is refused
with one line that says what to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.errors import DataError, FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.train.output.record_json import NotEvidence, unpacked
from yoloaudit.train.results_csv import MOST_BYTES, NotResults, epochs_of, read_results
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.training_run import FOLDS, Epochs

RECORD, RESULTS = "record.json", "results.csv"
MOST_JSON, MOST_CONTAINERS = 500_000_000, 500_000
MOST_NAME, MOST_NAMES = 200, 100_000
BEGUN = (RESULTS, "opt.yaml", "weights")
"""What a run folder holds before it is finished."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A run that is finished and was held against val."""

    folder: str
    """As the user named it, with `/`."""
    names: tuple[str, ...]
    """Of its classes, by id."""
    evidence: Evidence
    record: Mapping[str, Any] = field(default_factory=dict)
    """All else that it tells, as plain values that are still to be checked."""
    epochs: Epochs | None = None
    """Of its results.csv."""

    def told(self, *path: str) -> Any:
        """A value of the record; None where it does not tell it."""
        value: Any = self.record
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def read_trained(folder: str) -> Trained:
    """The run in a folder; raises UsageError where there is none, and DataError where it cannot be compared."""
    said = shorten(folder, 200)
    if "\0" in folder or not os.path.isdir(folder):
        raise UsageError(f"{said}: there is no such folder. Name a run folder as runs/baseline/exp")
    place = os.path.realpath(folder)
    if os.path.basename(os.path.dirname(place)) == FOLDS and os.path.basename(place).isdecimal():
        raise UsageError(
            f"{said} is the model of one fold: it is judged by images that other runs learn from. Name the run above it"
        )
    root = Root(place, contained=True)
    record = _record(root, said)
    evaluation = record.get("evaluation")
    if not isinstance(evaluation, Mapping) or "evidence" not in evaluation:
        raise DataError(
            f"{said} was not held against val, so there is nothing to compare. Train it with a val split and without "
            "--noval"
        )
    try:
        evidence = unpacked(evaluation["evidence"])
    except NotEvidence as refused:
        raise DataError(f"{said}: the evidence in {RECORD} {refused}") from None
    del record["evaluation"]["evidence"]
    names = _names(record, evidence, said)
    return Trained(folder.replace(os.sep, "/"), names, evidence, record, _epochs(root))


def _record(root: Root, said: str) -> dict[str, Any]:
    path = os.path.join(root.path, RECORD)
    if not os.path.lexists(path):
        if any(os.path.lexists(os.path.join(root.path, name)) for name in BEGUN):
            raise DataError(
                f"{said} has no {RECORD}: the run is not finished, or of another trainer. Go on with `yoloaudit train "
                f"--resume {said}`; YOLOv5's own runs keep no evidence to compare"
            )
        raise UsageError(f"{said}: no run lies there, neither {RECORD} nor {RESULTS}. Name a run folder")
    try:
        value = read_json(root.read(path, MOST_JSON).data, MOST_CONTAINERS).value
    except FileRefused as refused:
        text = str(refused).replace("the data set's folder", "the run folder")
        raise DataError(f"{said}: {RECORD} {text}") from None
    except JsonRefused as refused:
        text = str(refused).partition(": a JSON object")[0]
        raise DataError(f"{said}: {RECORD}, line {refused.line}: {text}") from None
    if not isinstance(value, dict):
        raise DataError(f"{said}: {RECORD} is no JSON object")
    if value.get("format") != 1:
        raise DataError(
            f"{said}: {RECORD} is of format {shorten(str(value.get('format')), 20)}, not 1. Update yoloaudit"
        )
    return value


def _names(record: Mapping[str, Any], evidence: Evidence, said: str) -> tuple[str, ...]:
    """Names of all classes by id; those that stand twice are told apart by a number."""
    dataset, options = record.get("dataset"), record.get("options")
    single = isinstance(options, Mapping) and options.get("single_cls") is True
    told = dataset.get("names") if isinstance(dataset, Mapping) else None
    known = isinstance(told, list) and len(told) <= MOST_NAMES and all(isinstance(name, str) for name in told)
    listed: Sequence[str] = ("item",) if single else told if known and told is not None else ()
    most = max(evidence.classes.max(initial=-1), evidence.labels[:, 1].max(initial=-1)) + 1
    if most > MOST_NAMES or (listed and most > len(listed)):
        raise DataError(f"{said}: the evidence in {RECORD} tells of classes that have no name")
    listed = listed or [f"class {number}" for number in range(most)]
    seen: dict[str, int] = {}
    names = []
    for name in listed:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _epochs(root: Root) -> Epochs | None:
    """Of results.csv; None where it is missing or cannot be read: curves are all that it is for."""
    path = os.path.join(root.path, RESULTS)
    try:
        epochs = epochs_of(read_results(root.read(path, MOST_BYTES).data))
    except (FileRefused, NotResults):
        return None
    return epochs if len(epochs) else None


def seeds_of(runs: Sequence[Trained]) -> list[int | None]:
    """The seeds that these runs were started with."""
    told = [run.told("options", "seed") for run in runs]
    return [seed if type(seed) is int else None for seed in told]


def classes_found(evidence: Evidence) -> int:
    """How many classes have labels."""
    return len(np.unique(evidence.labels[:, 1]))
