"""A confusion matrix → its picture as PNG: shares of each true class, and in words what is mistaken for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.plot import ink
from yoloaudit.train.score.confusion import CONFIDENCE, OVERLAP, Confusion
from yoloaudit.train.score.pairs import Integers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES, DOTS = (12.0, 9.0), 250
SIDE_INCHES, NAMES_INCHES = 6.9, 1.3
LEFT, BOTTOM = 0.145, 0.165
MOST_LEVEL = 6
"""Cells up to which names below the matrix stand level."""
MOST_WRITTEN = 30
"""Classes below which the shares are written into the cells; above, only classes that occur are shown."""
MOST_SHOWN = 100
LEAST_WRITTEN = 0.005
MISTAKES = 14
BACKGROUND = "background"


def confusion_picture(confusion: Confusion, names: Sequence[str]) -> bytes:
    """3000 × 2250 pixels; rows predicted, columns true, each column as shares of its sum; `names` by class id."""
    shown = shown_classes(confusion)
    shares = share_matrix(confusion, shown)
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS)
        width, height = SIDE_INCHES / SIZE_INCHES[0], SIDE_INCHES / SIZE_INCHES[1]
        below = 0.12 if len(shares) <= MOST_LEVEL else 0.016
        figure.text(LEFT, 0.957, "Confusion matrix", fontsize=14, fontweight="bold", va="center")
        figure.text(0.99, 0.957, _said(confusion, len(shown)), fontsize=9, color=ink.FAINT, va="center", ha="right")
        figure.text(LEFT + width / 2, below, "true", fontsize=11, ha="center", va="center")
        figure.text(0.012, BOTTOM + height / 2, "predicted", fontsize=11, ha="center", va="center", rotation=90)
        plot = figure.add_axes((LEFT, BOTTOM, width, height))
        panel = figure.add_axes((LEFT + width + 0.035, BOTTOM, 0.225, height))
        _cells(plot, shares, [*(names[number] for number in shown), BACKGROUND])
        _in_words(panel, confusion, names)
        return ink.as_png(figure)


def _said(confusion: Confusion, shown: int) -> str:
    said = f"share of each true class · confidence above {CONFIDENCE}, IoU above {OVERLAP}"
    if shown == confusion.classes:
        return said
    kind = "most common" if shown == MOST_SHOWN else "that occur"
    return f"{said} · the {shown:,} {kind} of {confusion.classes:,} classes"


def shown_classes(confusion: Confusion) -> Integers:
    """All classes if these are few; else those that occur, and of these the most common."""
    if confusion.classes < MOST_WRITTEN:
        return np.arange(confusion.classes)
    cells = confusion.cells
    sums = np.bincount(cells[:, 0], cells[:, 2], confusion.classes + 1)
    sums += np.bincount(cells[:, 1], cells[:, 2], confusion.classes + 1)
    common = np.argsort(-sums[:-1], kind="stable")[:MOST_SHOWN]
    return np.sort(common[sums[common] > 0])


def share_matrix(confusion: Confusion, shown: Integers) -> NDArray[np.float64]:
    """Rows and columns of these classes and background; NaN for shares below 0.005, which stay blank."""
    totals = np.bincount(confusion.cells[:, 1], confusion.cells[:, 2], confusion.classes + 1)
    place = np.full(confusion.classes + 1, -1)
    place[shown], place[-1] = np.arange(len(shown)), len(shown)
    row, column = place[confusion.cells[:, 0]], place[confusion.cells[:, 1]]
    share = confusion.cells[:, 2] / totals[confusion.cells[:, 1]]
    shares = np.full((len(shown) + 1, len(shown) + 1), np.nan)
    kept = (row >= 0) & (column >= 0) & (share >= LEAST_WRITTEN)
    shares[row[kept], column[kept]] = share[kept]
    return shares


def _cells(plot: Axes, shares: NDArray[np.float64], names: Sequence[str]) -> None:
    """The coloured cells with their names and, if there is room, their numbers."""
    number = len(names)
    plot.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors=ink.RULE, linewidth=min(0.5, 15 / number))
    plot.invert_yaxis()
    size = min(10.0, SIDE_INCHES * 72 / number * 0.82)
    ticks = np.arange(number) + 0.5
    labels = [ink.fitted(name, NAMES_INCHES * 72 / size) for name in names]
    if number <= MOST_LEVEL:
        plot.set_xticks(ticks, [ink.fitted(name, SIDE_INCHES * 65 / number / size) for name in names], fontsize=size)
    else:
        plot.set_xticks(ticks, labels, fontsize=size, rotation=90)
    plot.set_yticks(ticks, labels, fontsize=size)
    plot.tick_params(length=0, pad=3)
    for label in (plot.get_xticklabels()[-1], plot.get_yticklabels()[-1]):
        label.set_color(ink.FAINT)
    if number <= MOST_WRITTEN:
        figures = min(10.0, SIDE_INCHES * 72 / number * 0.4)
        for row, column in np.argwhere(~np.isnan(shares)).tolist():
            share = shares[row, column]
            colour = ink.PAPER if share > 0.55 else ink.TEXT
            place = (column + 0.5, row + 0.53)
            plot.text(*place, f"{share:.2f}", ha="center", va="center", fontsize=figures, color=colour)


def _in_words(panel: Axes, confusion: Confusion, names: Sequence[str]) -> None:
    """Sums, and the pairs of classes that are confused most often."""
    panel.set_axis_off()
    panel.set_xlim(0, 1)
    panel.set_ylim(1, 0)
    predicted, true, count = confusion.cells.T
    labels = int(count[true < confusion.classes].sum())
    right = int(count[predicted == true].sum())
    missed = int(count[predicted == confusion.classes].sum())
    false = int(count[true == confusion.classes].sum())
    rows = [("labels", labels, ""), ("found as what they are", right, _share(right, labels))]
    rows += [("taken for another class", labels - right - missed, _share(labels - right - missed, labels))]
    rows += [("missed", missed, _share(missed, labels)), ("detections without a label", false, "")]
    for place, (what, several, share) in enumerate(rows):
        height = 0.012 + 0.036 * place
        panel.text(0, height, what, va="center", fontweight="bold" if not place else "normal")
        panel.text(0.83, height, f"{several:,}", va="center", ha="right")
        panel.text(1, height, share, va="center", ha="right", color=ink.FAINT)
    mixed = (predicted != true) & (predicted < confusion.classes) & (true < confusion.classes)
    worst = np.flatnonzero(mixed)[np.argsort(-count[mixed], kind="stable")][:MISTAKES]
    if len(worst):
        panel.text(0, 0.26, "Most often taken for another", va="center", fontweight="bold")
    for place, cell in enumerate(worst.tolist()):
        height = 0.302 + 0.05 * place
        panel.text(0, height, ink.fitted(names[true[cell]], 17.0), va="center")
        taken = "for " + ink.fitted(names[predicted[cell]], 17.0)
        panel.text(0.06, height + 0.021, taken, va="center", color=ink.FAINT, fontsize=8.5)
        panel.text(1, height, f"{count[cell]:,}", va="center", ha="right")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""
