"""The columns of a results.csv → results.png: losses of training and validation one above the other, and the scores.

E epochs. Points are what was measured; the line is their mean, weighted by a Gaussian over the epochs around each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.train.plot import ink
from yoloaudit.train.results_csv import SCORES, TRAIN, VAL, Columns, epochs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Exact: TypeAlias = NDArray[np.float64]

SIZE_INCHES, DOTS = (12.0, 6.0), 200
SIGMA, LEAST_SIGMAS = 3.0, 25
"""Epochs: standard deviation of the Gaussian; narrower in a run of fewer epochs than so many of it."""
REACH = 4
"""The Gaussian is cut off at so many standard deviations."""
BEYOND = 2.5
"""The axis of a loss ends at so many times what nine epochs of ten stay below: the first epochs may leave it."""
COLOUR, POINTS = ink.COLOURS[0], "#9cc3dd"
MOST_POINTS = 400
"""Epochs up to which points are large enough to be told apart."""
TITLES = ("box loss", "objectness loss", "class loss", "precision", "recall", "mAP50", "mAP50-95")


class Panel(NamedTuple):
    """One of the ten plots."""

    title: str
    column: str
    against: str | None = None
    """The column of the other row that it shares its axis with, so that the two can be compared."""


UPPER = [Panel(f"{title}, train", one, other) for title, one, other in zip(TITLES[:3], TRAIN, VAL, strict=True)]
UPPER += [Panel(TITLES[3], SCORES[0]), Panel(TITLES[4], SCORES[1])]
LOWER = [Panel(f"{title}, val", one, other) for title, one, other in zip(TITLES[:3], VAL, TRAIN, strict=True)]
LOWER += [Panel(TITLES[5], SCORES[2]), Panel(TITLES[6], SCORES[3])]


def results_picture(columns: Columns) -> bytes:
    """2400 × 1200 pixels; a column that the file lacks, or that holds no number, is an empty panel that says so."""
    epochs = epochs_of(columns)
    best = epochs.best
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS)
        figure.text(0.035, 0.957, "Results by epoch", fontsize=13, fontweight="bold", va="center")
        figure.text(0.985, 0.957, _said(columns, best), fontsize=9.5, color=ink.FAINT, va="center", ha="right")
        for row, panels in enumerate((UPPER, LOWER)):
            for place, panel in enumerate(panels):
                across = 0.035 + 0.194 * place + (0.006 if place > 2 else 0)
                plot = figure.add_axes((across, 0.542 - 0.46 * row, 0.158, 0.345))
                _draw(plot, columns, panel, best, below=row == 1)
        return ink.as_png(figure)


def _said(columns: Columns, best: int | None) -> str:
    size = len(columns["epoch"])
    said = f"{size:,} epoch{'' if size == 1 else 's'}"
    if best is None:
        return said
    scores = [f"{name} {columns[column][best]:.3f}" for name, column in zip(TITLES[5:], SCORES[2:], strict=True)]
    return f"{said} · best (0.1 mAP50 + 0.9 mAP50-95): {int(columns['epoch'][best]):,}, with {', '.join(scores)}"


def _draw(plot: Axes, columns: Columns, panel: Panel, best: int | None, below: bool) -> None:
    epoch = columns["epoch"]
    values = finite(columns, panel.column)
    plot.set_title(panel.title, loc="left", fontsize=9.2, pad=7)
    plot.spines[["top", "right"]].set_visible(False)
    plot.tick_params(length=0, pad=4, labelsize=8.5)
    plot.grid(True, color=ink.RULE, linewidth=0.6)
    plot.set_axisbelow(True)
    if not np.isfinite(values).any():
        plot.set_xticks([])
        plot.set_yticks([])
        plot.text(0.5, 0.5, "not measured", transform=plot.transAxes, ha="center", va="center", color=ink.FAINT)
        return
    if below:
        plot.set_xlabel("epoch, from 0", fontsize=9)
    limit = 1.0 if panel.column in SCORES else loss_limit(values, finite(columns, panel.against or panel.column))
    plot.set_ylim(0, limit)
    plot.set_xlim(*_wide(float(epoch[0]), float(epoch[-1])))
    if len(epoch) > 1:
        plot.locator_params(axis="x", nbins=4, integer=True)
    else:
        plot.set_xticks(epoch)
    if panel.column in SCORES:
        plot.set_yticks(np.linspace(0, 1, 6))
    else:
        plot.locator_params(axis="y", nbins=5)
    size = 4.0 if len(epoch) <= MOST_POINTS else 1.0
    plot.plot(epoch, values, "o", color=POINTS, markersize=size, markeredgewidth=0, clip_on=panel.column not in SCORES)
    plot.plot(epoch, smoothed(np.minimum(values, limit)), color=COLOUR, linewidth=2.0, solid_capstyle="round")
    if best is not None:
        plot.axvline(float(epoch[best]), color=ink.FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    last = values[np.flatnonzero(np.isfinite(values))[-1]]
    shown = last if best is None or not np.isfinite(values[best]) else values[best]
    told = f"{shown:.3f}" if panel.column in SCORES else f"{shown:.3g}"
    plot.set_title(told, loc="right", fontsize=9.2, pad=7, color=ink.FAINT)


def _wide(first: float, last: float) -> tuple[float, float]:
    """An axis that is as wide as the epochs, and a little more."""
    room = max(0.5, 0.02 * (last - first))
    return first - room, last + room


def finite(columns: Columns, name: str) -> Exact:
    """E: a column, NaN where it holds no number or is not there at all."""
    column = columns.get(name, np.full(len(columns["epoch"]), np.nan))
    return np.where(np.isfinite(column), column, np.nan)


def loss_limit(*columns: Exact) -> float:
    """Where the axis of these losses ends: high enough for all, unless the first epochs are far above the others."""
    tops = []
    for column in columns:
        values = column[np.isfinite(column)]
        if len(values):
            tops.append(min(float(values.max()), BEYOND * float(np.quantile(values, 0.9))))
    highest = max(tops, default=0.0)
    return min(highest * 1.06, 1e300) if highest > 0 else 1.0


def smoothed(values: Exact) -> Exact:
    """E: the mean of the values around each epoch, weighted by a Gaussian; NaN where none of them is a number."""
    sigma = min(SIGMA, max(len(values) / LEAST_SIGMAS, 0.1))
    reach = np.arange(-int(REACH * sigma), int(REACH * sigma) + 1)
    kernel = np.exp(-0.5 * (reach / sigma) ** 2)
    known = np.isfinite(values)
    side = len(reach) // 2
    weights = np.convolve(np.pad(known.astype(np.float64), side), kernel, mode="valid")
    sums = np.convolve(np.pad(np.where(known, values, 0.0), side), kernel, mode="valid")
    line: Exact = np.divide(sums, weights, out=np.full(len(values), np.nan), where=weights > 0)
    return line
