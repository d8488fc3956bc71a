"""The bytes of a label file ↔ its lines, each with its own end: what is not edited keeps every byte."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""
ENDS = re.compile(rb"(\r\n|\r|\n)")


@dataclass
class Lines:
    """Lines by number, from 1, as reports count them; `drop` keeps the numbers of the others."""

    mark: bytes
    texts: list[bytes | None]
    """None: the line is gone."""
    ends: list[bytes]
    """`\\n`, `\\r\\n`, `\\r`, or nothing at the end of the file."""
    added: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, data: bytes) -> Lines:
        """The lines of a file; what follows the last line end is a line too, even if it is empty."""
        mark = MARK if data.startswith(MARK) else b""
        parts = ENDS.split(data[len(mark) :])
        return cls(mark, list(parts[::2]), [*parts[1::2], b""])

    def text(self, line: int) -> str | None:
        """A line without its end, as the table `boxes` has it; None where there is none."""
        found = self.texts[line - 1] if 0 < line <= len(self.texts) else None
        return None if found is None else found.decode("utf-8", "surrogateescape")

    def put(self, line: int, text: str) -> None:
        """Another text in the place of a line."""
        self.texts[line - 1] = text.encode("utf-8", "surrogateescape")

    def drop(self, line: int) -> None:
        """Take a line out, with its end."""
        self.texts[line - 1] = None

    def add(self, text: str) -> None:
        """A new line after the last one that is not blank."""
        self.added.append(text.encode("utf-8", "surrogateescape"))

    def data(self) -> bytes:
        """The bytes of the file as it is now."""
        kept = [[text, end] for text, end in zip(self.texts, self.ends, strict=True) if text is not None]
        if self.added:
            self._insert(kept)
        return self.mark + b"".join(part for pair in kept for part in pair)

    def _insert(self, kept: list[list[bytes]]) -> None:
        end = self.end()
        last = next((place for place in range(len(kept) - 1, -1, -1) if kept[place][0].strip()), -1)
        closing = end
        if last >= 0 and not kept[last][1]:
            kept[last][1], closing = end, b""
        new = [[text, end] for text in self.added]
        new[-1][1] = closing
        kept[last + 1 : last + 1] = new

    def end(self) -> bytes:
        """How this file ends its lines: as most of them, a line feed where it has none."""
        counts = Counter(end for end in self.ends if end)
        return counts.most_common(1)[0][0] if counts else b"\n"
