"""The text of a data.yaml → a Descriptor: entries with their lines, or the reason it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 1_000_000
MAX_SCALARS = 10_000
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the descriptor and the line it stands on, from 1."""

    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class SplitPath:
    """One path of a split: as written, and the folder or list that is meant."""

    split: str
    key: str
    text: str
    line: int
    target: str | None
    """Absolute path of the folder or list that is read, None where there is none."""
    how: str
    """`as written`, or how it was found: `without ../`, `by its last folders`, `beside the descriptor`."""
    kind: str
    """`folder`, `list` or `missing`."""
    refused: str | None = None
    """Why it is not followed: outside the root, a web address, not text."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What describes the data set: for YOLO a data.yaml or obj.data; other layouts only have `path`."""

    path: str
    """Relative to the root of the data set."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    problem: str | None = None
    """Why it cannot be read; then there are no entries."""
    problem_line: int = 1
    splits: tuple[SplitPath, ...] = ()
    roots: Mapping[str, str] = field(default_factory=dict)
    """The folders `path` may mean, by the place it is taken relative to."""
    repeated: tuple[tuple[str, int], ...] = ()
    """Keys that stand twice, with the line of the second."""
    modified: float = 0.0
    layout: str = "yolo"

    def value(self, key: str) -> Any:
        """The value of a key, None where it is absent."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def line(self, key: str) -> int:
        """The line of a key, 1 where it is absent."""
        entry = self.entries.get(key)
        return 1 if entry is None else entry.line
