"""Lines of text for a width: headings, wrapped paragraphs, and places with what is said of them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

PLACE_SHARE = 0.45
"""The part of the width that places may take before what is said of them goes on a line of its own."""


def heading(sheet: Console, text: str) -> None:
    """A line that begins a section."""
    paragraph(sheet, Text(text, "bold"))


def paragraph(sheet: Console, text: Text | str, indent: int = 0, first: str | Text = "") -> None:
    """Text wrapped to the width; `first` stands before its first line, the others begin below its end."""
    label = first if isinstance(first, Text) else Text(first)
    column = indent + cell_len(label.plain)
    said = Text(text) if isinstance(text, str) else text
    for number, line in enumerate(said.wrap(sheet, max(20, sheet.width - column)) or [Text()]):
        line.rstrip()
        before = Text(" " * indent) + label if number == 0 else Text(" " * column)
        sheet.print(before + line, soft_wrap=True)


def cropped(sheet: Console, text: Text) -> None:
    """One line, its end cut off where it is too long."""
    line = text.copy()
    line.truncate(sheet.width, overflow="ellipsis")
    sheet.print(line, soft_wrap=True)


def places(sheet: Console, rows: Sequence[tuple[str, str]]) -> None:
    """`path:line  message`, aligned; a path is never broken, so that it can be clicked: a long one has its own line."""
    most = int(sheet.width * PLACE_SHARE)
    if len(rows) > 2 and len({message for _, message in rows}) == 1 and rows[0][1]:
        paragraph(sheet, rows[0][1], indent=2)
        rows = [(place, "") for place, _ in rows]
    column = max((width for place, _ in rows if (width := cell_len(place)) <= most), default=2)
    for place, message in rows:
        if not message:
            sheet.print(Text(f"  {place}"), soft_wrap=True)
        elif not place:
            paragraph(sheet, message, indent=2)
        elif cell_len(place) <= column:
            paragraph(sheet, message, indent=2, first=place + " " * (column - cell_len(place) + 2))
        else:
            sheet.print(Text(f"  {place}"), soft_wrap=True)
            paragraph(sheet, message, indent=6)
