"""`yoloaudit explain`: a check's page, or what the trainer does with one file."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import Annotated

import typer

from yoloaudit.cli import streams

MOST_PAGE_WIDTH = 88


def explain(
    name: Annotated[str, typer.Argument(help="A check, or an image or label file.")],
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="DATA", help="The file's data set. Default: the data.yaml in a folder above it."
        ),
    ] = None,
) -> None:
    """Explain a check, or what the trainer will do with an image or label file, row by row."""
    from yoloaudit.checks.discover import all_checks

    if name not in all_checks() and _is_file(name):
        from yoloaudit.cli.one_file import explained

        streams.emit(explained(name, data))
    else:
        streams.emit(_page(name))


def _is_file(name: str) -> bool:
    return os.path.lexists(name) or os.sep in name or "/" in name or "." in name


def _page(name: str) -> list[str]:
    """The page of a check; what a pack says of a sentence that no check answers."""
    from yoloaudit.catalogue import check_named, page
    from yoloaudit.cli.console import width_of
    from yoloaudit.packs import load_rules

    width = min(MOST_PAGE_WIDTH, width_of(sys.stdout))
    unanswered = {rule.name: rule for rule in load_rules(["strict"]) if rule.check is None}
    if name in unanswered:
        rule = unanswered[name]
        said = [f"{rule.name}: a sentence of the guide", "", rule.guide or "", "", rule.skipped or ""]
        return [line for text in said for line in (textwrap.wrap(text, width) or [""])]
    return page(check_named(name), width).rstrip("\n").split("\n")
