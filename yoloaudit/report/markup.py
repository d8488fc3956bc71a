"""Rows and sections → Markdown with HTML tables, whole and within a number of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

RESERVED = 400
"""Bytes kept for the last line, which says what was cut."""


class Page:
    """Lines of Markdown that never grow beyond `most` bytes: what does not fit is counted, not written."""

    def __init__(self, most: int) -> None:
        self.lines: list[str] = []
        self._left = most - RESERVED

    def add(self, *lines: str) -> bool:
        """Write these lines and an empty one after them, all or none."""
        size = _size((*lines, ""))
        if size > self._left:
            return False
        self._left -= size
        self.lines += [*lines, ""]
        return True

    def table(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", folded: bool = False
    ) -> int:
        """A table of cells that are HTML, as far as it fits, to be opened if `folded`; how many rows did not fit."""
        opening, closing = _frame(title, folded)
        opening += ["<table>", "<tr>" + "".join(f'<th align="left">{cell}</th>' for cell in head) + "</tr>"]
        closing = ["</table>", *closing]
        left = self._left - _size((*opening, *closing, ""))
        written: list[str] = []
        cut = 0
        for cells in rows:
            row = "<tr>" + "".join(map(_cell, cells)) + "</tr>"
            size = _size((row,))
            if cut or size > left:
                cut += 1
            else:
                written.append(row)
                left -= size
        if written:
            self.add(*opening, *written, *closing)
        return cut


def _cell(text: str) -> str:
    """Numbers stand on the right."""
    return f'<td align="right">{text}</td>' if text.replace(",", "").isdecimal() else f"<td>{text}</td>"


def _frame(title: str, folded: bool) -> tuple[list[str], list[str]]:
    if folded:
        return ["<details>", f"<summary>{title}</summary>"], ["</details>"]
    return ([f"<p><b>{title}</b></p>"] if title else []), []


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8")) + 1 for line in lines)
