"""The facts of a proposed split → text for a person, or one JSON document."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.report.text import show

MOST_CLASSES, MOST_LEFT_OUT, MOST_PATH = 10, 5, 4096
FAR = 0.05
"""A split that is this far from the share asked for is explained."""


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
    """The lines to print: the splits, the leaks before and after, the classes, the files, what to type next."""
    sheet = paper(width, lively)
    dataset, groups = facts["dataset"], facts["groups"]
    sheet.print(Text(show(os.path.join(dataset["root"], dataset["descriptor"]), MOST_PATH), "bold"), soft_wrap=True)
    kin = "what shows the same, or comes from one source, is one group"
    said = f"{facts['images']:,} images in {groups['count']:,} groups: {kin}; the largest has {groups['largest']:,}"
    lines.paragraph(sheet, said)
    if facts["numbered"]:
        _numbered(sheet, facts["numbered"])
    _left_out(sheet, facts["left_out"])
    sheet.print()
    _splits(sheet, facts)
    _leaks(sheet, facts["leaks"])
    _classes(sheet, facts)
    _files(sheet, facts["files"])
    return written(sheet)


def _numbered(sheet: Console, numbered: Mapping[str, int]) -> None:
    """Say what was not taken for a clip, as the one thing here that rests on a guess."""
    names = _listing([show(name, 30) for name in numbered])
    several = f"{sum(numbered.values()):,} images have running numbers ({names})"
    lines.paragraph(sheet, f"{several}, but are no clip: their objects do not stay from one to the next")


def _left_out(sheet: Console, left_out: Sequence[Mapping[str, str]]) -> None:
    if not left_out:
        return
    several = "image is" if len(left_out) == 1 else "images are"
    lines.paragraph(sheet, f"{len(left_out):,} {several} left out, for the trainer cannot use them:")
    lines.places(sheet, [(show(each["image"], MOST_PATH), show(each["why"])) for each in left_out[:MOST_LEFT_OUT]])
    if len(left_out) > MOST_LEFT_OUT:
        lines.paragraph(sheet, f"… and {len(left_out) - MOST_LEFT_OUT:,} more: --format json", indent=2)


def _splits(sheet: Console, facts: Mapping[str, Any]) -> None:
    splits = facts["splits"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("split", no_wrap=True)
    for name in ("images before", "images now", "share", "asked", "groups", "backgrounds"):
        table.add_column(name, justify="right")
    for name, split in splits.items():
        numbers = [f"{split[key]:,}" for key in ("images_before", "images")]
        shares = [_percent(split[key]) for key in ("share", "asked")]
        table.add_row(Text(name, "bold"), *numbers, *shares, f"{split['groups']:,}", f"{split['backgrounds']:,}")
    sheet.print(table)
    far = [name for name, split in splits.items() if abs(split["share"] - split["asked"]) > FAR]
    if far:
        largest = facts["groups"]["largest"] / facts["images"]
        why = f"groups cannot be cut, and the largest holds {_percent(largest)} of the images"
        lines.paragraph(
            sheet, f"{' and '.join(far)} {'is' if len(far) == 1 else 'are'} far from the share asked for: {why}"
        )
    sheet.print()


def _leaks(sheet: Console, leaks: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
    lines.heading(sheet, "Leaks: images whose group lies in an earlier split too")
    for when, style in (("before", "yellow"), ("after", "green")):
        found = [f"{split['leaking']:,} of {split['images']:,} in {name}" for name, split in leaks[when].items()]
        clean = not any(split["leaking"] for split in leaks[when].values())
        said = ", ".join(found) or "there was neither val nor test"
        lines.paragraph(sheet, Text(said, "green" if clean else style), indent=2, first=f"{when:<8}")
    sheet.print()


def _classes(sheet: Console, facts: Mapping[str, Any]) -> None:
    """The classes whose share in val is furthest from what was asked."""
    asked = facts["splits"]["val"]["asked"]
    rows = sorted(((_shares(each), each) for each in facts["classes"]), key=lambda row: -abs(row[0][1] - asked))
    if not rows:
        return
    lines.heading(sheet, f"Classes: their share in val, furthest from {_percent(asked)} first")
    table = Table(box=None, padding=(0, 2, 0, 2), pad_edge=False, header_style="dim")
    table.add_column("class", no_wrap=True, overflow="ellipsis", max_width=30)
    for name in ("images", "in val", "instances", "in val", "groups"):
        table.add_column(name, justify="right")
    for (images, instances), each in rows[:MOST_CLASSES]:
        counts = [sum(split[key] for split in each["splits"].values()) for key in ("images", "instances")]
        cells = [f"{counts[0]:,}", _percent(images), f"{counts[1]:,}", _percent(instances), f"{each['groups']:,}"]
        table.add_row(Text(_name(each)), *cells)
    sheet.print(table)
    if rest := rows[MOST_CLASSES:]:
        far = max(abs(share - asked) for (_, share), _ in rest)
        more = f"{len(rest):,} more, within {far * 100:.1f} points: --format json"
        lines.paragraph(sheet, f"… and {more}", indent=2)
    for name in facts["splits"]:
        lacking = [each for _, each in rows if name in each["splits"] and not each["splits"][name]["images"]]
        if lacking:
            names = _listing([_name(each) for each in lacking])
            lines.paragraph(sheet, f"not in {name}, as too few groups hold them: {len(lacking):,} ({names})", indent=2)
    sheet.print()


def _shares(each: Mapping[str, Any]) -> tuple[float, float]:
    """The share of a class's images, and of its instances, that is in val."""
    splits = each["splits"]
    images, instances = (
        splits["val"][key] / max(1, sum(split[key] for split in splits.values())) for key in ("images", "instances")
    )
    return images, instances


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_CLASSES]) + (", …" if len(names) > MOST_CLASSES else "")


def _name(each: Mapping[str, Any]) -> str:
    return show(each["name"], 30) if each["name"] is not None else f"class {each['id']}, which has no name"


def _files(sheet: Console, files: Mapping[str, Any]) -> None:
    lines.heading(sheet, "Written")
    lines.places(
        sheet, [(show(_near(path), MOST_PATH), "") for path in (*files["lists"].values(), files["descriptor"])]
    )
    if files["absolute_lines"]:
        why = "are absolute paths, good on this machine only, because the images do not lie below the lists"
        lines.paragraph(sheet, f"{files['absolute_lines']:,} lines {why}", indent=2)
    sheet.print()
    path = shlex.quote(_near(files["descriptor"]))
    if show(path, MOST_PATH) == path:
        lines.heading(sheet, "Next")
        lines.places(sheet, [(f"yoloaudit check {path}", "what the trainer will do with it")])


def _near(path: str) -> str:
    """A path as seen from the working folder, if that is shorter."""
    return min(os.path.relpath(path), path, key=len)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
