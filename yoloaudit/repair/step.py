"""One pass over the findings of a data set: what it makes of each file, and of the numbers of its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from yoloaudit.repair.edits import Left, Mend, NotMended
from yoloaudit.repair.places import Places
from yoloaudit.repair.singles import Single

Reader: TypeAlias = Callable[[str], bytes | None]
"""The content of a file (relative to the root) as it would be by now, None where there is none; raises NotMended."""


WOULD: Mapping[str, str] = {
    "clip": "would clip the box to the image",
    "convert": "would turn corners into centre and size",
    "delete": "would drop the row",
    "drop-column": "would drop the column of confidences",
    "drop-line": "would drop the line",
    "move": "would move the file",
    "normalise": "would turn pixels into shares of the image",
    "polygon-to-box": "would turn the polygons of its file into boxes",
    "quarantine": "would put the file aside",
    "recount": "would write the number of names",
    "relativise": "would write the path relative to the data set",
    "rename": "would rename the file",
    "rewrite": "would write the image's end marker at its end",
    "rotate": "would turn the pixels, and take the tag away",
    "shift": "would take 1 off every class id",
}
"""What each kind of fix that changes a meaning does, in words."""


class Wanted(NamedTuple):
    """What the user allows."""

    unsafe: bool = False
    images: bool = False
    narrowed: bool = False
    """Splits were left out, so that nothing is done that only makes sense for all of them."""


class Row(NamedTuple):
    """A row by the number that its line had before the first pass."""

    path: str
    line: int | None
    rule: str


@dataclass
class Step:
    """What one pass does."""

    wanted: Wanted
    places: Places
    read: Reader
    blocked: Mapping[Row, str] = field(default_factory=dict)
    """Mends that were found to do harm, and what."""
    line_of: Callable[[str, int], int] = lambda _, line: line
    """The number that a line of a file had before the first pass."""
    contents: dict[str, bytes] = field(default_factory=dict)
    dropped: dict[str, list[int]] = field(default_factory=dict)
    """Lines that were taken out, by file."""
    mends: list[Mend] = field(default_factory=list)
    ranks: dict[Row, int] = field(default_factory=dict)
    """How bad what is mended is, by row: 0 error, 1 warning, 2 information."""
    left: list[Left] = field(default_factory=list)

    def may(self, single: Single) -> bool:
        """Whether a finding's fix is allowed; says so in `left` if not."""
        finding = single.finding
        row = self.row(single)
        if why := self.blocked.get(row):
            self.leave(single, why, "harm")
        elif finding.fix is not None and not finding.fix.safe and not self.wanted.unsafe:
            self.leave(single, WOULD.get(single.kind, single.kind), "unsafe")
        else:
            return True
        return False

    def row(self, single: Single) -> Row:
        """The row of a finding, by which it is known in all passes."""
        line = single.finding.where.line
        path = single.place
        return Row(path, None if line is None else self.line_of(path, line), single.finding.rule)

    def leave(self, single: Single, why: str | NotMended, kind: str = "hand") -> None:
        """Say that a finding stays."""
        kind = why.kind if isinstance(why, NotMended) else kind
        self.left.append(Left(single.finding.rule, single.place, single.finding.where.line, str(why), kind))

    def mended(self, single: Single, words: str) -> None:
        """Say that a finding is taken away."""
        row = self.row(single)
        self.ranks[row] = single.finding.severity.rank
        self.mends.append(Mend(row.rule, row.path, row.line, words))
