"""Findings with chances and slack, and what was injected → how far the chances hold, and how near the slack comes.

All cases are pooled. A finding is right if the row, or the object that is missing, has an injected error of the very
kind that it names. Natural errors are neither right nor wrong, as the judge's README says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.label_bench import CORNERS, Case, Findings, judge_module, pooled, renamed
from benchmarks.timing import claim
from yoloaudit.dataset.tables import Predictions
from yoloaudit.evidence import overlaps

OFF, MARGIN, ORDER = 0.1, 0.06, 0.6
TENTHS = np.linspace(0.1, 0.9, 9)
CONFIDENT, OVERLAP = 0.25, 0.5
"""An object counts as detected if a detection of such a score overlaps its true box so far, whatever its class."""

Pairs = Sequence[tuple[Case, Findings]]


def calibrated(pairs: Pairs, ignored: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Print each tenth; whether the share that is right lies within 0.1 of the mean chance."""
    items = np.array([item for pair in pairs for item in judged(*pair, ignored)], float).reshape(-1, 2)
    held = []
    for low, high in pairwise(TENTHS.tolist()):
        inside = items[(items[:, 0] >= low) & (items[:, 0] < high)]
        if not len(inside):
            print(f"chance {low:.1f} to {high:.1f}: no finding")
            continue
        chance, right = inside.mean(axis=0)
        name = f"chance {low:.1f} to {high:.1f}: {len(inside):4} findings, mean {chance:.3f}, right {right:.3f}"
        held.append(claim(name, abs(chance - right), OFF, ""))
    return held


def judged(case: Case, findings: Findings, ignored: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, bool]]:
    """The chance of each finding, and whether it is right."""
    judge, found = judge_module(), findings["findings"]
    right, scores, _ = judge.match_missing(found, case.manifest["errors"], ignored)
    yield from zip(scores, right, strict=True)
    true = set()
    for error in case.manifest["errors"]:
        places = (error["label_index"], error["pair_index"])
        true |= {(error["image"], place, judge.FAMILY[error["kind"]]) for place in places if place is not None}
    for row, score in judge.row_scores(found).items():
        yield score, row in true


def slack(pairs: Pairs, predictions: Predictions) -> list[bool]:
    """Print how near the slack comes on loose boxes of detected objects."""
    manifests, tightness = [], []
    for number, (case, findings) in enumerate(pairs):
        seen = detected(case, predictions)
        errors = [error for error in case.manifest["errors"] if error["id"] in seen]
        manifests.append(renamed({"images": [], "errors": errors}, f"{number}/"))
        tightness += [{**each, "image": f"{number}/{each['image']}"} for each in findings["tightness"]]
    said = judge_module().judge_tightness(pooled(manifests), tightness)
    loose = sum(error["kind"] == "loose" for case, _ in pairs for error in case.manifest["errors"])
    for kind, facts in said.items():
        if facts["n"]:
            names = ("coverage", "mae", "mae_of_zero", "bias", "edge_spearman", "slack_spearman")
            shown = {name: facts[name] for name in names if facts[name] is not None}
            print(f"  {kind:<6} n {facts['n']:3}  " + "  ".join(f"{name} {each:.3f}" for name, each in shown.items()))
    limits = f"a detection of {CONFIDENT} or more with IoU {OVERLAP} or more with the true box"
    print(f"  of {loose} loose boxes, {said['loose']['n']} are of objects with {limits}")
    return [
        claim("slack a side of loose boxes, mean absolute error", said["loose"]["mae"], MARGIN, ""),
        claim("1 - Spearman with the injected looseness", 1 - said["loose"]["slack_spearman"], 1 - ORDER, ""),
    ]


def detected(case: Case, predictions: Predictions) -> set[int]:
    """Ids of the errors whose true box is detected."""
    sure = predictions[predictions["score"] >= CONFIDENT]
    places = {key: row for row, key in enumerate(case.keys)}
    sizes = case.dataset.images[["width", "height"]].to_numpy(np.float64)
    found = set()
    for error in case.manifest["errors"]:
        if error["original"] is None:
            continue
        row = places[error["image"]]
        _, x, y, width, height = error["original"]
        true = np.array([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]]) * np.tile(sizes[row], 2)
        boxes = sure.loc[sure["image"] == row, CORNERS].to_numpy(np.float64)
        if overlaps(true, boxes)[0].max(initial=0) >= OVERLAP:
            found.add(error["id"])
    return found
