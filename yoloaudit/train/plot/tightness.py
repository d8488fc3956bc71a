"""Labels, and the boxes that a model sees in their place → tightness.png: for each class how tight its boxes are.

Slack is a share of the box's own side, of each of the four sides: positive where there is space between the object's
edge and the box's, negative where the box cuts into the object. N labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.tables import Boxes, Judgements, Matches, Predictions, Skill
from yoloaudit.evidence import Integers, room
from yoloaudit.train.plot import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Exact: TypeAlias = NDArray[np.float64]

CORNERS = ["x1", "y1", "x2", "y2"]
WIDTH_INCHES, DOTS = 11.0, 150
ROW, ABOVE, BELOW = 0.27, 0.75, 0.85
"""Inches: of a class, and above and below all of them."""
LEFT, RIGHT = 1.95, 2.15
MOST_CLASSES = 40
LIKELY = 0.5
"""Probability from which a label's place is taken to be wrong."""
FEW = 5
"""Labels below which each side is a point of its own."""
LEAST_REACH, MOST_REACH = 0.1, 0.5
COLOUR, LINE, BAND = ink.COLOURS[0], "#56b4e9", "#e4e7eb"


class Seen(NamedTuple):
    """The tables of what a model sees, and of what is judged from it."""

    predictions: Predictions
    matches: Matches
    judgements: Judgements
    skill: Skill


class Row(NamedTuple):
    """What is drawn of a class, or of all."""

    name: str
    labels: int
    sides: Exact
    """4 numbers a label."""
    error: float
    """The model's own, a standard deviation; NaN unknown."""


def slack(seen: Seen, boxes: Boxes) -> tuple[Integers, Exact]:
    """The class (N) and the slack (N × 4: left, top, right, bottom) of each label whose object the model is sure of.

    The object is where the detection says that matches the label and is nearly always right; but where the label's
    place is more likely wrong than not, it is where that judgement says.
    """
    edges = np.full((len(boxes), 4), np.nan)
    label, detection = (seen.matches[name].to_numpy() for name in ("box", "detection"))
    class_id = seen.predictions["class_id"].to_numpy()[detection]
    sure = seen.predictions["score"].to_numpy()[detection] >= seen.skill["threshold"].to_numpy()[class_id]
    edges[label[sure]] = seen.predictions[CORNERS].to_numpy(np.float64)[detection[sure]]
    judged = seen.judgements
    wrong = (judged["kind"] == "location").to_numpy() & (judged["score"] >= LIKELY).to_numpy()
    placed = judged[wrong & (judged["box"] >= 0).to_numpy() & np.isfinite(judged[CORNERS].to_numpy()).all(axis=1)]
    edges[placed["box"]] = placed[CORNERS].to_numpy(np.float64)
    own = boxes[CORNERS].to_numpy(np.float64)
    known = np.isfinite(own).all(axis=1) & np.isfinite(edges).all(axis=1)
    return boxes["class_id"].to_numpy(np.int64)[known], room(own[known], edges[known])


