"""Labels and detections as JSON → what cleanlab's ObjectLab says of them, run by the interpreter of its environment.

All scores are ObjectLab's: 1 is good, 0 is bad. A detection that it says nothing of has null.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np


def arrays(image: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Labels and detections of one image in cleanlab's shapes."""
    labels = {
        "bboxes": np.array(image["bboxes"], float).reshape(-1, 4),
        "labels": np.array(image["labels"], int),
    }
    detections = np.empty(len(image["predictions"]), object)
    for number, rows in enumerate(image["predictions"]):
        detections[number] = np.array(rows, float).reshape(-1, 5)
    return labels, detections


def plain(scores: Any) -> list[list[float | None]]:
    return [[None if np.isnan(score) else float(score) for score in image] for image in scores]


def said(images: Sequence[dict[str, Any]], high: Sequence[float | None], low: Sequence[float | None]) -> dict[str, Any]:
    """Its scores at each threshold, and its score of each image at its own ones."""
    rank = import_module("cleanlab.object_detection.rank")
    labels, detections = (list(part) for part in zip(*map(arrays, images), strict=True))
    given = {"labels": labels, "predictions": detections}
    highs: list[dict[str, Any]] = [{} if each is None else {"high_probability_threshold": each} for each in high]
    lows: list[dict[str, Any]] = [{} if each is None else {"low_probability_threshold": each} for each in low]
    return {
        "overlooked": [plain(rank.compute_overlooked_box_scores(**given, **each)) for each in highs],
        "swap": [plain(rank.compute_swap_box_scores(**given, **each)) for each in highs],
        "badloc": [plain(rank.compute_badloc_box_scores(**given, **each)) for each in lows],
        "images": [1 - float(each) for each in rank.get_label_quality_scores(labels, detections, verbose=False)],
    }


def main() -> None:
    """Read one file and write the other; what cleanlab prints goes to standard error."""
    question, answer = map(Path, sys.argv[1:])
    asked = json.loads(question.read_text("utf-8"))
    with redirect_stdout(sys.stderr):
        cases = [said(images, asked["high"], asked["low"]) for images in asked["cases"]]
    answer.write_text(json.dumps({"version": version("cleanlab"), "cases": cases}), "utf-8")


if __name__ == "__main__":
    main()
