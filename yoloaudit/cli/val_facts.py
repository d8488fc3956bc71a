"""An Evaluation, and what it was made with → its facts as plain values, for text and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.train.score.evaluate import Evaluation
    from yoloaudit.train.settings import Settings
    from yoloaudit.train.types import Checkpoint

MOST_CELLS = 10_000
"""Cells of the confusion matrix that are listed at most."""


def facts_of_data(dataset: Dataset, split: str) -> dict[str, Any]:
    """Which images were looked at."""
    descriptor = dataset.descriptor.path
    return {"root": dataset.root, "descriptor": descriptor, "split": split, "elsewhere": elsewhere(dataset, split)}


def elsewhere(dataset: Dataset, split: str) -> list[str]:
    """Sentences that tell where the images of a split were found, if it was not where the descriptor says."""
    from yoloaudit.dataset.descriptor import AS_WRITTEN, BESIDE

    return [
        f"{split} is read from {path.found or path.target} ({path.how}), not from {path.text}"
        for path in dataset.descriptor.splits
        if path.split == split and path.target is not None and path.how not in (AS_WRITTEN, BESIDE)
    ]


def facts_of_model(held: Checkpoint) -> dict[str, Any]:
    """What the weights are."""
    from yoloaudit.train.checkpoint.read import parameters

    names = ("path", "sha256", "layout", "size", "version", "classes")
    return {name: getattr(held, name) for name in names} | {"parameters": parameters(held.state)}


def facts_of_settings(looks: Settings, device: str, single_class: bool) -> dict[str, Any]:
    """How the model looked."""
    return asdict(looks) | {"device": device, "single_cls": single_class}


def facts_of(evaluation: Evaluation, dataset: Dataset, split: str) -> dict[str, Any]:
    """What was found: scores over all and by class, and what did not count."""
    images, coco = dataset.images, evaluation.coco
    dropped = images[((images["split"] == split) & (images["fate"] == "dropped")).to_numpy()]
    left_out = list(zip(dropped["path"], dropped["cause"], strict=True))
    left_out += [(images["path"].iloc[place], why) for place, why in evaluation.unreadable.items()]
    cells = evaluation.confusion.cells[:MOST_CELLS].tolist()
    return {
        "images": {"evaluated": len(evaluation.images), "backgrounds": evaluation.backgrounds},
        "instances": len(evaluation.labelled.classes),
        "detections": len(evaluation.detected.scores),
        "metrics": _plain(asdict(evaluation.overall)) | {"confidence": evaluation.by_class.confidence},
        "coco": None if coco is None else _plain(coco._asdict()),
        "classes": list(facts_of_classes(evaluation)),
        "confusion": {"background": evaluation.confusion.classes, "cells": cells},
        "left_out": [{"image": image, "why": why} for image, why in left_out],
        "foreign_class_ids": {str(number): count for number, count in evaluation.foreign.items()},
    }


def facts_of_classes(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """Counts and scores of each class with labels."""
    scores, images = evaluation.by_class, evaluation.images_with()
    for row, number in enumerate(scores.classes.tolist()):
        yield {
            "id": number,
            "name": evaluation.names[number],
            "images": int(images[row]),
            "instances": int(scores.instances[row]),
            "precision": float(scores.precision[row]),
            "recall": float(scores.recall[row]),
            "f1": float(scores.f1[row]),
            "ap50": float(scores.ap[row, 0]),
            "ap50_95": float(scores.ap[row].mean()),
        }


def _plain(numbers: dict[str, float]) -> dict[str, float | None]:
    """Numbers for JSON: none in place of what is not a number."""
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}
