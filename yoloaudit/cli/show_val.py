"""The facts of a validation → text for a person: the scores by class, what did not count, speed and files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.report.text import show

MOST_LEFT_OUT, MOST_PATH, MOST_NAME = 5, 4096, 28
FEW_CLASSES = 50
"""Up to here all classes are listed without being asked for."""
PARTS = {"read": "read", "prepare": "prepare", "infer": "infer", "select": "select boxes"}


def text(
    facts: Mapping[str, Any], *, verbose: bool = False, width: int | None = None, lively: bool | None = None
) -> list[str]:
    """The lines to print; `verbose` lists the classes, however many there are."""
    sheet = paper(width, lively)
    _header(sheet, facts)
    _scores(sheet, facts, verbose)
    _coco(sheet, facts["coco"])
    _left_out(sheet, facts)
    _speed(sheet, facts)
    _files(sheet, facts["files"])
    return written(sheet)


def _header(sheet: Console, facts: Mapping[str, Any]) -> None:
    dataset, model, settings = facts["dataset"], facts["model"], facts["settings"]
    path = os.path.join(dataset["root"], dataset["descriptor"])
    sheet.print(Text(f"{show(path, MOST_PATH)}  {dataset['split']}", "bold"), soft_wrap=True)
    kind = f"yolov5{model['size']}" if model["size"] else "a detector of no known size"
    said = f"{kind}, {model['classes']:,} class{'' if model['classes'] == 1 else 'es'}, "
    said += f"{model['parameters']:,} parameters; {settings['imgsz']} px, {settings['device']}"
    lines.paragraph(sheet, f"{show(model['path'], MOST_PATH)}: {said}")
    sheet.print()


def _scores(sheet: Console, facts: Mapping[str, Any], verbose: bool) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("class", no_wrap=True, overflow="ellipsis", max_width=MOST_NAME)
    for name in ("images", "instances", "P", "R", "mAP50", "mAP50-95"):
        table.add_column(name, justify="right", no_wrap=True)
    metrics, classes = facts["metrics"], facts["classes"]
    counts = [f"{facts['images']['evaluated']:,}", f"{facts['instances']:,}"]
    values = [_number(metrics[name]) for name in ("precision", "recall", "map50", "map50_95")]
    table.add_row(*(Text(cell, "bold") for cell in ("all", *counts, *values)))
    listed = classes if len(classes) > 1 and (verbose or facts["model"]["classes"] < FEW_CLASSES) else []
    for each in listed:
        counts = [f"{each['images']:,}", f"{each['instances']:,}"]
        values = [_number(each[name]) for name in ("precision", "recall", "ap50", "ap50_95")]
        table.add_row(Text(show(each["name"], MOST_NAME)), *counts, *values)
    sheet.print(table)
    if len(classes) > 1 and not listed:
        lines.paragraph(sheet, f"{len(classes):,} classes with labels: --verbose lists them")
    if metrics["precision"] is None:
        lines.paragraph(sheet, "nothing is labelled, so there is nothing to hold the detections against")
    else:
        lines.paragraph(sheet, f"P and R at confidence {metrics['confidence']:.3f}, where their F1 is highest")
    sheet.print()


def _coco(sheet: Console, coco: Mapping[str, Any] | None) -> None:
    if coco is None:
        return
    lines.heading(sheet, "As COCO counts")
    names = {"ap": "AP", "ap50": "AP50", "ap75": "AP75", "ap_small": "small", "ap_medium": "medium"}
    names["ap_large"] = "large"
    lines.paragraph(sheet, "  ".join(f"{name} {_number(coco[key])}" for key, name in names.items()), indent=2)
    sheet.print()


def _left_out(sheet: Console, facts: Mapping[str, Any]) -> None:
    """What did not count: images and labels."""
    left_out, foreign = facts["left_out"], facts["foreign_class_ids"]
    if left_out:
        several = "image is" if len(left_out) == 1 else "images are"
        lines.heading(sheet, f"{len(left_out):,} {several} left out")
        lines.places(sheet, [(show(each["image"], MOST_PATH), show(each["why"])) for each in left_out[:MOST_LEFT_OUT]])
        if len(left_out) > MOST_LEFT_OUT:
            lines.paragraph(sheet, f"… and {len(left_out) - MOST_LEFT_OUT:,} more: --format json", indent=2)
    if foreign:
        ids = sorted(map(int, foreign))
        several = ", ".join(map(str, ids[:MOST_LEFT_OUT])) + (", …" if len(ids) > MOST_LEFT_OUT else "")
        said = f"{sum(foreign.values()):,} labels have class ids beyond the names ({several}), and do not count"
        lines.paragraph(sheet, Text(said, "yellow"))
    if left_out or foreign:
        sheet.print()


def _speed(sheet: Console, facts: Mapping[str, Any]) -> None:
    speed = facts["speed"]
    parts = ", ".join(f"{name} {speed[key]:.1f}" for key, name in PARTS.items())
    size, batch = facts["settings"]["imgsz"], facts["settings"]["batch"]
    lines.paragraph(sheet, f"ms an image: {parts}, at {size} px and batch {batch}; images are read beside the rest")


def _files(sheet: Console, files: Mapping[str, Any]) -> None:
    if files["folder"] is None:
        return
    several: Sequence[str] = files["names"]
    said = f"{len(several):,} file{'' if len(several) == 1 else 's'}"
    sheet.print(Text(f"written to {show(files['folder'], MOST_PATH)}: {said}"), soft_wrap=True)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
