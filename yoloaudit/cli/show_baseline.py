"""What a baseline finds before it trains, the settings it uses, and what came of it → lines for a person."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from yoloaudit.cli import lines, show_train
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.problems import counted, grouped, totals
from yoloaudit.cli.show import STYLES
from yoloaudit.findings import Report, Severity
from yoloaudit.report.text import show
from yoloaudit.training_run import FOLDS

if TYPE_CHECKING:
    from yoloaudit.train.config import Setting

MOST_MESSAGE, MOST_GROUPS, MOST_VALUE = 300, 12, 60
LOST = {
    "images_dropped": "images that the trainer drops",
    "boxes_vanishing": "boxes too small to be trained on",
    "rows_broken": "rows that yield no box",
    "images_listed_missing": "images that are listed and missing",
    "label_files_orphan": "label files that no image has",
}
"""Counts of the ledger that matter to a training."""


def findings(report: Report, *, width: int | None = None) -> list[str]:
    """What matters to a training: what the trainer loses, then errors and warnings, one line a rule."""
    sheet = paper(width, lively=False)
    lines.paragraph(sheet, f"{said_of(report)}")
    for split, counts in report.ledger.items():
        lost = [f"{counts[key]:,} {words}" for key, words in LOST.items() if counts[key]]
        if lost:
            lines.paragraph(sheet, ", ".join(lost), indent=2, first=f"{show(split, 30)}: ")
    groups = [group for group in grouped(report) if group.severity is not Severity.INFO]
    column = max((len(group.rule) for group in groups[:MOST_GROUPS]), default=0)
    for group in groups[:MOST_GROUPS]:
        first = f"{group.severity.value:<7}  {show(group.rule):<{column}}  {group.found:>5,}  "
        lines.paragraph(sheet, show(group.findings[0].message, MOST_MESSAGE), indent=2, first=first)
    if len(groups) > MOST_GROUPS:
        lines.paragraph(sheet, f"… and {len(groups) - MOST_GROUPS} rules more: yoloaudit check", indent=2)
    return written(sheet)


def said_of(report: Report) -> str:
    """The findings in one line."""
    groups = grouped(report)
    if not groups:
        return "the data set has no findings"
    return f"the data set has {counted(totals(groups))}. What matters to a training"


def settings(told: Sequence[Setting], *, width: int | None = None) -> list[str]:
    """Every setting that is used; those that are not the default first."""
    sheet = paper(width, lively=False)
    other = [setting for setting in told if not setting.is_default]
    usual = [setting for setting in told if setting.is_default]
    if other:
        lines.paragraph(sheet, _listed(other), first="not the default: ")
    lines.paragraph(sheet, _listed(usual), first="by default: " if other else "all settings are the default: ")
    return written(sheet)


def _listed(told: Sequence[Setting]) -> str:
    return ", ".join(f"{show(setting.name, 40)} {_value(setting.value)}" for setting in told)


def _value(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return " ".join(map(_value, value)) or "–"
    return f"{value:g}" if isinstance(value, float) else show(str(value), MOST_VALUE)


def _of_fold(model: Mapping[str, Any]) -> str:
    best = model["best"]
    scores = "" if best is None else f": mAP50 {best['map50']:.3f}, mAP50-95 {best['map50_95']:.3f}"
    return f"learnt from {model['learnt_from']:,} images, judges {model['judged']:,}{scores}"


def text(facts: Mapping[str, Any], *, verbose: bool = False, width: int | None = None) -> list[str]:
    """The lines to print once it is done."""
    sheet = paper(width)
    if FOLDS in facts:
        lines.heading(sheet, "Models of the folds, on images that they never saw")
        for number, model in enumerate(facts[FOLDS]["models"], 1):
            lines.paragraph(sheet, _of_fold(model), indent=2, first=f"{number}  ")
        sheet.print()
    labels = facts["labels"]
    if labels:
        lines.heading(sheet, "What the model says of the labels, and its surest finding")
        column = max(len(show(each["rule"])) for each in labels)
        for each in labels:
            severity = Severity(each["severity"])
            named = f"  {show(each['rule']):<{column}}  {each['found']:>5,}  "
            first = Text.assemble((f"{severity.value:<7}", STYLES[severity]), named)
            lines.paragraph(sheet, show(each["message"], MOST_MESSAGE), indent=2, first=first)
        sheet.print()
    advice = facts["advice"]
    lines.heading(sheet, "Against the guide's training settings" if advice else "The guide's training settings are met")
    for each in advice:
        severity = Severity(each["severity"])
        first = Text.assemble((f"{severity.value:<7}", STYLES[severity]), f"  {show(each['rule'])}  ")
        lines.paragraph(sheet, show(each["message"], MOST_MESSAGE), indent=2, first=first)
    folder = show(facts["files"]["folder"], 4096)
    sheet.print()
    data = os.path.join(facts["dataset"]["root"], facts["dataset"]["descriptor"])
    steps = [
        (f"yoloaudit check {show(shlex.quote(data), 4096)} --run {folder} --select model", "all that the model says"),
        (f"yoloaudit advise {folder}", "the guide, sentence by sentence, against this run"),
        (f"yoloaudit bundle {folder}", "what one would attach to a question"),
    ]
    lines.heading(sheet, "Next")
    lines.places(sheet, steps)
    return [*show_train.text(facts, verbose=verbose, width=width), "", *written(sheet)]
