"""An Evaluation → what record.json keeps of it, with its evidence image by image; and the evidence out of it again.

A column of numbers is one text with spaces between, so that a run's record can be read by eye and by program, and is
small. Reading believes nothing: what does not fit together is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.score.evaluate import Evaluation
from yoloaudit.train.score.evidence import Evidence, evidence_of
from yoloaudit.train.score.metrics import THRESHOLDS

MOST_IMAGES, MOST_NUMBERS, MOST_CLASSES, MOST_PATH = 1_000_000, 5_000_000, 20_000, 4096
DIGITS = set("0123456789 ")
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
    """Evidence as plain values; scores are in millionths."""
    return {
        "images": list(evidence.images),
        "digests": " ".join(evidence.digests),
        "labels": {name: _text(evidence.labels[:, at]) for at, name in enumerate(("image", "class", "count"))},
        "detections": {
            "image": _text(evidence.image),
            "class": _text(evidence.classes),
            "score": _text((evidence.scores.astype(np.float64) * 1e6).round().astype(np.int64)),
            "right": _text(evidence.hits @ BITS),
        },
    }


def unpacked(values: object) -> Evidence:
    """Evidence from its plain values; raises NotEvidence where they do not fit together."""
    if not isinstance(values, Mapping):
        raise NotEvidence("is no mapping")
    images, digests = values.get("images"), values.get("digests")
    if not isinstance(images, list) or not isinstance(digests, str) or len(images) > MOST_IMAGES:
        raise NotEvidence("names no images, or too many")
    marks = digests.split()
    if len(marks) != len(images) or not all(isinstance(path, str) and len(path) <= MOST_PATH for path in images):
        raise NotEvidence("does not name its images one by one")
    labels = _columns(values.get("labels"), ("image", "class", "count"))
    found = _columns(values.get("detections"), ("image", "class", "score", "right"))
    for column in (labels["image"], found["image"]):
        if column.max(initial=-1) >= len(images):
            raise NotEvidence("tells of images that it does not name")
    if len(np.unique(labels["class"])) > MOST_CLASSES:
        raise NotEvidence(f"tells of more than {MOST_CLASSES:,} classes")
    if found["right"].max(initial=0) >= 1 << len(BITS) or (np.diff(found["score"]) > 0).any():
        raise NotEvidence("does not list its detections by their scores")
    return Evidence(
        images=tuple(images),
        digests=tuple(marks),
        labels=np.column_stack([labels[name] for name in ("image", "class", "count")]),
        image=found["image"],
        classes=found["class"],
        scores=(found["score"] / 1e6).astype(np.float32),
        hits=(found["right"][:, None] & BITS) > 0,
    )


def _text(numbers: NDArray[Any]) -> str:
    return " ".join(map(str, numbers.tolist()))


def _columns(values: object, names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Equally long columns of numbers from 0 to 2³¹ − 1."""
    if not isinstance(values, Mapping):
        raise NotEvidence("lacks a table")
    columns = {}
    for name in names:
        text = values.get(name)
        if not isinstance(text, str) or set(text) - DIGITS or text.count(" ") > MOST_NUMBERS:
            raise NotEvidence(f"has no column {name!r} of whole numbers")
        words = text.split()
        if max(map(len, words), default=0) > 10:
            raise NotEvidence(f"has a number in {name!r} that is too large")
        columns[name] = np.array(words, np.int64) if words else np.zeros(0, np.int64)
        if columns[name].max(initial=0) >= 1 << 31:
            raise NotEvidence(f"has a number in {name!r} that is too large")
    if len({len(column) for column in columns.values()}) > 1:
        raise NotEvidence("has columns of different lengths")
    return columns
