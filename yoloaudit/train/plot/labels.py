"""The tables of a data set → labels.jpg and labels_correlogram.jpg: how its training boxes are spread.

N boxes, as shares of their images. Nothing is read but the table: what is drawn is what the trainer is given.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from yoloaudit.dataset.tables import Boxes
from yoloaudit.train.plot import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Exact: TypeAlias = NDArray[np.float64]

TRAINED_ON = ("used", "altered")
"""Fates of rows that the trainer is given."""
BINS = 50
MOST_DRAWN = 1000
"""Boxes that are drawn on each other."""
MOST_NAMED = 30
"""Classes up to which each has a bar with its name."""
FEW_NAMED = 6
"""Of fewer classes the bars become no wider."""
SIDE, PAIRS_SIDE = (8.0, 200), (10.0, 200)
"""Inches and dots an inch: 1600 and 2000 pixels."""
QUALITY = 92
COLOUR = ink.COLOURS[0]
MEASURES = ("x", "y", "width", "height")


class Spread(NamedTuple):
    """The boxes of one split that the trainer is given."""

    centres: Exact
    """N × 4: cx cy w h, as shares."""
    classes: NDArray[np.int64]
    images: int


def spread_of(boxes: Boxes, split: str = "train") -> Spread:
    """The boxes of a split that are trained on; those whose numbers are not finite are none."""
    rows = boxes["fate"].isin(TRAINED_ON).to_numpy() & (boxes["split"] == split).to_numpy()
    own = boxes[rows]
    centres = own[["cx", "cy", "w", "h"]].to_numpy(np.float64)
    sound = np.isfinite(centres).all(axis=1)
    images = len(np.unique(own["image"].to_numpy()[sound]))
    return Spread(centres[sound], own["class_id"].to_numpy().astype(np.int64)[sound], images)


def labels_picture(boxes: Boxes, names: Sequence[str], split: str = "train") -> bytes:
    """JPEG of 1600 × 1600 pixels: boxes of each class, boxes on each other, where they lie and how large they are."""
    spread = spread_of(boxes, split)
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(SIDE[0], SIDE[0]), dpi=SIDE[1])
        figure.text(0.03, 0.966, f"Labels of {split}", fontsize=13, fontweight="bold", va="center")
        told = f"{len(spread.classes):,} boxes in {spread.images:,} images, {len(names):,} classes"
        figure.text(0.975, 0.966, told, fontsize=9.5, color=ink.FAINT, va="center", ha="right")
        bars = figure.add_axes((0.17, 0.55, 0.305, 0.345) if len(names) <= MOST_NAMED else (0.085, 0.55, 0.39, 0.345))
        _classes(bars, spread, names)
        _stacked(figure.add_axes((0.565, 0.55, 0.41, 0.345)), spread)
        where = figure.add_axes((0.085, 0.065, 0.39, 0.385))
        _density(where, spread.centres[:, 0], spread.centres[:, 1], "centre x", "centre y")
        where.set_title("where their centres lie", loc="left", fontsize=10.5, pad=7)
        where.invert_yaxis()
        sizes = figure.add_axes((0.565, 0.065, 0.41, 0.385))
        _density(sizes, spread.centres[:, 2], spread.centres[:, 3], "width", "height")
        sizes.set_title("how large they are", loc="left", fontsize=10.5, pad=7)
        return as_jpeg(figure)


def correlogram_picture(boxes: Boxes, split: str = "train") -> bytes:
    """JPEG of 2000 × 2000 pixels: x, y, width and height of the boxes, each alone and against each other."""
    spread = spread_of(boxes, split)
    with ink.drawing():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(PAIRS_SIDE[0], PAIRS_SIDE[0]), dpi=PAIRS_SIDE[1])
        figure.text(0.03, 0.971, f"Boxes of {split}, measure by measure", fontsize=14, fontweight="bold", va="center")
        told = f"{len(spread.classes):,} boxes; centre, width and height as shares of the image"
        figure.text(0.975, 0.971, told, fontsize=10, color=ink.FAINT, va="center", ha="right")
        for row in range(len(MEASURES)):
            for column in range(row + 1):
                plot = figure.add_axes((0.075 + 0.232 * column, 0.733 - 0.225 * row, 0.202, 0.195))
                _pair(plot, spread.centres, column, row)
        return as_jpeg(figure)


def as_jpeg(figure: Figure) -> bytes:
    """The figure as a file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return buffer.getvalue()


