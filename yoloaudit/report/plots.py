"""The tables of a data set → plots for the page: classes, centres and sizes of boxes, sizes of images, by split.

Each is an SVG for the page itself, whose colours are the page's own, dark or light. Nothing but tables is read. With
judgements of a model there is one more: how tight the boxes of each class are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from pandas import DataFrame

from yoloaudit.dataset.load import Dataset
from yoloaudit.evidence import Integers
from yoloaudit.report import plots_axes as axes
from yoloaudit.report import plots_svg as svg
from yoloaudit.report.text import show
from yoloaudit.train.plot import ink
from yoloaudit.train.plot.tightness import Seen, rows_of, slack

SHARES = ["cx", "cy", "w", "h"]
TRAINED_ON = ("used", "altered")
"""Fates of rows that the trainer is given."""
MOST_SPLITS, MOST_CLASSES, MOST_TIGHT, MOST_POINTS = 3, 30, 30, 400
MOST_BOXES = 200_000
FEW_CLASSES = 10
"""So many fit on a small plot."""
BINS = 40
SMALL, WIDE = (3.5, 3.0), 4.4
"""Inches: width and height of a small plot, width of a wide one."""
ROW, AROUND = 0.19, 0.75
"""Inches: of a class, and above and below all of them."""
SIZES = (32, 96)
"""Pixels: between COCO's small, medium and large objects."""
TIGHTNESS = ("predictions", "matches", "judgements", "skill")


class Plot(NamedTuple):
    """A plot, its title, and a sentence on how to read it."""

    title: str
    said: str
    svg: str
    wide: bool = False


def plots(dataset: Dataset, measures: Mapping[str, Any]) -> list[list[Plot]]:
    """Rows of the plots that there is something to draw for; raises ImportError where seaborn is not installed."""
    rows_used = _trained_on(dataset)
    boxes = _drawn(dataset, rows_used)
    splits = list(dataset.splits)[:MOST_SPLITS]
    with ink.drawing(), svg.style():
        import seaborn as sns

        rows: list[list[Iterator[Plot]]] = [
            [
                _classes(sns, dataset, rows_used, splits),
                _sizes_in_training(sns, dataset, boxes, splits),
                _image_sizes(sns, dataset, splits),
            ],
            [_centres(sns, boxes, splits)],
            [_sides(sns, boxes, splits)],
            [_tightness(sns, dataset, measures)],
        ]
        drawn = [[plot for maker in row for plot in maker] for row in rows]
        return [row for row in drawn if row]


def _trained_on(dataset: Dataset) -> Integers:
    """Rows of the boxes that the trainer is given, if their numbers are finite."""
    used = dataset.boxes["fate"].isin(TRAINED_ON).to_numpy()
    for side in SHARES:
        used = used & np.isfinite(dataset.boxes[side].to_numpy())
    return np.flatnonzero(used)


def _drawn(dataset: Dataset, rows: Integers) -> DataFrame:
    """Those boxes; of very many so many as show how they are spread."""
    if len(rows) > MOST_BOXES:
        rows = np.random.default_rng(0).choice(rows, MOST_BOXES, replace=False)
    boxes: DataFrame = dataset.boxes[["split", *SHARES, "w_train", "h_train"]].iloc[rows]
    return boxes.assign(split=boxes["split"].astype(str))


