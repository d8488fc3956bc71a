"""What describes a data set, as a value: entries with their lines, the folders they mean, and why it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AS_WRITTEN = "as written"
BESIDE = "beside the descriptor"
WITHOUT_DOTS = "without ../"
AT_HOME = "with ~ as the home folder"
OTHER_CASE = "in another letter case"
LAST_FOLDERS = "by its last folders"
USUAL_NAME = "by its usual name"
"""How the folder that a path means was found."""

ALIASES: Mapping[str, tuple[str, ...]] = {
    "train": ("training", "Train", "TRAIN"),
    "val": ("valid", "validation", "Val", "VAL"),
    "names": ("classes", "class_names", "labels", "Names", "NAMES"),
}
"""Keys that are written where the trainer wants another; those of `train` and `val` are read in their place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the descriptor and the line it stands on, from 1."""

    value: Any
    line: int
    lines: tuple[int, ...] = ()
    """Of a list or mapping: the line of each item or key."""


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
    """`as written`, or how it was found: `without ../`, `by its last folders`, `beside the descriptor` …"""
    kind: str
    """`folder`, `list`, `missing`, `outside`, `remote` (a web address) or `value` (not a path at all)."""
    refused: str | None = None
    """Why it is not followed as written: outside the root, a web address, not text."""
    found: str | None = None
    """The target as a report shows it."""
    instead: str | None = None
    """What to write instead, relative to the descriptor's folder."""
    linked: str | None = None
    """Absolute path of the target before links were followed, where that is another: the trainer follows them, too."""
    lines_from: str | None = None
    """Of a list with relative lines without ./: the folder they are relative to, as a report shows it."""
    absolute_lines: int = 0
    """Of a list: lines that are absolute paths, or paths of another system."""
    moved: tuple[tuple[str, str, int], ...] = ()
    """Of a list: prefixes that do not exist here, the folder found in their place, and how many lines."""


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
    base: SplitPath | None = None
    """What `path` means, None where it is absent."""
    roots: Mapping[str, str] = field(default_factory=dict)
    """The folders with data that `path` may mean, by the place it is taken relative to."""
    repeated: tuple[tuple[str, int], ...] = ()
    """Keys that stand twice, with the line of the second."""
    modified: float = 0.0
    layout: str = "yolo"
    format: str = "yaml"
    """`yaml`, `darknet` or that of another layout."""
    untrusted: bool = False

    @property
    def judged(self) -> bool:
        """Whether there are entries to judge: it could be read, and it is of a format that has them."""
        return self.problem is None and self.layout == "yolo"

    def value(self, key: str) -> Any:
        """The value of a key, None where it is absent."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def line(self, key: str) -> int:
        """The line of a key, 1 where it is absent."""
        entry = self.entries.get(key)
        return 1 if entry is None else entry.line


def described(value: object) -> str:
    """What a value is, in words, where a text was wanted."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, Mapping) else "text"
