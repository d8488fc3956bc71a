"""The facts of a training → text for a person: how long, which epoch was best, and the scores of the best weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from yoloaudit.cli import lines, show_val
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.train_progress import clock
from yoloaudit.report.text import show

MOST_PATH = 4096


def text(
    facts: Mapping[str, Any], *, verbose: bool = False, width: int | None = None, lively: bool | None = None
) -> list[str]:
    """The lines to print; `verbose` lists the classes, however many there are."""
    sheet = paper(width, lively)
    epochs, best = facts["epochs"], facts["best"]
    said = f"{epochs:,} epoch{'' if epochs == 1 else 's'} in {clock(facts['seconds'])} on {facts['device']}"
    if best is not None:
        said += f"; the best was number {best['epoch'] + 1}"
    lines.paragraph(sheet, said)
    broken = len(facts["broken_batches"])
    if broken:
        several = "batch was" if broken == 1 else "batches were"
        lines.paragraph(sheet, Text(f"{broken:,} {several} skipped: losses or gradients were no numbers", "yellow"))
    for path, why in list(facts["unreadable"].items())[: show_val.MOST_LEFT_OUT]:
        lines.paragraph(sheet, Text(f"left out while training: {show(path, MOST_PATH)}: {show(why)}", "yellow"))
    sheet.print()
    if facts["model"] is not None:
        scores = {**facts, "dataset": {**facts["dataset"], "split": "val"}}
        return [*written(sheet), *show_val.text(scores, verbose=verbose, width=width, lively=lively)]
    folder, names = show(facts["files"]["folder"], MOST_PATH), facts["files"]["names"]
    sheet.print(Text(f"written to {folder}: {len(names):,} files"), soft_wrap=True)
    return written(sheet)
