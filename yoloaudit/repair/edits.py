"""What is to be done to a data set, as values: edits of files, what they mend, and what is left as it is and why.

Paths are relative to the root, with /, as reports have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class Write:
    """A file gets another content; `old` is None where there is no such file yet."""

    path: str
    old: bytes | None
    new: bytes
    keep: str | None = None
    """Where the old file is put, if it is too large for a journal; None: the journal has its content."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file gets another place; its content stays."""

    path: str
    to: str
    digest: str
    """SHA-256 of the content, in hexadecimal digits."""


Edit: TypeAlias = Write | Move


class Mend(NamedTuple):
    """A defect that the edits take away: the rule, where, and what is done, in words."""

    rule: str
    path: str
    line: int | None
    words: str


class Left(NamedTuple):
    """A defect that stays, and why.

    `kind` is `changed` or `refused` where it could not be done as things are, `conflict` where another mend stands
    against it, `harm` where as bad a defect would come of it, `unsafe` or `images` where the user did not allow it,
    `done` where nothing is left to do, and `hand` for the rest.
    """

    rule: str
    path: str
    line: int | None
    why: str
    kind: str = "hand"


@dataclass(frozen=True)
class Plan:
    """Edits, at most one a file, and what they are for."""

    edits: Sequence[Edit] = ()
    mends: Sequence[Mend] = ()
    left: Sequence[Left] = field(default=())


class NotMended(Exception):
    """A defect that no edit can take away: why, in words that follow the place."""

    def __init__(self, why: str, kind: str = "hand") -> None:
        super().__init__(why)
        self.kind = kind
