"""The bytes of a YAML file → its entries with their lines; all but plain mappings, lists and scalars is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from yoloaudit.dataset.descriptor import Entry
from yoloaudit.findings import shorten

MAX_BYTES = 1_000_000
MAX_SCALARS = 10_000
MAX_DEPTH = 20
MAX_DIGITS = 40

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RAISED = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError)
"""What the YAML library raises on text that is no YAML."""

INTEGER = re.compile(r"([+-]?)(?:(0b[01_]+)|(0x[0-9a-fA-F_]+)|(0[0-7_]+)|(0|[1-9][0-9_]*))")
FLOAT = re.compile(r"[+-]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-][0-9]+)?")
SPECIAL_FLOAT = re.compile(r"([+-]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
TRUTHS = {
    spelling: value
    for value, words in ((True, ("yes", "true", "on")), (False, ("no", "false", "off")))
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}


class YamlRefused(Exception):
    """Text that is not read as YAML: why, and on which line."""

    def __init__(self, why: str, line: int = 1) -> None:
        super().__init__(why)
        self.line = line


class Document(NamedTuple):
    """The entries of a mapping, and the keys that stand twice in it with the line of the second."""

    entries: dict[str, Entry]
    repeated: tuple[tuple[str, int], ...]


def read_yaml(data: bytes) -> Document:
    """The entries of a YAML mapping, scalars typed as YAML 1.1 has them, dates as text; raises YamlRefused."""
    text = _text(data)
    reader = _Reader(text)
    try:
        return reader.document()
    except RAISED as error:
        raise YamlRefused(f"is not valid YAML: {_reason(error)}", _line_of(error, text, reader.line)) from None


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise YamlRefused(f"is larger than {MAX_BYTES:,} bytes, the limit for a YAML file")
    if b"\0" in data:
        kind = "UTF-16 or binary" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "binary data"
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise YamlRefused(f"holds NUL bytes: {kind}, not YAML in UTF-8", line)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlRefused(f"is not UTF-8: byte 0x{data[error.start]:02x} cannot be decoded", line) from None


class _Reader:
    """Builds values from events, so that nothing but plain YAML is ever constructed."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=LOADER))
        self.scalars = 0
        self.line = 1
        self.repeated: list[tuple[str, int]] = []

    def document(self) -> Document:
        next(self.events)  # the stream begins
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise YamlRefused("is empty: a YAML mapping with train, val and names is expected")
        root = self.node(self.next(), 0, "")
        if not isinstance(root.value, dict):
            what = "a list" if isinstance(root.value, list) else "a single value" if root.value is not None else "empty"
            raise YamlRefused(f"is {what}: a YAML mapping with train, val and names is expected", root.line)
        self.next()  # the document ends
        if not isinstance(self.next(), yaml.StreamEndEvent):
            raise YamlRefused("holds several YAML documents; one is expected", self.line)
        return Document(root.value, tuple(self.repeated))

    def next(self) -> Any:
        event = next(self.events)
        self.line = event.start_mark.line + 1
        return event

    def node(self, event: Any, depth: int, place: str) -> Entry:
        self.refuse(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            self.scalars += 1
            if self.scalars > MAX_SCALARS:
                raise YamlRefused(f"holds more than {MAX_SCALARS:,} values, the limit for a YAML file", self.line)
            return Entry(typed(event.value) if event.implicit[0] else event.value, self.line)
        line = self.line
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(item := self.next(), yaml.SequenceEndEvent):
                items.append(self.node(item, depth + 1, place))
            return Entry([item.value for item in items], line, tuple(item.line for item in items))
        return self.mapping(line, depth, place)

    def mapping(self, line: int, depth: int, place: str) -> Entry:
        """A mapping; that of the document keeps its entries with their lines, others only their values."""
        entries: dict[Any, Entry] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.refuse(event, depth)
                raise YamlRefused("has a list or a mapping as a key, which a data set's YAML must not have", self.line)
            key_line = self.line
            if event.implicit[0] and event.value == "<<":
                raise YamlRefused("holds a YAML merge key (<<), which is refused", key_line)
            key = self.node(event, depth + 1, place).value if depth else event.value
            self.refuse(event, depth)
            if key in entries:
                self.repeated.append((f"{place}{shorten(str(key))}", key_line))
            value = self.node(self.next(), depth + 1, f"{place}{shorten(str(key))}.")
            entries[key] = Entry(value.value, key_line, value.lines)
        lines = tuple(entry.line for entry in entries.values())
        return Entry(entries if not depth else {key: entry.value for key, entry in entries.items()}, line, lines)

    def refuse(self, event: Any, depth: int) -> None:
        """Raise for what a data set's YAML needs none of."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlRefused("holds a YAML anchor or alias (& or *), which is refused as unsafe", self.line)
        if getattr(event, "tag", None) is not None:
            raise YamlRefused(f"holds the YAML tag {shorten(event.tag)}, which is refused as unsafe", self.line)
        if depth > MAX_DEPTH:
            raise YamlRefused(f"is nested more than {MAX_DEPTH} levels deep, the limit for a YAML file", self.line)


def typed(text: str) -> Any:
    """A plain scalar as YAML 1.1 reads it: null, truth value, integer, float, else text."""
    if text in NULLS:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    if len(text) > MAX_DIGITS + 1:
        return text
    if match := INTEGER.fullmatch(text):
        digits = match[2] or match[3] or match[4] or match[5]
        base = 2 if match[2] else 16 if match[3] else 8 if match[4] else 10
        plain = digits.removeprefix("0b").removeprefix("0x").replace("_", "") or "0"
        return int(f"{match[1]}{plain}", base)
    if FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    if match := SPECIAL_FLOAT.fullmatch(text):
        return float(f"{match[1]}inf") if match[2] else float("nan")
    return text


def _reason(error: BaseException) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error) or type(error).__name__
    return shorten(str(problem), 120)


def _line_of(error: BaseException, text: str, last: int) -> int:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return min(int(mark.line), text.rstrip().count("\n")) + 1
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else last
