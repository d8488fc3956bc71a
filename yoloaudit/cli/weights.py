"""`yoloaudit weights`: what a checkpoint is, read without running anything of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from yoloaudit.cli import streams
from yoloaudit.errors import CheckpointError, UsageError, YoloauditError

if TYPE_CHECKING:
    from yoloaudit.train.types import Checkpoint

MOST_NAMES, MOST_FLAT, MOST_PATH, MOST_SETTINGS = 20, 5, 4096, 30
TOLD = ("names", "nc", "blocks")
"""Settings that other lines tell of."""
LAYOUTS = {
    "yolov5": "a model that YOLOv5 pickled",
    "state-dict": "a state dictionary of torch",
    "safetensors": "safetensors",
    "yoloaudit": "safetensors, written by yoloaudit",
}

File: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help="A checkpoint: .pt or .safetensors.")]
Format: TypeAlias = Annotated[str, typer.Option("--format", metavar="FORMAT", help="On stdout: text or json.")]


def weights(
    file: File,
    format: Format = "text",  # noqa: A002
) -> None:
    """Tell what a checkpoint is: size, release, classes, parameters, anchors. Nothing in it is ever run.

    Exit code: 0 a checkpoint, 2 none, or one whose weights are not finite.
    """
    if format not in ("text", "json"):
        raise UsageError("weights writes --format text or json to stdout")
    try:
        facts = facts_of(file)
    except YoloauditError as error:
        if format == "json":
            from yoloaudit.report import to_json

            streams.emit(to_json.refusal(error))
        raise
    streams.emit(document(facts) if format == "json" else text(facts))


def facts_of(path: str) -> dict[str, Any]:
    """All that is told of a file; raises CheckpointError, also where its weights are not finite."""
    from yoloaudit.findings import shorten
    from yoloaudit.train.checkpoint import read as checkpoint

    held = checkpoint.read(path)
    if flaw := checkpoint.damaged(held):
        raise CheckpointError(f"{shorten(path, 200)} {flaw}")
    return described(held)


def described(held: Checkpoint) -> dict[str, Any]:
    """All that is told of a checkpoint, as plain values."""
    from yoloaudit.train.checkpoint import read as checkpoint

    return {
        "path": held.path,
        "sha256": held.sha256,
        "layout": held.layout,
        "size": held.size,
        "version": held.version,
        "classes": held.classes,
        "names": list(held.names),
        "parameters": checkpoint.parameters(held.state),
        "tensors": len(held.state),
        "dtypes": dtypes(held),
        "strides": list(held.strides),
        "anchors": None if held.anchors is None else held.anchors.tolist(),
        "settings": held.settings,
        "unlike": checkpoint.unlike(held),
    }


def dtypes(held: Checkpoint) -> dict[str, int]:
    """How many numbers there are of each type, the most first."""
    counts: Counter[str] = Counter()
    for tensor in held.state.values():
        counts[str(tensor.dtype)] += tensor.size
    return dict(counts.most_common())


def document(facts: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the JSON document."""
    from yoloaudit.findings import FORMAT
    from yoloaudit.report.to_json import dump
    from yoloaudit.version import __version__

    whole = {"format": FORMAT, "tool": {"name": "yoloaudit", "version": __version__}, **facts}
    entries = [f"{dump(key)}: {dump(value)}" for key, value in whole.items()]
    for position, entry in enumerate(entries):
        yield ("" if position else "{") + entry + ("," if position < len(entries) - 1 else "}")


def text(facts: Mapping[str, Any], *, width: int | None = None, lively: bool | None = None) -> list[str]:
    """The lines to print."""
    from rich.text import Text

    from yoloaudit.cli import lines
    from yoloaudit.cli.console import paper, written
    from yoloaudit.report.text import show

    sheet = paper(width, lively)
    sheet.print(Text(show(facts["path"], MOST_PATH), "bold"), soft_wrap=True)
    for name, said in rows(facts):
        if name == "sha256":
            sheet.print(Text(f"  {name:<10}{said}"), soft_wrap=True)
        else:
            lines.paragraph(sheet, said, indent=2, first=f"{name:<10}")
    if facts["unlike"]:
        lines.paragraph(sheet, Text(show(f"it {facts['unlike']}", 1000), "yellow"), indent=2, first=f"{'note':<10}")
    return written(sheet)


def rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and value of each line, with every text of the file through the gate."""
    from yoloaudit.report.text import show

    yield "layout", LAYOUTS[facts["layout"]]
    size = f"yolov5{facts['size']}" if facts["size"] else "of no size of the family"
    yield "model", f"{size}, {facts['version'] or 'release not known'}"
    if facts["classes"]:
        yield "classes", _classes(facts["classes"], facts["names"])
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in facts["dtypes"].items())
    yield "weights", f"{facts['parameters']:,} parameters in {facts['tensors']:,} tensors: {kinds}"
    for stride, anchors in zip(facts["strides"], facts["anchors"] or (), strict=False):
        yield "anchors", f"stride {stride} px: " + ", ".join(f"{wide:.4g} × {high:.4g}" for wide, high in anchors)
    yield "sha256", facts["sha256"]
    for name, value in list(facts["settings"].items())[:MOST_SETTINGS]:
        if value is not None and name not in TOLD:
            yield "setting", f"{show(name, 40)}: {_short(value)}"


def _classes(count: int, names: list[str]) -> str:
    from yoloaudit.report.text import show

    if not names:
        return f"{count:,}, and no names that fit them"
    shown = ", ".join(show(name, 40) for name in names[:MOST_NAMES])
    rest = f" … and {len(names) - MOST_NAMES:,} more: --format json" if len(names) > MOST_NAMES else ""
    return f"{count:,}: {shown}{rest}"


def _short(value: Any) -> str:
    """A setting on one line; of what holds others, how many."""
    from yoloaudit.report.text import show

    if isinstance(value, dict):
        return f"{len(value):,} values"
    if isinstance(value, list):
        return ", ".join(_short(item) for item in value) if _flat(value) else f"{len(value):,} values"
    return f"{value:.6g}" if isinstance(value, float) else show(str(value), 200)


def _flat(value: list[Any]) -> bool:
    return len(value) <= MOST_FLAT and not any(isinstance(item, dict | list) for item in value)
