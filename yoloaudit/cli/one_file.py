"""One image or label file → what the trainer will do with it, row by row, as lines for a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.dataset.find import find
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.one_file import alone, is_image, is_label, label_path, within
from yoloaudit.errors import DataError, UsageError
from yoloaudit.findings import shorten
from yoloaudit.report.text import show

FOLDERS_UP, DESCRIPTORS_A_FOLDER = 5, 10
MOST_PATH, MOST_ROWS = 4096, 200
PATHS = ("data", "image", "label")
"""Facts that are never broken over lines, so that a path can be clicked."""
FATES = {
    "used": ("used", "green"),
    "altered": ("altered: read as two polygon points, since another row is a polygon", "yellow"),
    "duplicate": ("removed: a duplicate", "yellow"),
    "dropped": ("goes with its image", "red"),
    "broken": ("broken", "red"),
    "orphan": ("never read: no image goes with this file", "red"),
}


def explained(path: str, data: str | None) -> list[str]:
    """The lines to print; `data` names the data set, else it is looked for in the folders above."""
    place = os.path.abspath(path)
    if not os.path.lexists(place):
        raise DataError(f"there is no file {shorten(path, 200)}")
    if os.path.isdir(place) or not (is_image(place) or is_label(place)):
        raise UsageError(f"{shorten(path, 200)} is neither an image that the trainer finds nor a .txt label file")
    known = _known(place, data)
    dataset = known or alone(place)
    sheet = paper()
    sheet.print(Text(show(path, MOST_PATH), "bold"), soft_wrap=True)
    for name, value, style in _facts(dataset, known is not None):
        said = Text(show(value, MOST_PATH), style)
        if name in PATHS:
            sheet.print(Text(f"  {name:<7}  ") + said, soft_wrap=True)
        else:
            lines.paragraph(sheet, said, indent=2, first=f"{name:<7}  ")
    if len(dataset.boxes):
        sheet.print()
        sheet.print(_rows(dataset))
        if len(dataset.boxes) > MOST_ROWS:
            lines.paragraph(sheet, f"… and {len(dataset.boxes) - MOST_ROWS:,} more rows", indent=2)
    return written(sheet)


def _known(place: str, data: str | None) -> Dataset | None:
    """The file within its data set, None where no descriptor near it knows it."""
    if data is not None:
        found = find(data)
        own = _within(found, place)
        if own is None:
            raise DataError(f"{shorten(found.descriptor.path, 200)} leads to no such file: the trainer never sees it")
        return own
    for candidate in _descriptors(os.path.dirname(place)):
        try:
            own = _within(find(candidate), place)
        except DataError:
            continue
        if own is not None:
            return own
    return None


def _within(found: Layout, place: str) -> Dataset | None:
    return within(found, place) or within(found, os.path.realpath(place))


def _descriptors(folder: str) -> Iterator[str]:
    """Files and folders above that may describe the data set, nearest first."""
    from yoloaudit.dataset.coco.find import looks_like as is_coco
    from yoloaudit.dataset.voc.find import looks_like as is_voc

    for _ in range(FOLDERS_UP):
        try:
            names = sorted(os.listdir(folder), key=lambda name: (not name.startswith("data."), name))
        except OSError:
            names = []
        wanted = [name for name in names if name.endswith((".yaml", ".yml", ".data"))]
        yield from (os.path.join(folder, name) for name in wanted[:DESCRIPTORS_A_FOLDER])
        if not wanted and (is_coco(folder) or is_voc(folder)):
            yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _facts(dataset: Dataset, is_known: bool) -> Iterator[tuple[str, str, str]]:
    """Name, value and style of each line above the rows."""
    if not is_known:
        yield "data", "no data.yaml above it leads to this file; --data names one. Class names are not known", "yellow"
    else:
        splits = dataset.images["split"] if len(dataset.images) else dataset.labels["split"]
        yield "data", f"{splits.iat[0]} of {os.path.join(dataset.root, dataset.descriptor.path)}", ""
    if not len(dataset.images):
        yield "image", "none goes with this label file", "red"
        yield "fate", "the trainer never reads it", "bold red"
        return
    image = dataset.images.iloc[0]
    yield "image", str(image["path"]), ""
    yield "", _image_facts(image), ""
    yield from _label_facts(dataset)
    cause = f": {image['cause']}" if image["cause"] else ""
    if image["fate"] == "dropped":
        yield "fate", f"dropped{cause}; neither the image nor its rows are trained on", "bold red"
    elif image["fate"] == "background":
        yield "fate", f"trained on as background, an image without objects{cause}", "bold yellow"
    else:
        kept = int(dataset.boxes["fate"].isin(["used", "altered"]).sum())
        yield "fate", f"trained on with {kept:,} box{'' if kept == 1 else 'es'}{cause}", "bold green"


def _image_facts(image: Any) -> str:
    if image["error"]:
        return f"{image['error']}; {image['bytes']:,} bytes"
    parts = [f"{image['format']} of {image['width']} × {image['height']} px", f"mode {image['mode']}"]
    parts.append(f"{image['bytes']:,} bytes")
    if image["orientation"] != 1:
        parts.append(f"EXIF orientation {image['orientation']}, applied")
    if not image["complete"]:
        parts.append("does not end in FF D9: the trainer rewrites the file")
    return ", ".join(parts)


def _label_facts(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    if not len(dataset.labels):
        image = os.path.join(dataset.root, str(dataset.images["path"].iat[0]))
        yield "label", f"none: the trainer looks for {label_path(image)}", "yellow"
        return
    label = dataset.labels.iloc[0]
    yield "label", str(label["path"]), ""
    rows = f"{label['lines']:,} row{'' if label['lines'] == 1 else 's'}" if label["lines"] else "no rows"
    yield "", f"{rows}, {label['bytes']:,} bytes", ""
    for flaw in (label["error"], label["flaw"]):
        if flaw:
            yield "", str(flaw), "red"


def _rows(dataset: Dataset) -> Table:
    several = set(dataset.boxes["kind"].dropna()) - {"box"}
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("text", no_wrap=True, max_width=28)
    if several:
        table.add_column("kind", no_wrap=True)
    table.add_column("class", no_wrap=True, max_width=16)
    table.add_column("x1 y1 x2 y2, px", no_wrap=True)
    table.add_column("what becomes of it")
    for row in dataset.boxes.head(MOST_ROWS).to_dict("records"):
        kind = [Text(str(row["kind"]))] if several else []
        table.add_row(
            Text(str(row["line"])), Text(show(row["raw"], 60)), *kind, _class(row, dataset.names), _box(row), _fate(row)
        )
    return table


def _class(row: Any, names: Sequence[str]) -> Text:
    if isinstance(row["error"], str):
        return Text("–")
    number = int(row["class_id"])
    if not names:
        return Text(str(number))
    return Text(f"{number} {show(names[number], 40)}") if 0 <= number < len(names) else Text(f"{number} unknown", "red")


def _box(row: Any) -> Text:
    corners = [row[name] for name in ("x1", "y1", "x2", "y2")]
    if isinstance(row["error"], str) or any(corner != corner for corner in corners):
        return Text("–")
    return Text(" ".join(f"{corner:.0f}" for corner in corners))


def _fate(row: Any) -> Text:
    words, style = FATES[row["fate"]]
    if isinstance(row["error"], str):
        words += f": {row['error']}"
    if row["vanishing"]:
        words, style = (
            f"{words}, yet vanishes: {min(row['w_train'], row['h_train']):.1f} px at training size",
            "yellow",
        )
    return Text(words, style)
