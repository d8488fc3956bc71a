"""An Evaluation → what record.json keeps of it, with its evidence image by image; and the evidence out of it again.

A column of numbers is one text with spaces between, so that a run's record can be read by eye and by program, and is
small. Reading believes nothing: what does not fit together is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.score.evidence import Evidence, counts_of, evidence_of
from yoloaudit.train.score.metrics import THRESHOLDS
from yoloaudit.train.score.pairs import Labelled
from yoloaudit.train.types import Floats

MOST_IMAGES, MOST_NUMBERS, MOST_CLASSES, MOST_PATH = 1_000_000, 5_000_000, 20_000, 4096
DIGITS = set("0123456789 ")
TOO_LONG = re.compile("[0-9]{11}")
FORMAT = 2
"""Of the evidence; records of old have 1, and neither sizes nor boxes."""
PARTS = {1: 1e6, 2: 1e9}
"""By format: what scores are counted in."""
UNITS = 100
"""Of a pixel, that boxes are told in."""
COUNTS, SIZES, SIDES = ("image", "class", "count"), ("width", "height"), ("x1", "y1", "x2", "y2")
BITS = 1 << np.arange(len(THRESHOLDS))
"""Bit t of a detection's `right` says whether it is right at IoU 0.5 + 0.05 t."""


class NotEvidence(Exception):
    """Values of a record that are no evidence: why."""


def facts_of_evaluation(evaluation: Evaluation, paths: Sequence[str], *, split: str, imgsz: int) -> dict[str, Any]:
    """The scores over all and by class, and the evidence; `paths` of the table `images`, by row."""
    scores, images = evaluation.by_class, evaluation.images_with()
    classes = [
        {
            "id": number,
            "name": evaluation.names[number],
            "images": int(images[row]),
            "instances": int(scores.instances[row]),
            "precision": float(scores.precision[row]),
            "recall": float(scores.recall[row]),
            "ap50": float(scores.ap[row, 0]),
            "ap50_95": float(scores.ap[row].mean()),
        }
        for row, number in enumerate(scores.classes.tolist())
    ]
    overall = {name: value if math.isfinite(value) else None for name, value in asdict(evaluation.overall).items()}
    return {
        "split": split,
        "imgsz": imgsz,
        "images": len(evaluation.images),
        "instances": len(evaluation.labelled.classes),
        "metrics": overall | {"confidence": evaluation.by_class.confidence},
        "classes": classes,
        "evidence": packed(evidence_of(evaluation, paths)),
    }


def amended(record: bytes, more: Mapping[str, Any]) -> bytes:
    """The bytes of a record of ours with these plain values put on top."""
    return (json.dumps({**json.loads(record), **more}, indent=1, allow_nan=False) + "\n").encode("ascii")


