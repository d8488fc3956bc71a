"""A Comparison → plain values with documented keys, for the JSON document and the page.

`a` and `b` are what was compared, `metrics` the scores over all; an estimate is {a, b, difference, low, high, chance,
real, seeds_a, seeds_b}. `low` and `high` are the ends of the 95 % interval of the difference, B less A; `chance` is how
sure its sign is, from 0.5 to 1; `real` says whether 0 lies outside of the interval. What cannot be told is null.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from yoloaudit.compare.changes import Changed, Drawn
from yoloaudit.compare.comparison import MAIN, Comparison, Row, Rulers
from yoloaudit.compare.differences import Estimate
from yoloaudit.compare.trained import Trained
from yoloaudit.train.score.bands import EDGES
from yoloaudit.train.score.spread import LEVEL

WORSE, BETTER, OPEN = "worse", "better", "open"


def facts_of(comparison: Comparison) -> dict[str, Any]:
    """All of it."""
    paired, names = comparison.paired, comparison.paired.names
    return {
        "a": [_run(run) for run in comparison.a],
        "b": [_run(run) for run in comparison.b],
        "images": {
            "compared": len(paired.images),
            "only_a": paired.only_one[0],
            "only_b": paired.only_one[1],
            "resized": paired.resized,
            "labels_differ_within_a_side": paired.torn,
            "relabelled": int(paired.relabelled.sum()),
        },
        "instances": comparison.overall.instances,
        "labels": comparison.ruler,
        "verdict": verdict(comparison.overall.scores[MAIN]),
        "metrics": estimates(comparison.overall.scores),
        "classes": [{"id": int(row.name), **_row(row, names[int(row.name)])} for row in comparison.classes],
        "classes_left_out": list(paired.missing),
        "sizes": [_row(row, row.name) for row in comparison.sizes],
        "size_edges": [math.sqrt(edge) for edge in EDGES.tolist()],
        "rulers": None if comparison.rulers is None else _rulers(comparison.rulers),
        "budget": [{**each._asdict(), "sentence": each.sentence} for each in comparison.budget],
        "changed": [_changed(each, names) for each in comparison.changed],
        "notes": list(comparison.notes),
        "interval": {"level": LEVEL, "samples": comparison.samples, "seed": comparison.seed},
    }


def verdict(estimate: Estimate) -> str:
    """What B is, beyond chance."""
    return OPEN if not estimate.is_real else BETTER if estimate.difference > 0 else WORSE


def estimates(scores: Mapping[str, Estimate]) -> dict[str, Any]:
    """By metric."""
    return {metric: _estimate(each) for metric, each in scores.items()}


def _estimate(each: Estimate) -> dict[str, Any]:
    numbers = {name: _finite(value) for name, value in each._asdict().items() if isinstance(value, float)}
    seeds = {name: [_finite(value) for value in getattr(each, name)] for name in ("seeds_a", "seeds_b")}
    return {**numbers, "real": each.is_real, **seeds}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _row(row: Row, name: str) -> dict[str, Any]:
    return {"name": name, "images": row.images, "instances": row.instances, "metrics": estimates(row.scores)}


def _rulers(rulers: Rulers) -> dict[str, Any]:
    cells = ("old_a", "old_b", "new_a", "new_b")
    return {
        "images": rulers.images,
        **{cell: {metric: _finite(value) for metric, value in getattr(rulers, cell).items()} for cell in cells},
        **{step: estimates(getattr(rulers, step)) for step in ("ruler", "ruler_of_b", "model_old", "model", "total")},
    }


def _run(run: Trained) -> dict[str, Any]:
    seed, epochs = run.told("options", "seed"), run.told("epochs")
    return {
        "folder": run.folder,
        "images": len(run.evidence.images),
        "seed": seed if type(seed) is int else None,
        "epochs": epochs if type(epochs) is int else None,
    }


def _changed(each: Changed, names: Sequence[str]) -> dict[str, Any]:
    counts = {name: value for name, value in each._asdict().items() if isinstance(value, int | str)}
    boxes = {part: [_drawn(box, names) for box in getattr(each, part)] for part in ("truth", "seen_by_a", "seen_by_b")}
    return counts | boxes


def _drawn(each: Drawn, names: Sequence[str]) -> dict[str, Any]:
    score = None if each.score is None else _finite(each.score)
    return {"class": names[each.class_id], "box": list(each.box), "score": score, "right": each.right}