def rows_of(classes: Integers, sides: Exact, skill: Skill, names: Sequence[str]) -> list[Row]:
    """All labels, then the classes that have any, the most frequent first, as many as fit."""
    counts = np.bincount(classes[(classes >= 0) & (classes < len(names))], minlength=len(names))
    common = [number for number in np.argsort(-counts, kind="stable").tolist() if counts[number]]
    error = skill["spread"].to_numpy(np.float64)
    known = np.isfinite(error) & (counts > 0)
    pooled = float(np.sqrt(np.average(error[known] ** 2, weights=counts[known]))) if known.any() else np.nan
    rows = [Row("all classes", len(sides), sides.ravel(), pooled)]
    for number in common[:MOST_CLASSES]:
        own = sides[classes == number].ravel()
        rows.append(Row(names[number], len(own) // 4, own, float(error[number])))
    return rows


def tightness_picture(seen: Seen, boxes: Boxes, names: Sequence[str]) -> bytes:
    """1650 pixels wide, and as high as there are classes; of more than 40 the most frequent."""
    classes, sides = slack(seen, boxes)
    rows = rows_of(classes, sides, seen.skill, names)
    height = ABOVE + BELOW + ROW * max(3, len(rows))
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS)
        across, up = 1 / WIDTH_INCHES, 1 / height
        title = "Tightness of the labels' boxes"
        figure.text(0.2 * across, 1 - 0.3 * up, title, fontweight="bold", fontsize=13, va="center")
        said = _said(len(sides), len(boxes), len(rows) - 1, len(np.unique(classes)))
        figure.text(1 - 0.2 * across, 1 - 0.3 * up, said, fontsize=9, color=ink.FAINT, va="center", ha="right")
        size = (WIDTH_INCHES - LEFT - RIGHT) * across, 1 - (ABOVE + BELOW) * up
        plot = figure.add_axes((LEFT * across, BELOW * up, *size))
        _draw(plot, rows)
        for at, words in ((-0.46, WORDS), (-0.68, KEY)):
            figure.text(LEFT * across, (BELOW + at) * up, words, fontsize=9, color=ink.TEXT, va="center")
        return ink.as_png(figure)


WORDS = "share of the box's side, all four sides:   − the box cuts into the object   |   + space around the object"
KEY = "dot: median · thick: half of all sides · thin: nine of ten · grey: the model's own error, one standard deviation"


def _said(seen: int, labels: int, drawn: int, classes: int) -> str:
    said = f"{seen:,} of {labels:,} labels, those whose object the model is sure of"
    return said if drawn >= classes else f"{said} · the {drawn:,} most frequent of {classes:,} classes"


def _draw(plot: Axes, rows: Sequence[Row]) -> None:
    reach = _reach(rows[0].sides)
    plot.set_xlim(-reach, reach)
    plot.set_ylim(max(3, len(rows)) - 0.5, -0.5)
    plot.spines[["top", "right", "left", "bottom"]].set_visible(False)
    plot.tick_params(length=0, pad=5, labelsize=9)
    plot.set_yticks(range(len(rows)), [ink.fitted(row.name, 13) for row in rows])
    plot.set_xticks(np.linspace(-reach, reach, 9), [_percent(each) for each in np.linspace(-reach, reach, 9)])
    plot.grid(True, axis="x", color=ink.RULE, linewidth=0.6)
    plot.set_axisbelow(True)
    if not rows[0].labels:
        plot.set_yticks([])
        plot.text(
            0.5, 0.5, "the model is sure of no label's object", transform=plot.transAxes, ha="center", color=ink.FAINT
        )
        return
    for at, row in enumerate(rows):
        _of_class(plot, at, row)
    plot.axvline(0, color=ink.FAINT, linewidth=1.0)
    plot.axhline(0.5, color=ink.RULE, linewidth=0.8)
    heads = (("median", 1.07), ("labels", 1.17), ("own error", 1.295))
    for words, across in heads:
        plot.annotate(words, (across, 1.0), (0, 8), "axes fraction", "offset points", ha="right", color=ink.FAINT)


def _of_class(plot: Axes, at: int, row: Row) -> None:
    """One row of the plot, and its numbers on the right."""
    if np.isfinite(row.error):
        plot.barh(at, 2 * row.error, height=0.86, left=-row.error, color=BAND, zorder=0.5)
    low, first, middle, third, high = np.quantile(row.sides, [0.05, 0.25, 0.5, 0.75, 0.95])
    if row.labels < FEW:
        plot.plot(row.sides, np.full(len(row.sides), at), "o", color=LINE, markersize=3, markeredgewidth=0, alpha=0.8)
    else:
        plot.plot((low, high), (at, at), color=LINE, linewidth=1.6, solid_capstyle="butt")
        plot.plot((first, third), (at, at), color=LINE, linewidth=6.5, solid_capstyle="butt")
    plot.plot(middle, at, "o", color=COLOUR, markersize=6, markeredgecolor=ink.PAPER, markeredgewidth=0.8)
    own = f"± {row.error:.1%}" if np.isfinite(row.error) else "unknown"
    for words, across in ((_percent(middle, 1), 1.07), (f"{row.labels:,}", 1.17), (own, 1.295)):
        plot.text(across, at, words, transform=plot.get_yaxis_transform(), ha="right", va="center", fontsize=9)


def _reach(sides: Exact) -> float:
    """Where the axis ends on both sides: a number whose quarters read well."""
    far = float(np.quantile(np.abs(sides), 0.95)) if len(sides) else LEAST_REACH
    return float(np.clip(np.ceil(far * 25) / 25, LEAST_REACH, MOST_REACH))


def _percent(share: float, digits: int = 0) -> str:
    text = f"{abs(share):.{digits}%}"
    if not float(text.rstrip("%")):
        return text
    return f"{'−' if share < 0 else '+'}{text}"
