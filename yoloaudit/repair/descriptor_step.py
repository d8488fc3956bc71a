"""Findings in the descriptor and in image lists → those files with single lines changed; all else keeps its bytes."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from typing import Any

from yoloaudit.dataset.descriptor import ALIASES, Descriptor
from yoloaudit.dataset.load import Dataset
from yoloaudit.dataset.plain_yaml import YamlRefused, read_yaml
from yoloaudit.findings import Finding
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.lines import Lines
from yoloaudit.repair.singles import Single
from yoloaudit.repair.step import Step

CHECKS = (
    "missing-yaml-key",
    "class-count-mismatch",
    "unportable-path",
    "listed-image-missing",
    "ambiguous-dataset-root",
)
PLAIN = re.compile(r"[\w./][\w./ +()-]*")
"""A path that needs no quotes in YAML."""
BY_HAND = "does not stand alone on its line of the file: change it by hand"


def mend_descriptor(step: Step, findings: Sequence[Single], dataset: Dataset) -> None:
    """Do to the descriptor and to lists what these findings name."""
    lists: dict[str, Lines] = {}
    for single in findings:
        if single.check == "ambiguous-dataset-root":
            step.leave(single, "which of the folders is meant only you can say: write a path that leads to it alone")
        elif step.may(single):
            try:
                step.mended(single, _mend(step, single, dataset, lists))
            except NotMended as why:
                step.leave(single, why)
    for path, lines in lists.items():
        step.contents[path] = lines.data()
        step.dropped[path] = [number for number, text in enumerate(lines.texts, 1) if text is None]


def _mend(step: Step, single: Single, dataset: Dataset, lists: dict[str, Lines]) -> str:
    path = single.place
    step.places.changeable(path)
    old = step.contents[path] if path in step.contents else step.read(path)
    if old is None:
        raise NotMended("is gone", "changed")
    if path == dataset.descriptor.path:
        step.contents[path], words = _described(single, old, dataset)
        return words
    lines = lists.get(path) or Lines.of(old)
    drop = single.check == "listed-image-missing"
    words = (_drop_lines if drop else _write_relative)(single.finding, lines, dataset)
    lists[path] = lines
    return words


def _described(single: Single, old: bytes, dataset: Dataset) -> tuple[bytes, str]:
    descriptor = dataset.descriptor
    if descriptor.format != "yaml":
        raise NotMended("is a Darknet .data file: change it by hand")
    if single.check == "missing-yaml-key":
        return _renamed(single.finding, old, descriptor)
    if single.check == "class-count-mismatch":
        return with_value(old, "nc", len(descriptor.value("names"))), "number of names written"
    return _relativised(single.finding, old, dataset)


def _renamed(finding: Finding, old: bytes, descriptor: Descriptor) -> tuple[bytes, str]:
    """The key that the trainer looks for in the place of one that stands for it."""
    pairs = [(key, alias) for key, others in ALIASES.items() for alias in others]
    for key, alias in pairs:
        found = descriptor.entries.get(alias)
        if key in descriptor.entries or found is None or found.line != finding.where.line:
            continue
        if f"`{key}`" not in finding.message:
            continue
        lines, number = Lines.of(old), found.line
        raw = lines.text(number) or ""
        match = re.fullmatch(rf"""(["']?){re.escape(alias)}(["']?\s*:.*)""", raw, re.DOTALL)
        if match is None:
            raise NotMended(BY_HAND)
        lines.put(number, f"{match[1]}{key}{match[2]}")
        _prove(old, lines.data(), {alias: None, key: found.value})
        return lines.data(), f"key {alias} renamed to {key}"
    raise NotMended("has changed since it was looked at", "changed")


def with_value(old: bytes, key: str, value: Any, of: str | None = None) -> bytes:
    """The descriptor with another value for a key, or in the place of the text `of` among its values."""
    entry = read_yaml(old).entries.get(key)
    if entry is None:
        raise NotMended("has changed since it was looked at", "changed")
    listed = isinstance(entry.value, list)
    number, expected = entry.line, value
    if listed:
        position = entry.value.index(of)
        number = entry.lines[position] if entry.lines else entry.line
        expected = [*entry.value[:position], value, *entry.value[position + 1 :]]
    lines = Lines.of(old)
    raw = lines.text(number) or ""
    start = r"\s*-\s+" if listed else rf"""(?:["']?){re.escape(key)}["']?\s*:\s+"""
    match = re.fullmatch(rf"({start})(.*?)(\s+#.*|\s*)", raw, re.DOTALL)
    if match is None or not match[2]:
        raise NotMended(BY_HAND)
    text = str(value) if isinstance(value, int) or PLAIN.fullmatch(value) else "'" + value.replace("'", "''") + "'"
    lines.put(number, f"{match[1]}{text}{match[3]}")
    _prove(old, lines.data(), {key: expected})
    return lines.data()


def _prove(old: bytes, new: bytes, changed: dict[str, Any]) -> None:
    """Raise NotMended unless the descriptor says the same as before but for these keys; None: the key is gone."""
    try:
        before = {key: entry.value for key, entry in read_yaml(old).entries.items()}
        after = {key: entry.value for key, entry in read_yaml(new).entries.items()}
    except YamlRefused:
        raise NotMended(BY_HAND) from None
    wanted = {
        key: value for key, value in {**before, **changed}.items() if key not in changed or changed[key] is not None
    }
    if after != wanted:
        raise NotMended(BY_HAND)


def _relativised(finding: Finding, old: bytes, dataset: Dataset) -> tuple[bytes, str]:
    descriptor = dataset.descriptor
    split, line = finding.where.split, finding.where.line
    found = [each for each in descriptor.splits if each.split == split and each.line == line and each.target]
    if len(found) != 1:
        raise NotMended("where `path` is to lead only you can say: write it by hand")
    path = found[0]
    home = os.path.join(dataset.root, os.path.dirname(descriptor.path))
    base = descriptor.base.target if descriptor.base and descriptor.base.target else home
    assert path.target is not None
    text = os.path.relpath(path.target, os.path.normpath(base)).replace(os.sep, "/")
    return with_value(old, path.key, text, of=path.text), "path written relative to the data set"


def _drop_lines(finding: Finding, lines: Lines, dataset: Dataset) -> str:
    """Take the lines of a list out that a finding tells of."""
    listed = dataset.listed[(dataset.listed["file"] == finding.where.file).to_numpy()]
    told = listed[(listed["line"] == finding.where.line).to_numpy()]
    told = told[told["problem"].notna().to_numpy()]
    if not len(told):
        raise NotMended("its images were found elsewhere: correct the paths instead of dropping the lines")
    problem, path = told["problem"].iloc[0], told["path"].iloc[0]
    gone = told
    if (finding.value or 1) > 1:
        alike = (listed["problem"] == problem).to_numpy()
        gone = listed[alike & ((listed["path"] == path).to_numpy() | (problem != "repeated"))]
    if problem != "repeated" and listed["problem"].notna().all():
        raise NotMended("names no image at all: the list is of another data set, or its folder is missing")
    rows = list(zip(gone["line"].tolist(), gone["text"].tolist(), strict=True))
    if any((lines.text(number) or text)[: len(text)] != text for number, text in rows):
        raise NotMended("has changed since it was looked at", "changed")
    for number, _ in rows:
        lines.drop(number)
    return "line dropped" if len(rows) == 1 else "lines dropped"


def _write_relative(finding: Finding, lines: Lines, dataset: Dataset) -> str:
    """Write each line of a list relative to its own folder, beginning with ./"""
    file = finding.where.file or ""
    folder = posixpath.dirname(file)
    listed = dataset.listed[(dataset.listed["file"] == file).to_numpy()]
    changed = {}
    for number, text, path in zip(*(listed[name].tolist() for name in ("line", "text", "path")), strict=True):
        now = lines.text(number)
        if now is None or (text.startswith("./") and "\\" not in text):
            continue
        inside = path is not None and not os.path.isabs(path) and (not folder or path.startswith(f"{folder}/"))
        if not inside or now != text:
            raise NotMended("names images outside of its own folder, where ./ does not lead: write it anew by hand")
        changed[number] = "./" + (path[len(folder) + 1 :] if folder else path)
    for number, text in changed.items():
        lines.put(number, text)
    return "lines of the list written relative to it"