def packed(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain values; scores are in billionths, boxes in hundredths of a pixel."""
    truth = evidence.truth
    values = {
        "format": FORMAT,
        "images": list(evidence.images),
        "digests": " ".join(evidence.digests),
        "labels": {name: _text(evidence.labels[:, at]) for at, name in enumerate(COUNTS)},
        "detections": {
            "image": _text(evidence.image),
            "class": _text(evidence.classes),
            "score": _text((evidence.scores.astype(np.float64) * PARTS[FORMAT]).round().astype(np.int64)),
            "right": _text(evidence.hits @ BITS),
            **({} if evidence.boxes is None else _sides(evidence.boxes)),
        },
    }
    if evidence.sizes is not None:
        values["sizes"] = {name: _text(evidence.sizes[:, at]) for at, name in enumerate(SIZES)}
    if truth is not None:
        values["truth"] = {"image": _text(truth.images), "class": _text(truth.classes), **_sides(truth.boxes)}
    return values


def _sides(boxes: Floats) -> dict[str, str]:
    units = (np.maximum(boxes, 0).astype(np.float64) * UNITS).round().astype(np.int64)
    return {name: _text(units[:, at]) for at, name in enumerate(SIDES)}


def _text(numbers: NDArray[Any]) -> str:
    return " ".join(map(str, numbers.tolist()))


def unpacked(values: object) -> Evidence:
    """Evidence from its plain values; raises NotEvidence where they do not fit together."""
    if not isinstance(values, Mapping):
        raise NotEvidence("is no mapping")
    images, marks = _images(values)
    parts = PARTS.get(values.get("format", 1)) if type(values.get("format", 1)) is int else None
    if parts is None:
        raise NotEvidence("is of a later format than this yoloaudit reads. Update it")
    labels = _columns(values.get("labels"), COUNTS)
    found = _columns(values.get("detections"), ("image", "class", "score", "right"))
    if found["right"].max(initial=0) >= 1 << len(BITS) or (np.diff(found["score"]) > 0).any():
        raise NotEvidence("does not list its detections by their scores")
    evidence = Evidence(
        images=tuple(images),
        digests=tuple(marks),
        labels=np.column_stack([labels[name] for name in COUNTS]),
        image=found["image"],
        classes=found["class"],
        scores=np.minimum(found["score"] / parts, 1).astype(np.float32),
        hits=(found["right"][:, None] & BITS) > 0,
    )
    _check(evidence)
    return _with_boxes(evidence, values)


def _images(values: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    images, digests = values.get("images"), values.get("digests")
    if not isinstance(images, list) or not isinstance(digests, str) or len(images) > MOST_IMAGES:
        raise NotEvidence("names no images, or too many")
    marks = digests.split()
    if len(marks) != len(images) or not all(isinstance(path, str) and len(path) <= MOST_PATH for path in images):
        raise NotEvidence("does not name its images one by one")
    if len(set(images)) < len(images):
        raise NotEvidence("names an image twice")
    return images, marks


def _check(evidence: Evidence) -> None:
    """Raise NotEvidence where it tells what cannot be."""
    for column in (evidence.labels[:, 0], evidence.image):
        if column.max(initial=-1) >= len(evidence.images):
            raise NotEvidence("tells of images that it does not name")
    if len(np.unique(evidence.labels[:, 1])) > MOST_CLASSES:
        raise NotEvidence(f"tells of more than {MOST_CLASSES:,} classes")
    labels = (evidence.labels[:, 0] << 32) + evidence.labels[:, 1]
    keys, place = np.unique(labels, return_inverse=True)
    counts = np.bincount(place, evidence.labels[:, 2], len(keys))
    right = np.flatnonzero(evidence.hits.any(axis=1))
    own = (evidence.image[right] << 32) + evidence.classes[right]
    at = np.searchsorted(keys, own)
    if (at >= len(keys)).any() or (keys[at] != own).any():
        raise NotEvidence("calls detections right where nothing is labelled")
    several = (np.bincount(at, column, len(keys)) for column in evidence.hits[right].T)
    if any((column > counts).any() for column in several):
        raise NotEvidence("calls more detections right than there are labels")


def _with_boxes(evidence: Evidence, values: Mapping[str, Any]) -> Evidence:
    """The same with sizes and boxes, as far as they are told."""
    sizes, truth = values.get("sizes"), values.get("truth")
    if sizes is None or truth is None or SIDES[0] not in values["detections"]:
        return evidence
    frame = np.column_stack([*_columns(sizes, SIZES).values()])
    boxes, rows = _columns(values["detections"], SIDES), _columns(truth, ("image", "class", *SIDES))
    labelled = Labelled(rows["image"], rows["class"], _boxes(rows))
    if len(frame) != len(evidence.images) or len(boxes[SIDES[0]]) != len(evidence.scores):
        raise NotEvidence("has a size or a box too many, or too few")
    counts = evidence.labels[evidence.labels[:, 2] > 0]
    told, listed = (each[np.lexsort(each.T[::-1])] for each in (counts, counts_of(labelled)))
    if not np.array_equal(told, listed):
        raise NotEvidence("does not count the labels that it lists")
    return replace(evidence, sizes=frame, boxes=_boxes(boxes), truth=labelled)


def _boxes(columns: Mapping[str, NDArray[np.int64]]) -> Floats:
    return (np.column_stack([columns[name] for name in SIDES]) / UNITS).astype(np.float32)


def _columns(values: object, names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Equally long columns of numbers from 0 to 2³¹ − 1."""
    if not isinstance(values, Mapping):
        raise NotEvidence("lacks a table")
    columns = {}
    for name in names:
        text = values.get(name)
        if not isinstance(text, str) or set(text) - DIGITS or text.count(" ") > MOST_NUMBERS:
            raise NotEvidence(f"has no column {name!r} of whole numbers")
        if TOO_LONG.search(text):
            raise NotEvidence(f"has a number in {name!r} that is too large")
        columns[name] = np.fromstring(text, np.int64, sep=" ") if text.strip() else np.zeros(0, np.int64)
        if columns[name].max(initial=0) >= 1 << 31:
            raise NotEvidence(f"has a number in {name!r} that is too large")
    if len({len(column) for column in columns.values()}) > 1:
        raise NotEvidence("has columns of different lengths")
    return columns
