"""How the plots of the page are dressed: colours of splits, names of axes, a quiet grid, a key that hides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from yoloaudit.report.text import show
from yoloaudit.train.plot import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE_RANGE = 12
"""Sides of which some are so many times as long as others are shown on a scale by powers of two."""


def palette(splits: Sequence[str]) -> dict[str, str]:
    return {show(split): ink.COLOURS[number] for number, split in enumerate(splits)}


def pixels(plot: Axes, sides: Any) -> None:
    """Both axes from 0; on a scale by powers of two where sides are of very different lengths."""
    low, high = float(sides.min()), float(sides.max())
    ends = (0.0, 1.12 * high)
    if high > WIDE_RANGE * low:
        ends = low / 1.5, high * 1.5
        ticks = [2**power for power in range(31) if ends[0] <= 2**power <= ends[1]]
        ticks = ticks[:: 1 + len(ticks) // 7]
        plot.set_xscale("log", base=2)
        plot.set_yscale("log", base=2)
        plot.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        plot.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
    plot.set_xlim(ends)
    plot.set_ylim(ends)


def named(plot: Axes, x: str, y: str, grid: str) -> None:
    """Names of the axes, a quiet grid, a key without a frame."""
    plot.set_xlabel(x, fontsize=8.5)
    plot.set_ylabel(y, fontsize=8.5)
    plot.tick_params(length=0, pad=4, labelsize=8.5)
    plot.spines[["top", "right", "left", "bottom"]].set_visible(False)
    plot.grid(True, axis=grid, color=ink.RULE, linewidth=0.7)  # type: ignore[arg-type]  # one of x, y, both
    plot.set_axisbelow(True)


def key_above(plot: Axes, splits: Sequence[str]) -> None:
    """Which colour is which split, above the plot, where it hides nothing; nothing where there is one."""
    from matplotlib.lines import Line2D

    if (key := plot.get_legend()) is not None:
        key.remove()
    if len(splits) > 1:
        dots = [Line2D([], [], linestyle="", marker="o", markersize=6, color=colour) for colour in ink.COLOURS]
        place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1.0), "borderaxespad": 0.2}
        words = [ink.fitted(show(split), 10) for split in splits]
        plot.legend(
            dots[: len(splits)],
            words,
            ncols=len(splits),
            frameon=False,
            fontsize=8.5,
            columnspacing=1.2,
            handletextpad=0.1,
            **place,
        )
