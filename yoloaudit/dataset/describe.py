"""A descriptor file → Descriptor: read, and its paths followed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from yoloaudit.dataset import plain_yaml
from yoloaudit.dataset.darknet import MAX_BYTES, names_of, read_darknet
from yoloaudit.dataset.descriptor import ALIASES, AS_WRITTEN, Descriptor, Entry, SplitPath, described
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.locate import DARKNET
from yoloaudit.dataset.places import Start, find_place, is_absolute, refusal
from yoloaudit.dataset.tables import SPLITS
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.findings import shorten

MAX_ABOVE = 2
MAX_PATHS = 1000
"""Paths of one split that are followed."""
FOLDER, WORKING, REPOSITORY = "the descriptor's folder", "the working folder", "the repository"


def describe(path: str, folders: Folders) -> tuple[Descriptor, Start]:
    """The descriptor, and what its relative paths start from; raises DataError where the file cannot be opened."""
    root = folders.root
    folder = os.path.dirname(path)
    start = Start(folders, folder, folder, "", _above(folder))
    try:
        content = root.read(path, plain_yaml.MAX_BYTES + 1, head=True)
    except FileRefused as error:
        raise DataError(f"{shorten(root.relative(path), 120)} {error}. Name a data.yaml that can be read") from None
    plain = Descriptor(path=root.relative(path), modified=content.modified, untrusted=root.contained)
    if path.lower().endswith(DARKNET):
        entries = read_darknet(content.data[:MAX_BYTES], partial(_darknet_names, start=start))
        start = replace(start, base=None)
        return replace(plain, entries=entries, format="darknet", splits=_splits(entries, start)), start
    try:
        document = plain_yaml.read_yaml(content.data)
    except plain_yaml.YamlRefused as error:
        return replace(plain, problem=str(error), problem_line=error.line), start
    base, roots = _base(document.entries, start)
    if base is not None:
        start = replace(start, base=base.target, base_text=base.text)
    descriptor = replace(plain, entries=document.entries, repeated=document.repeated, base=base, roots=roots)
    return replace(descriptor, splits=_splits(document.entries, start)), start


def _above(folder: str) -> tuple[str, ...]:
    above = []
    for _ in range(MAX_ABOVE):
        folder = os.path.dirname(folder)
        above.append(folder)
    return tuple(dict.fromkeys(above))


def _base(entries: Mapping[str, Entry], start: Start) -> tuple[SplitPath | None, dict[str, str]]:
    """What `path` means, and the folders with data that it may mean."""
    entry = entries.get("path")
    if entry is None or entry.value is None:
        return None, {}
    text = entry.value if isinstance(entry.value, str) else str(entry.value)
    base = SplitPath("", "path", text, entry.line, None, AS_WRITTEN, "missing")
    if isinstance(entry.value, list | Mapping):
        why = f"is {described(entry.value)}, not a path"
        return replace(base, text="", kind="value", refused=why, target=start.folder), {}
    if refused := refusal(text, start):
        return replace(base, kind=refused[0], refused=refused[1], target=start.folder), {}
    places = {FOLDER: start.folder}
    if not is_absolute(text) and not start.contained:
        places |= {WORKING: os.getcwd(), REPOSITORY: _repository(start.folder) or start.folder}
    there = {
        name: path
        for name, place in places.items()
        if os.path.isdir(path := os.path.normpath(os.path.join(place, os.path.expanduser(text))))
    }
    if not there:
        return base, {}
    full = {name: path for name, path in there.items() if _holds_split(path, entries)}
    target = next(iter((full or there).values()))
    first = {os.path.realpath(path): name for name, path in reversed(full.items())}
    return replace(base, kind="folder", target=target), {name: path for path, name in reversed(first.items())}


def _repository(folder: str) -> str | None:
    here = folder
    while not os.path.lexists(os.path.join(here, ".git")):
        here, below = os.path.dirname(here), here
        if here == below:
            return None
    return here


def _holds_split(folder: str, entries: Mapping[str, Entry]) -> bool:
    texts = [text for split in SPLITS for _, text, _ in _texts(entries, split) if isinstance(text, str)]
    return any("\0" not in text and os.path.lexists(os.path.join(folder, text)) for text in texts)


def _splits(entries: Mapping[str, Entry], start: Start) -> tuple[SplitPath, ...]:
    paths = []
    for split in SPLITS:
        for key, text, line in _texts(entries, split):
            paths.append(_split_path(split, key, text, line, start))
    return tuple(paths)


def _texts(entries: Mapping[str, Entry], split: str) -> list[tuple[str, Any, int]]:
    """Key, value and line of each path of a split."""
    for key in (split, *ALIASES.get(split, ())):
        entry = entries.get(key)
        if entry is None or entry.value is None:
            continue
        if not isinstance(entry.value, list):
            return [(key, entry.value, entry.line)]
        lines = entry.lines or (entry.line,) * len(entry.value)
        return [(key, value, line) for value, line in zip(entry.value[:MAX_PATHS], lines, strict=False)]
    return []


def _split_path(split: str, key: str, value: Any, line: int, start: Start) -> SplitPath:
    if not isinstance(value, str) or not value:
        text = "" if value is None or isinstance(value, list | Mapping) else str(value)
        why = "is an empty text, not a path" if value == "" else f"is {described(value)}, not a path"
        return SplitPath(split, key, text, line, None, AS_WRITTEN, "value", why)
    target, how, kind, refused, linked = find_place(value, split, start)
    root = start.folders.root
    return SplitPath(
        split=split,
        key=key,
        text=value,
        line=line,
        target=target,
        how=how,
        kind=kind,
        refused=refused,
        linked=linked,
        found=target and root.relative(target),
        instead=target and os.path.relpath(target, start.folder).replace(os.sep, "/"),
    )


def _darknet_names(text: str, start: Start) -> list[str] | None:
    """The names in a file that is named relative to the .data file's folder or one above, or lies beside it."""
    places = [os.path.join(folder, text) for folder in (start.folder, *start.above)]
    for place in (*places, os.path.join(start.folder, os.path.basename(text))):
        path = os.path.normpath(place)
        if "\0" not in text and start.inside(path) and os.path.lexists(path):
            try:
                return names_of(start.folders.root.read(path, MAX_BYTES).data)
            except FileRefused:
                return None
    return None
