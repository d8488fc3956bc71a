"""`yoloaudit bundle`: what the guide asks people to attach to a question about a run, in one ZIP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from yoloaudit.cli import options, streams
from yoloaudit.errors import UsageError, YoloauditError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.cli.bundle_files import Packed

RunFolder: TypeAlias = Annotated[
    str, typer.Argument(metavar="RUN", help="A run folder of yoloaudit or YOLOv5, as runs/train/exp.")
]
Output: TypeAlias = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="The ZIP to write. Default: exp-bundle.zip, here."),
]
Images: TypeAlias = Annotated[
    bool, typer.Option("--images", help="Also the mosaics of train and val, which show images of the data set.")
]
Private: TypeAlias = Annotated[
    bool, typer.Option("--keep-paths", help="Leave absolute paths and names of users and of the machine in the texts.")
]
Data: TypeAlias = Annotated[
    str | None,
    typer.Option("--data", metavar="DATA", help="Its data set, for a report on it where the run has none."),
]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


def bundle(
    run: RunFolder,
    output: Output = None,
    images: Images = False,
    keep_paths: Private = False,
    data: Data = None,
    format: Format = "text",  # noqa: A002
    untrusted: options.Untrusted = False,
) -> None:
    """Pack what others need to answer a question about a run: settings, results, curves, the report on the data.

    No weights, no images unless --images, no absolute paths and no names. Exit code: 0 done, 2 cannot run.
    """
    if format not in ("text", "json"):
        raise UsageError("bundle writes --format text or json to stdout")
    try:
        facts = packed(run, output, data, images=images, keep_paths=keep_paths, untrusted=untrusted)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    from yoloaudit.cli import show_split

    streams.emit(show_split.document(facts) if format == "json" else text(facts))


def packed(
    run: str, output: str | None, data: str | None, *, images: bool, keep_paths: bool, untrusted: bool
) -> dict[str, Any]:
    """Write the ZIP; the facts of it. Raises UsageError where there is no run, WriteError where it cannot be put."""
    from yoloaudit.cli.bundle_files import pack
    from yoloaudit.files import write_atomically

    made: Packed = pack(run, data, images=images, keep_paths=keep_paths, untrusted=untrusted)
    target = output or f"{made.name}-bundle.zip"
    if output is None and os.path.lexists(target):
        raise UsageError(f"{shorten(target, 200)} is there already. Take it away, or name another file: --output FILE")
    if os.path.isdir(target):
        raise UsageError(f"--output {shorten(target, 200)}: is a folder; name a file in it")
    write_atomically(target, made.data)
    return {
        "file": target,
        "bytes": len(made.data),
        "contents": [{"name": name, "bytes": size} for name, size in made.contents],
        "missing": list(made.missing),
        "left_out": list(made.left_out),
        "images": images,
        "private": keep_paths,
    }


def text(facts: dict[str, Any], *, width: int | None = None) -> list[str]:
    """The lines to print."""
    from rich.text import Text

    from yoloaudit.cli import lines
    from yoloaudit.cli.console import paper, written
    from yoloaudit.report.text import show

    sheet = paper(width)
    several = len(facts["contents"])
    sheet.print(Text(f"{show(facts['file'], 4096)}: {several:,} files, {facts['bytes']:,} bytes"), soft_wrap=True)
    for each in facts["contents"]:
        sheet.print(Text(f"  {show(each['name'], 200):<28}{each['bytes']:>12,}"), soft_wrap=True)
    if facts["missing"]:
        lines.paragraph(sheet, ", ".join(facts["missing"]), indent=2, first="not in the run: ")
    for why in facts["left_out"]:
        lines.paragraph(sheet, Text(show(why, 300), "yellow"), indent=2)
    if not facts["images"]:
        lines.paragraph(sheet, "no image of the data set is in it; --images adds the mosaics of train and val")
    if facts["private"]:
        lines.paragraph(sheet, Text("absolute paths and names are left in it", "yellow"))
    lines.paragraph(sheet, "look at it before you send it to anybody")
    return written(sheet)
