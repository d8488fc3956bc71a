"""A run folder, of yoloaudit or of YOLOv5 → the value that checks judge. It is read like any stranger's files.

`results.csv`, `opt.yaml`, `hyp.yaml` and the weights tell most of it; a `record.json`, which yoloaudit writes, tells
the rest. A file that is missing or cannot be read costs what it tells, and is named in `problems`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json
from yoloaudit.dataset.plain_yaml import YamlRefused, read_yaml
from yoloaudit.errors import CheckpointError, FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.measure.run_settings import changed
from yoloaudit.train.checkpoint import read as checkpoint
from yoloaudit.train.output.record_json import NotEvidence, unpacked
from yoloaudit.train.results_csv import MOST_BYTES, NotResults, epochs_of, read_results
from yoloaudit.train.score.evidence import Evidence
from yoloaudit.train.score.resample import difference, interval
from yoloaudit.training_run import Epochs, Run

RESULTS, OPTIONS, HYPER, RECORD = "results.csv", "opt.yaml", "hyp.yaml", "record.json"
WEIGHTS = ("weights/best.pt", "weights/last.pt", "weights/best.safetensors", "weights/last.safetensors")
MOST_YAML, MOST_JSON, MOST_CONTAINERS = 1_000_000, 500_000_000, 500_000
OF_DATA = "the data set's folder"
"""What a file that is refused is told to lie outside of."""
MOST_ANCHORS = 1000
LARGEST = 1_000_000
"""Of a size in pixels, a batch or a number of epochs; more is none."""

Read = TypeVar("Read")


def read_run(folder: str, *, baseline: str | None = None) -> Run:
    """The run in a folder, held against that in the folder `baseline`; UsageError where there is none."""
    run, evidence = _read(folder, "--run")
    if evidence is not None:
        run = replace(run, map50=interval(evidence))
    if baseline is None:
        return run
    earlier, theirs = _read(baseline, "--baseline")
    both = None if evidence is None or theirs is None else difference(evidence, theirs)
    return replace(run, baseline=earlier, difference=both)


def _read(folder: str, option: str) -> tuple[Run, Evidence | None]:
    place = _place(folder, option)
    reader = _Reader(Root(place, contained=True))
    columns = reader.read(RESULTS, MOST_BYTES, read_results)
    options = reader.read(OPTIONS, MOST_YAML, _yaml) or {}
    hyper = reader.read(HYPER, MOST_YAML, _yaml) or _mapping(options.get("hyp"))
    record = reader.read(RECORD, MOST_JSON, _json) or {}
    if columns is None and not options and not record:
        why = f": {reader.problems[0]}" if reader.problems else ""
        raise UsageError(f"{option} {shorten(folder, 200)}: no run lies there, neither {RESULTS} nor {OPTIONS}{why}")
    evaluation = _mapping(record.get("evaluation"))
    evidence = None
    if "evidence" in evaluation:
        evidence = reader.guarded(RECORD, lambda: unpacked(evaluation["evidence"]))
    epochs = None if columns is None else epochs_of(columns)
    anchors = _anchors(record.get("anchors"))
    run = Run(
        folder.replace(os.sep, "/"),
        epochs,
        **_told(options, hyper, record, epochs),
        anchors=reader.anchors() if anchors is None else anchors,
        problems=reader.told(),
    )
    return run, evidence


def _place(folder: str, option: str) -> str:
    if "\0" in folder or not os.path.isdir(folder):
        raise UsageError(f"{option} {shorten(folder, 200)}: there is no such folder. Name one as runs/train/exp")
    return os.path.realpath(folder)


def _told(
    options: Mapping[str, Any], hyper: Mapping[str, Any], record: Mapping[str, Any], epochs: Epochs | None
) -> dict[str, Any]:
    """What the settings and the record of a run tell, by fields of Run."""
    size = _whole(options.get("imgsz")) or _whole(_first(options.get("img_size")))
    evaluated = _whole(_mapping(record.get("evaluation")).get("imgsz"))
    fingerprint = _mapping(record.get("dataset")).get("fingerprint")
    return {
        "planned": _whole(options.get("epochs")),
        "imgsz": size,
        "batch": _whole(options.get("batch_size")),
        "most_batch": _whole(record.get("most_batch")),
        "evaluated_at": evaluated if record else (size if epochs is not None else None),
        "anchor_t": _number(hyper.get("anchor_t"), 4.0, 1.0, 1000.0),
        "scale": _number(hyper.get("scale"), 0.5, 0.0, 1.0),
        "changed": changed(options, hyper) if options or hyper else None,
        "data": options["data"] if isinstance(options.get("data"), str) else None,
        "fingerprint": fingerprint if isinstance(fingerprint, str) else None,
    }


class _Reader:
    """Reads files of one folder, and notes what is wrong with them."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.problems: list[str] = []

    def read(self, name: str, most: int, parsed: Callable[[bytes], Read]) -> Read | None:
        """A file of the folder; None where it is missing or cannot be read."""
        root, path = self.root, os.path.join(self.root.path, *name.split("/"))
        if not os.path.lexists(path):
            return None
        return self.guarded(name, lambda: parsed(root.read(path, most).data))

    def guarded(self, name: str, work: Callable[[], Read]) -> Read | None:
        """The outcome of reading this file, or None and a problem."""
        try:
            return work()
        except YamlRefused as refused:
            self.problems.append(f"{name}, line {refused.line}: {str(refused).partition(': a YAML mapping')[0]}")
        except JsonRefused as refused:
            self.problems.append(f"{name}, line {refused.line}: {str(refused).partition(': a JSON object')[0]}")
        except (FileRefused, NotResults) as refused:
            self.problems.append(f"{name} {str(refused).replace(OF_DATA, 'the run folder')}")
        except NotEvidence as refused:
            self.problems.append(f"the evidence in {name} {refused}")
        except CheckpointError as refused:
            self.problems.append(str(refused))
        return None

    def anchors(self) -> NDArray[np.float32] | None:
        """Of the weights that the run ended with."""
        for name in WEIGHTS:
            path = os.path.join(self.root.path, *name.split("/"))
            if os.path.lexists(path):
                return self.guarded(name, partial(self._anchors, name, path))
        return None

    def _anchors(self, name: str, path: str) -> NDArray[np.float32] | None:
        root = self.root
        root.open(path).close()  # refuses a link that leads out of the folder
        try:
            return checkpoint.read(path).anchors
        except CheckpointError as error:
            raise CheckpointError(str(error).replace(shorten(path, 200), name)) from None

    def told(self) -> tuple[str, ...]:
        """The problems, as texts that are not too long."""
        return tuple(shorten(problem, 300) for problem in self.problems)


def _yaml(data: bytes) -> dict[str, Any]:
    return {key: entry.value for key, entry in read_yaml(data).entries.items()}


def _json(data: bytes) -> Mapping[str, Any]:
    value = read_json(data, MOST_CONTAINERS).value
    if not isinstance(value, dict):
        raise JsonRefused("is no JSON object")
    return value


def _anchors(value: object) -> NDArray[np.float32] | None:
    """L × A × 2 positive numbers of a record, None where it has none."""
    try:
        anchors = np.array(value, np.float32)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = anchors.ndim == 3 and anchors.shape[2] == 2 and 0 < anchors.size <= MOST_ANCHORS
    return anchors if fits and np.isfinite(anchors).all() and (anchors > 0).all() else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _whole(value: object) -> int | None:
    """A number of pixels, images or epochs."""
    return value if type(value) is int and 0 < value <= LARGEST else None


def _number(value: object, otherwise: float, low: float, high: float) -> float:
    return float(value) if isinstance(value, int | float) and low <= value <= high else otherwise