def _classes(plot: Axes, spread: Spread, names: Sequence[str]) -> None:
    """Boxes of each class: a bar with its name, or of many classes a bar each and the names of the extremes."""
    counts = np.bincount(spread.classes[(spread.classes >= 0) & (spread.classes < len(names))], minlength=len(names))
    places = np.arange(len(names))
    plot.set_title("boxes of each class", loc="left", fontsize=10.5, pad=7)
    plot.spines[["top", "right"]].set_visible(False)
    plot.tick_params(length=0, pad=4, labelsize=8.5)
    plot.set_axisbelow(True)
    if not len(names):
        _say(plot, "no classes")
    elif len(names) <= MOST_NAMED:
        plot.barh(places, counts, color=COLOUR, height=0.72 * min(1, len(names) / FEW_NAMED))
        plot.set_ylim(len(names) - 0.5, -0.5)
        size = min(9.0, 200 / len(names))
        plot.set_yticks(places, [ink.fitted(name, 95 / size) for name in names], fontsize=size)
        plot.set_xlim(0, max(1, counts.max() * 1.18))
        plot.locator_params(axis="x", nbins=4, integer=True)
        plot.grid(True, axis="x", color=ink.RULE, linewidth=0.6)
        for place, count in enumerate(counts.tolist()):
            plot.text(count + plot.get_xlim()[1] * 0.015, place, f"{count:,}", va="center", fontsize=size)
    else:
        plot.bar(places, counts, color=COLOUR, width=0.9)
        plot.set_xlim(-1, len(names))
        plot.set_xlabel("class id", fontsize=9)
        plot.set_ylim(0, max(1, counts.max() * 1.12))
        plot.locator_params(axis="y", nbins=5, integer=True)
        plot.grid(True, axis="y", color=ink.RULE, linewidth=0.6)
        most = int(counts.argmax())
        left = most < len(names) / 2
        told = f"{ink.fitted(names[most], 16)}: {counts[most]:,}"
        beside = most + (1 if left else -1) * len(names) * 0.02
        plot.text(beside, counts[most], told, fontsize=8.5, va="center", ha="left" if left else "right")


def _stacked(plot: Axes, spread: Spread) -> None:
    """The first boxes, each centred on the others, in the colours of their classes."""
    from matplotlib.collections import LineCollection

    drawn = spread.centres[:MOST_DRAWN]
    half = drawn[:, 2:] / 2
    corners = np.stack([half * sign for sign in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))], axis=1) + 0.5
    colours = [ink.COLOURS[number % len(ink.COLOURS)] for number in spread.classes[:MOST_DRAWN].tolist()]
    opaque = float(np.clip(12 / max(1, len(drawn)) ** 0.6, 0.12, 0.8))
    plot.add_collection(LineCollection(list(corners), colors=colours, linewidths=0.8, alpha=opaque))
    which = f"the first {MOST_DRAWN:,}" if len(spread.centres) > MOST_DRAWN else "all"
    plot.set_title(f"{which} boxes, centred on each other", loc="left", fontsize=10.5, pad=7)
    _square(plot)
    plot.set_xticks([])
    plot.set_yticks([])
    if not len(drawn):
        _say(plot, "no boxes")


def _density(plot: Axes, across: Exact, upward: Exact, x: str, y: str) -> None:
    """How many boxes there are in each of 50 × 50 cells; the root of the number is what is coloured."""
    _square(plot)
    plot.set_xlabel(x, fontsize=9)
    plot.set_ylabel(y, fontsize=9)
    if not len(across):
        _say(plot, "no boxes")
        return
    counts, _, _ = np.histogram2d(across, upward, bins=BINS, range=((0, 1), (0, 1)))
    edges = np.linspace(0, 1, BINS + 1)
    shown: Any = np.ma.masked_equal(np.sqrt(counts.T), 0)
    plot.pcolormesh(edges, edges, shown, cmap="Blues", vmin=-0.2 * float(shown.max()), rasterized=True)


def _pair(plot: Axes, centres: Exact, column: int, row: int) -> None:
    """One measure against another, or alone."""
    if column != row:
        _density(plot, centres[:, column], centres[:, row], "", "")
    else:
        from matplotlib.ticker import MaxNLocator

        counts, edges = np.histogram(centres[:, row], bins=BINS, range=(0, 1))
        plot.stairs(counts, edges, fill=True, color=COLOUR)
        _square(plot)
        plot.set_ylim(0, max(1, int(counts.max())) * 1.05)
        plot.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    last = len(MEASURES) - 1
    plot.set_xlabel(MEASURES[column] if row == last else "", fontsize=10)
    told = "" if column else "boxes" if row == 0 else MEASURES[row]
    plot.set_ylabel(told, fontsize=10)
    if row < last:
        plot.set_xticklabels([])
    if column and column != row:
        plot.set_yticklabels([])


def _square(plot: Axes) -> None:
    """Axes from 0 to 1."""
    plot.set_xlim(0, 1)
    plot.set_ylim(0, 1)
    plot.set_xticks(np.linspace(0, 1, 6))
    plot.set_yticks(np.linspace(0, 1, 6))
    plot.tick_params(length=0, pad=4, labelsize=8.5)
    plot.spines[["top", "right", "left", "bottom"]].set_color(ink.RULE)


def _say(plot: Axes, words: str) -> None:
    plot.text(0.5, 0.5, words, transform=plot.transAxes, ha="center", va="center", color=ink.FAINT)
