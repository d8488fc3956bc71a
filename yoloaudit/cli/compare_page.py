"""A Comparison → what its page shows, as plain text and numbers; everything untrusted has passed the output gate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from yoloaudit.cli.compare_words import (
    MAIN,
    METRICS,
    UNKNOWN,
    between,
    by_chance,
    number,
    percent,
    signed,
    told,
    verdict,
)
from yoloaudit.report.text import show

if TYPE_CHECKING:
    from yoloaudit.compare.comparison import Comparison, Row
    from yoloaudit.compare.differences import Estimate
    from yoloaudit.compare.trained import Trained

MOST_NAME, MOST_PATH, MOST_NOTE, MOST_CLASSES, MOST_RUNS = 60, 4096, 400, 300, 5
MANY_CLASSES = 5
"""From here on some intervals leave 0 out by chance."""
LEAST_REACH = 0.01
"""Of a drawn interval's scale: below, noise would look large."""
MOST_POINTS = 300
LEFT, RIGHT, TOP, BOTTOM = 34, 236, 6, 112
"""Of a curve, in its picture."""
CURVES = {
    "map50_95": "mAP50-95", "map50": "mAP50", "precision": "P", "recall": "R", "box": "box loss, val",
    "objectness": "objectness loss, val", "class": "class loss, val", "train": "loss, train",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of estimates, in words, and where its interval is drawn, from 0 to 100."""

    name: str
    images: str
    labels: str
    a: str
    b: str
    difference: str
    between: str
    chance: str
    word: str
    way: str
    drawn: tuple[float, float, float] | None = None
    """Its low end, its high end and the difference, where 0 is at 50."""


class Curve(NamedTuple):
    """A measure over epochs, of all runs."""

    name: str
    said: str
    top: str
    bottom: str
    last: str
    lines: list[tuple[str, str, tuple[float, float] | None]]
    """The side, the points, and the best epoch."""


class Rulers(NamedTuple):
    said: str
    rows: list[tuple[str, str, str, str]]
    steps: list[str]
    total: str


class Page(NamedTuple):
    """What the page shows, but for pictures."""

    word: str
    reason: str
    state: str
    runs: list[tuple[str, str, str]]
    facts: list[tuple[str, str]]
    notes: list[str]
    overall: list[Line]
    rulers: Rulers | None
    curves: list[Curve]
    curve_runs: bool
    classes: list[Line]
    classes_said: str
    classes_by_metric: list[tuple[str, list[Line]]]
    sizes: list[Line]
    sizes_by_metric: list[tuple[str, list[Line]]]
    budget: list[tuple[str, str, str]]
    made: list[str]


def page_of(made: Comparison) -> Page:
    """All of it."""
    word, reason = verdict(made.overall.scores[MAIN])
    names = made.paired.names
    classes = [row._replace(name=show(names[int(row.name)], MOST_NAME)) for row in made.classes[:MOST_CLASSES]]
    others = {metric: name for metric, name in METRICS.items() if metric != MAIN}
    images = len(made.paired.images)
    runs = [(side, show(run.folder, MOST_PATH), told(run)) for side, own in _sides(made) for run in own]
    return Page(
        word=word,
        reason=reason,
        state=_state(made.overall.scores[MAIN]),
        runs=runs,
        facts=[(f"{images:,}", f"val image{'' if images == 1 else 's'}"), (f"{made.overall.instances:,}", "labels")],
        notes=[show(note, MOST_NOTE) for note in made.notes],
        overall=lines_of([made.overall._replace(name=name) for name in METRICS.values()], list(METRICS)),
        rulers=_rulers(made),
        curves=curves_of(made),
        curve_runs=len(runs) > 2,
        classes=lines_of(classes, [MAIN] * len(classes)),
        classes_said=_classes_said(made, len(classes)),
        classes_by_metric=[(name, lines_of(classes, [metric] * len(classes))) for metric, name in others.items()],
        sizes=lines_of(made.sizes, [MAIN] * len(made.sizes)),
        sizes_by_metric=[(name, lines_of(made.sizes, [metric] * len(made.sizes))) for metric, name in others.items()],
        budget=[(show(each.name), show(each.a), show(each.b)) for each in made.budget],
        made=_made(made),
    )


def _sides(made: Comparison) -> tuple[tuple[str, Sequence[Trained]], tuple[str, Sequence[Trained]]]:
    return ("A", made.a), ("B", made.b)


def _state(estimate: Estimate) -> str:
    return "open" if not estimate.is_real else "better" if estimate.difference > 0 else "worse"


def _classes_said(made: Comparison, shown: int) -> str:
    real = sum(row.scores[MAIN].is_real for row in made.classes)
    said = f"{by_chance(real, len(made.classes))}." if len(made.classes) >= MANY_CLASSES else ""
    return said if shown == len(made.classes) else f"{said} The first {shown:,} are listed: --format json has all."


def lines_of(rows: Sequence[Row], metrics: Sequence[str]) -> list[Line]:
    """A line a row, all intervals drawn to one scale."""
    found = [row.scores[metric] for row, metric in zip(rows, metrics, strict=True)]
    ends = [abs(end) for each in found for end in (each.low, each.high) if math.isfinite(end)]
    reach = max([LEAST_REACH, *ends])
    return [_line(row, each, reach) for row, each in zip(rows, found, strict=True)]


def _line(row: Row, each: Estimate, reach: float) -> Line:
    state = _state(each)
    words = number(each.a), number(each.b), signed(each.difference), between(each)
    way = {"better": " up", "worse": " down"}.get(state, "")
    low, high, middle = (round(50 + 50 * value / reach, 2) for value in (each.low, each.high, each.difference))
    drawn = (low, high, middle) if math.isfinite(each.low) else None
    return Line(row.name, f"{row.images:,}", f"{row.instances:,}", *words, percent(each.chance), state, way, drawn)


def _rulers(made: Comparison) -> Rulers | None:
    rulers = made.rulers
    if rulers is None:
        return None
    images = f"{rulers.images:,} val image{'' if rulers.images == 1 else 's'}"
    said = f"The labels of {images} were changed between A and B. Down a column the ruler is the same, along a row the "
    said += "model is: only what stands below the second column was learnt."
    rows = [
        ("model A", number(rulers.old_a[MAIN]), number(rulers.new_a[MAIN]), _step(rulers.ruler[MAIN])),
        ("model B", number(rulers.old_b[MAIN]), number(rulers.new_b[MAIN]), _step(rulers.ruler_of_b[MAIN])),
    ]
    return Rulers(
        said, rows, [_step(rulers.model_old[MAIN]), _step(rulers.model[MAIN])], f"in all {_step(rulers.total[MAIN])}"
    )


def _step(each: Estimate) -> str:
    return f"{signed(each.difference)} ({between(each)})"


def curves_of(made: Comparison) -> list[Curve]:
    """What was measured after each epoch, of at most five runs a side."""
    runs = [(side.lower(), run) for side, own in _sides(made) for run in own[:MOST_RUNS] if run.epochs is not None]
    return [curve for key, name in CURVES.items() if (curve := _curve(name, key, runs)) is not None]


def _values(run: Trained, key: str) -> Any:
    epochs = run.epochs
    assert epochs is not None
    losses = {"box": 0, "objectness": 1, "class": 2}
    if key in losses:
        return epochs.val_losses[:, losses[key]]
    return epochs.losses.sum(axis=1) if key == "train" else getattr(epochs, key)


def _curve(name: str, key: str, runs: Sequence[tuple[str, Trained]]) -> Curve | None:
    found = [(side, run.epochs.numbers, _values(run, key), run.epochs.best) for side, run in runs if run.epochs]
    every = np.concatenate([values[np.isfinite(values)] for _, _, values, _ in found]) if found else np.zeros(0)
    if not len(every) or np.abs(every).max() > 1e9:
        return None
    last = max(1, max(int(numbers.max()) for _, numbers, _, _ in found))
    bottom = 0.0 if every.min() >= 0 else float(every.min())
    top = max(float(every.max()), bottom + 1e-9)
    drawn = []
    for side, numbers, values, best in found:
        x = LEFT + (RIGHT - LEFT) * numbers / last
        y = BOTTOM - (BOTTOM - TOP) * (values - bottom) / (top - bottom)
        kept = np.flatnonzero(np.isfinite(values))
        thinned = kept[:: max(1, len(kept) // MOST_POINTS)]
        ends = None
        if best is not None and math.isfinite(y[best]) and key in ("map50_95", "map50"):
            ends = round(float(x[best]), 1), round(float(y[best]), 1)
        drawn.append((side, " ".join(_points(x[thinned], y[thinned])), ends))
    ends_at = ", ".join(f"{side.upper()} ends at {_last(values)}" for side, _, values, _ in found)
    said = f"{name} over {last:,} epochs: {ends_at}"
    return Curve(name, said, f"{top:.2g}", f"{bottom:.2g}", f"epoch {last:,}", drawn)


def _points(x: Iterable[float], y: Iterable[float]) -> Iterator[str]:
    return (f"{left:.1f},{up:.1f}" for left, up in zip(x, y, strict=True))


def _last(values: Any) -> str:
    return f"{values[-1]:.3g}" if len(values) and math.isfinite(values[-1]) else UNKNOWN


def _made(made: Comparison) -> list[str]:
    said = "a difference is B less A, of two models in the same samples of the val images, drawn anew with replacement "
    return [
        f"{made.samples:,} samples, seed {made.seed}: {said}",
        "the interval is of percentiles, as far out as Student's t asks for so few images",
        "several runs of a side add what another seed of the training would change",
        "scores are YOLOv5's: the area under a 101-point curve, so that a perfect detector has 0.995",
    ]
