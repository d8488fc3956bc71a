"""Scores as arrays → pictures of them as PNG: precision, recall and F1 over confidence, precision over recall.

K classes. Every picture has its key in a panel of its own, so that it covers no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.plot import ink
from yoloaudit.train.score.metrics import CONFIDENCES, RECALLS, ClassScores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_COLOURED = 20
"""Classes up to which each has its own line; more are grey, and only the best and the worst are named."""
NAMED = 8
"""Of more classes, so many of the best and of the worst are named."""
SIZE_INCHES, DOTS = (9.0, 6.0), 250
ALL_WIDTH, CLASS_WIDTH, GREY_WIDTH = 2.6, 1.3, 0.6

Style: TypeAlias = dict[str, Any]
"""Colour, dashes and width of a line."""


class Sheet(NamedTuple):
    """What one picture of curves shows."""

    title: str
    across: str
    upward: str
    x: NDArray[np.float64]
    curves: NDArray[np.float32]
    """K × points of x."""
    values: NDArray[np.float64]
    """K: the number by which classes are ordered in the key."""
    heading: str
    """What that number is."""
    summary: tuple[str, str]
    """The number of all classes together, and what it is."""
    mark: float | None = None
    """Where on the x axis the numbers are taken."""


def precision_recall(scores: ClassScores, names: Sequence[str]) -> bytes:
    """Precision over recall at IoU 0.5, 2250 × 1500 pixels; `names` by class id."""
    ap = scores.ap[:, 0]
    summary = (f"{ap.mean() if len(ap) else 0:.3f}", "mAP50" if len(ap) > 1 else "AP50")
    title = "Precision by recall, at IoU 0.5"
    sheet = Sheet(title, "recall", "precision", RECALLS, scores.precision_by_recall, ap, "AP50", summary)
    return _drawn(sheet, [names[number] for number in scores.classes])


def over_confidence(scores: ClassScores, names: Sequence[str], measure: str) -> bytes:
    """`precision`, `recall` or `F1` over confidence at IoU 0.5, 2250 × 1500 pixels; `names` by class id."""
    curves = {"precision": scores.precision_curve, "recall": scores.recall_curve, "F1": scores.f1_curve}[measure]
    values = {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1}[measure]
    place = f"at confidence {scores.confidence:.3f}"
    summary = (f"{values.mean() if len(values) else 0:.3f}", f"{'mean ' if len(values) > 1 else ''}{place} (best F1)")
    title = f"{measure[0].upper()}{measure[1:]} by confidence, at IoU 0.5"
    x, heading = CONFIDENCES, f"{measure} at {scores.confidence:.3f}"
    sheet = Sheet(title, "confidence", measure, x, curves, values, heading, summary, scores.confidence)
    return _drawn(sheet, [names[number] for number in scores.classes])


def _drawn(sheet: Sheet, names: Sequence[str]) -> bytes:
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS)
        plot = figure.add_axes((0.075, 0.105, 0.605, 0.79))
        key = figure.add_axes((0.705, 0.105, 0.28, 0.79))
        figure.text(0.075, 0.945, sheet.title, fontsize=13, fontweight="bold", va="center")
        _frame(plot, sheet)
        key.set_axis_off()
        key.set_xlim(0, 1)
        key.set_ylim(1, 0)
        if len(sheet.curves):
            order = np.argsort(-sheet.values, kind="stable")
            styles = _lines(plot, sheet, order)
            _key(key, sheet, [names[row] for row in order], styles)
        else:
            plot.text(0.5, 0.5, "nothing is labelled", ha="center", va="center", color=ink.FAINT, fontsize=12)
        return ink.as_png(figure)


def _frame(plot: Axes, sheet: Sheet) -> None:
    plot.set_xlim(0, 1)
    plot.set_ylim(-0.006, 1.01)
    plot.set_xticks(np.linspace(0, 1, 6))
    plot.set_yticks(np.linspace(0, 1, 6))
    plot.set_xlabel(sheet.across, fontsize=10.5)
    plot.set_ylabel(sheet.upward, fontsize=10.5)
    plot.grid(True, color=ink.RULE, linewidth=0.6)
    plot.set_axisbelow(True)
    plot.spines[["top", "right"]].set_visible(False)
    plot.tick_params(length=0, pad=5)


def _lines(plot: Axes, sheet: Sheet, order: NDArray[np.intp]) -> list[Style]:
    """Draw the lines; the style of each class, in this order, empty where it has none of its own."""
    own = len(order) <= MOST_COLOURED and len(order) > 1
    styles: list[Style] = []
    for place, row in enumerate(order):
        style: Style = {}
        if own:
            dash = ink.DASHES[place // len(ink.COLOURS) % len(ink.DASHES)]
            style = {"color": ink.COLOURS[place % len(ink.COLOURS)], "linestyle": dash, "linewidth": CLASS_WIDTH}
        plot.plot(sheet.x, sheet.curves[row], **(style or {"color": "#b6bdc5", "linewidth": GREY_WIDTH}))
        styles.append(style)
    mean = sheet.curves.mean(axis=0, dtype=np.float64)
    plot.plot(sheet.x, mean, color=ink.TEXT, linewidth=ALL_WIDTH, solid_capstyle="round")
    if sheet.mark is not None:
        height = float(np.interp(sheet.mark, sheet.x, mean))
        plot.axvline(sheet.mark, color=ink.FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
        plot.plot([sheet.mark], [height], "o", color=ink.TEXT, markersize=6, markeredgecolor=ink.PAPER)
    return styles


def _key(key: Axes, sheet: Sheet, names: Sequence[str], styles: Sequence[Style]) -> None:
    """All classes together, then each by its line; of many classes, the best and the worst."""
    values = np.sort(-sheet.values, kind="stable") * -1
    key.plot([0.0, 0.09], [0.02, 0.02], color=ink.TEXT, linewidth=ALL_WIDTH, solid_capstyle="butt")
    number = len(names)
    key.text(
        0.13,
        0.02,
        f"all {number:,} classes" if number > 1 else ink.fitted(names[0], 13.0),
        fontweight="bold",
        va="center",
    )
    key.text(1.0, 0.02, sheet.summary[0], fontweight="bold", ha="right", va="center")
    key.text(0.13, 0.062, sheet.summary[1], color=ink.FAINT, fontsize=8, va="center")
    top = 0.125
    if number <= MOST_COLOURED:
        step = min(0.045, (0.99 - top) / max(1, number))
        _rows(key, top, step, sheet.heading, list(zip(names, values, styles, strict=True)) if number > 1 else [])
        return
    rows = list(zip(names, values, styles, strict=True))
    _rows(key, top, 0.043, f"highest {sheet.heading}", rows[:NAMED])
    _rows(key, top + 0.043 * (NAMED + 2.2), 0.043, f"lowest {sheet.heading}", rows[-NAMED:])


def _rows(key: Axes, top: float, step: float, heading: str, rows: Sequence[tuple[str, float, Style]]) -> None:
    if rows:
        key.text(1.0, top, heading, color=ink.FAINT, fontsize=8, ha="right", va="center")
    for place, (name, value, style) in enumerate(rows, 1):
        height = top + step * place
        if style:
            key.plot([0.0, 0.09], [height, height], **style, solid_capstyle="butt")
        key.text(0.13 if style else 0.0, height, ink.fitted(name, 13.0 if style else 14.8), va="center")
        key.text(1.0, height, f"{value:.3f}", ha="right", va="center")