def _classes(sns: Any, dataset: Dataset, rows: Integers, splits: Sequence[str]) -> Iterator[Plot]:
    """A dot a class and split, on a scale by powers of ten; of many classes the most and the least frequent."""
    number = len(dataset.names)
    if not number or not len(rows):
        return
    counts = {split: _counted(dataset, rows, split) for split in splits}
    order = np.argsort(-counts[splits[0]], kind="stable")
    shown = order if number <= MOST_CLASSES else np.r_[order[: MOST_CLASSES // 2], order[-MOST_CLASSES // 2 :]]
    names = [ink.fitted(show(dataset.names[each]), 14) for each in shown.tolist()]
    parts = [
        DataFrame(
            {"place": np.arange(len(shown)), "boxes": np.maximum(counts[split][shown], 0.5), "split": show(split)}
        )
        for split in splits
    ]
    wide = len(shown) > FEW_CLASSES
    figure, plot = svg.figure(*((WIDE, AROUND + ROW * len(shown)) if wide else SMALL))
    table = _joined(parts)
    sns.scatterplot(
        table, x="boxes", y="place", hue="split", palette=axes.palette(splits), s=34, linewidth=0, legend=False, ax=plot
    )
    plot.set_xscale("log")
    most = max(1, max(int(count.max()) for count in counts.values()))
    ticks = [10**power for power in range(len(str(most)) + 1) if 10**power <= 2 * most]
    plot.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    plot.set_xticks([], minor=True)
    plot.set_yticks(range(len(shown)), names)
    plot.set_ylim(len(shown) - 0.4, -0.6)
    axes.key_above(plot, splits)
    none = any(not count[shown].all() for count in counts.values())
    axes.named(plot, "boxes (those at the left edge: none)" if none else "boxes", "", "x")
    which = "" if len(shown) == number else f" The {MOST_CLASSES // 2} most and least frequent of {number:,} classes."
    said = f"Each dot is a class in a split; the scale goes by powers of ten.{which}"
    yield Plot("Boxes of each class", said, svg.of(figure, "classes"), wide)


def _counted(dataset: Dataset, rows: Integers, split: str) -> Integers:
    number = len(dataset.names)
    ids = dataset.boxes["class_id"].to_numpy()[rows[(dataset.boxes["split"] == split).to_numpy()[rows]]]
    return np.bincount(ids[(ids >= 0) & (ids < number)], minlength=number)


def _sizes_in_training(sns: Any, dataset: Dataset, boxes: DataFrame, splits: Sequence[str]) -> Iterator[Plot]:
    sides = np.sqrt(boxes["w_train"].to_numpy(np.float64) * boxes["h_train"].to_numpy(np.float64))
    table = DataFrame({"side": sides, "split": boxes["split"].map(show)})
    table = table[np.isfinite(sides) & (sides > 0) & boxes["split"].isin(splits).to_numpy()]
    if not len(table):
        return
    figure, plot = svg.figure(*SMALL)
    sns.histplot(
        table.assign(side=np.log2(table["side"])),
        x="side",
        hue="split",
        hue_order=[show(split) for split in splits],
        palette=axes.palette(splits),
        stat="percent",
        common_norm=False,
        element="step",
        fill=False,
        bins=24,
        linewidth=1.6,
        legend=False,
        ax=plot,
    )
    axes.key_above(plot, splits)
    for side in SIZES:
        plot.axvline(np.log2(side), color=ink.FAINT, linewidth=0.8, dashes=(3, 3))
    low, high = (int(each) for each in (np.floor(plot.get_xlim()[0]), np.ceil(plot.get_xlim()[1])))
    ticks = range(low, high + 1, 2 if high - low > 6 else 1)
    plot.set_xticks(list(ticks), [f"{2.0**each:g}" for each in ticks])
    axes.named(plot, f"√(width × height) at {dataset.imgsz} px", "% of boxes", "y")
    said = "As the trainer sees them; dashed: COCO's borders of small, medium and large."
    yield Plot("Sizes of boxes in training", said, svg.of(figure, "sizes"))


def _image_sizes(sns: Any, dataset: Dataset, splits: Sequence[str]) -> Iterator[Plot]:
    images = dataset.images
    known = images[((images["width"] > 0) & (images["height"] > 0)).to_numpy()]
    table = known.assign(split=known["split"].astype(str)).groupby(["split", "width", "height"], observed=True)
    sizes = table.size().rename("images").reset_index().sort_values("images", ascending=False)
    sizes = sizes[sizes["split"].isin(splits)]
    kinds, sizes = len(sizes[["width", "height"]].drop_duplicates()), sizes[:MOST_POINTS]
    if not len(sizes):
        return
    figure, plot = svg.figure(*SMALL)
    sns.scatterplot(
        sizes.assign(split=sizes["split"].map(show)),
        x="width",
        y="height",
        hue="split",
        size="images",
        sizes=(14, 220),
        alpha=0.55,
        hue_order=[show(split) for split in splits],
        palette=axes.palette(splits),
        linewidth=0,
        legend=False,
        ax=plot,
    )
    axes.key_above(plot, splits)
    axes.pixels(plot, sizes[["width", "height"]].to_numpy(np.float64))
    axes.named(plot, "width, px", "height, px", "both")
    different = f"{kinds:,} different size{'' if kinds == 1 else 's'}"
    yield Plot("Sizes of images", f"{different}; the larger a dot, the more images.", svg.of(figure, "images"))


def _centres(sns: Any, boxes: DataFrame, splits: Sequence[str]) -> Iterator[Plot]:
    for split in splits:
        said = "Where the middles of boxes lie in their images; the stronger the colour, the more."
        yield from _density(sns, boxes, split, ("cx", "cy"), f"Centres of boxes: {show(split)}", said)


def _sides(sns: Any, boxes: DataFrame, splits: Sequence[str]) -> Iterator[Plot]:
    for split in splits:
        said = "Width and height of boxes, as shares of their images."
        yield from _density(sns, boxes, split, ("w", "h"), f"Width and height: {show(split)}", said)


def _density(sns: Any, boxes: DataFrame, split: str, columns: tuple[str, str], title: str, said: str) -> Iterator[Plot]:
    own = boxes[(boxes["split"] == split).to_numpy()]
    if not len(own):
        return
    figure, plot = svg.figure(*SMALL)
    x, y = (own[column].to_numpy(np.float64) for column in columns)
    norm = {"norm": svg.by_root(), "vmin": None, "vmax": None}
    sns.histplot(x=x, y=y, bins=BINS, binrange=((0, 1), (0, 1)), cmap=svg.density(), rasterized=True, ax=plot, **norm)
    plot.set_xlim(0, 1)
    plot.set_ylim((1, 0) if columns == ("cx", "cy") else (0, 1))
    plot.set_xticks((0, 0.5, 1))
    plot.set_yticks((0, 0.5, 1))
    names = ("centre x", "centre y") if columns == ("cx", "cy") else ("width", "height")
    axes.named(plot, *names, "both")
    yield Plot(title, said, svg.of(figure, f"{columns[0]}-{title}"))


def _tightness(sns: Any, dataset: Dataset, measures: Mapping[str, Any]) -> Iterator[Plot]:
    """Slack of all four sides, a box a class: between quarters, whiskers at the twentieths."""
    if any(measures.get(name) is None for name in TIGHTNESS):
        return
    tables = {name: measures[name] for name in TIGHTNESS}
    classes, sides = slack(Seen(**tables), dataset.boxes)
    if not len(sides):
        return
    rows = rows_of(classes, sides, tables["skill"], [show(name) for name in dataset.names])[: MOST_TIGHT + 1]
    figure, plot = svg.figure(WIDE, AROUND + 0.24 * max(3, len(rows)))
    table = _joined([DataFrame({"place": place, "slack": 100 * row.sides}) for place, row in enumerate(rows)])
    sns.boxplot(
        table,
        x="slack",
        y="place",
        orient="h",
        whis=(5, 95),
        showfliers=False,
        saturation=1,
        width=0.55,
        color=ink.COLOURS[0],
        linecolor=ink.TEXT,
        linewidth=0.8,
        native_scale=True,
        ax=plot,
    )
    plot.axvline(0, color=ink.FAINT, linewidth=0.9)
    plot.set_yticks(range(len(rows)), [f"{ink.fitted(row.name, 12)} ({row.labels:,})" for row in rows])
    plot.set_ylim(len(rows) - 0.4, -0.6)
    far = float(np.clip(np.quantile(np.abs(sides), 0.97), 0.05, 0.5)) * 100
    plot.set_xlim(-far, far)
    axes.named(plot, "% of its side: below 0 a box cuts into the object, above it leaves space", "", "x")
    said = (
        f"Of {len(sides):,} labels whose object the model is sure of, all four sides: half lie within the box, "
        "nine of ten within the line."
    )
    yield Plot("Tightness of boxes", said, svg.of(figure, "tightness"), wide=True)


def _joined(parts: Sequence[DataFrame]) -> DataFrame:
    import pandas as pd

    return pd.concat(parts, ignore_index=True)
