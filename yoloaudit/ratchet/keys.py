"""Report → the key of each finding, by which it is known again in another report of the same data.

A key is made of the rule, the bytes of the image and the text of the row. So it survives files and folders that are
renamed, images that move between splits, and rows that move down. What is said of a data set as a whole is known by
the rule, the class and the sentence without its numbers. A finding about two places, as a picture and its copy, has a
key of two halves: which of the two it is told of depends on their names.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from blake3 import blake3

from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.findings import Finding, Location, Report

EVERYWHERE = "*"
"""Key of a root cause: one finding that stands for many."""
KEY_LETTERS, HALF_LETTERS = 16, 12
CONTENT_BYTES = 16
"""Of BLAKE3, as a scan of the images keeps them."""
MOST_PARTS, PART = 1 << 10, 1 << 20
MOST_RELATED = 8
"""Places that belong to a finding and are told apart; a longer list is a sample of many."""
READERS = 4
NEAR = 32
"""Pixels that the middle of an object without a label may move and still be the same finding."""
NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
PATH = re.compile(r"\S*[/\\]\S*")
TEXTS = frozenset(("yaml", "yml", "data", "names", "json", "cache", "list", "lst"))
"""Suffixes of files that change with every image, so that a sentence about one stands for it, not its bytes."""

Rows: TypeAlias = Mapping[tuple[str, int], str]


def keys(report: Report, dataset: Dataset, contents: Mapping[str, str] | None = None) -> list[str]:
    """The key of each finding, in order.

    `contents` are hashes of the bytes of files that are known already, by their path relative to the root; of the
    others those are read that have a finding.
    """
    known = dict(contents or {})
    known |= _contents(dataset, files_of(report) - known.keys())
    rows = _rows(dataset, [place for finding in report.findings for place in (finding.where, *told(finding))])
    names = frozenset(map(repr, dataset.names))
    return [_key(finding, known, rows, names) for finding in report.findings]


def files_of(report: Report) -> set[str]:
    """The files whose bytes the keys of these findings are made of."""
    places = (place for finding in report.findings for place in (finding.where, *told(finding)))
    return {path for place in places if (path := file_of(place)) is not None}


def contents_of(paths: Sequence[str], hashes: Iterable[bytes]) -> dict[str, str]:
    """Contents for `keys` from what a scan has seen: a hash of 16 bytes for each path, zeros where it is unknown."""
    return {path: key.hex() for path, key in zip(paths, hashes, strict=True) if any(key)}


def is_root_cause(finding: Finding) -> bool:
    """Whether a finding stands for all defects of its rule."""
    return finding.where.path is None and finding.fingerprint == _hash(finding.rule, "folded")


def told(finding: Finding) -> tuple[Location, ...]:
    """Places that belong to a finding, none where they are only a sample of many."""
    related = finding.related
    return related if finding.where.path is not None and len(related) <= MOST_RELATED else ()


def file_of(place: Location) -> str | None:
    """The file whose bytes stand for a place: the image; without one, the label file, or what else there is."""
    if place.image is not None or place.label is not None:
        return place.image or place.label
    if place.file is None or place.line is not None:
        return None
    return None if place.file.rpartition(".")[2].lower() in TEXTS else place.file


def sentence(finding: Finding, names: frozenset[str]) -> str:
    """What a finding says, the same when numbers move, and classes and folders are renamed.

    `names` are those of classes, quoted.
    """
    text = QUOTED.sub(lambda found: "'?'" if found[0] in names else PATH.sub("/", found[0]), finding.message)
    return NUMBER.sub("#", PATH.sub("/", text))


def _key(finding: Finding, contents: Mapping[str, str], rows: Rows, names: frozenset[str]) -> str:
    if is_root_cause(finding):
        return EVERYWHERE
    where, rule = finding.where, finding.rule
    if where.image is None and where.label is None and not contents.get(file_of(where) or ""):
        place = (os.path.basename(where.path or ""), where.split or "", str(where.class_id))
        return _hash(rule, *place, sentence(finding, names))
    own, others = _place(where, contents, rows), [_place(place, contents, rows) for place in told(finding)]
    if len(others) == 1:
        return "-".join(sorted(_hash(rule, place)[:HALF_LETTERS] for place in (own, *others)))
    about = "" if where.line is not None or where.class_id is None else str(where.class_id)
    if where.box is not None and where.line is None:
        x1, y1, x2, y2 = where.box
        about += f" {(x1 + x2) / 2 // NEAR:.0f} {(y1 + y2) / 2 // NEAR:.0f}"
    if len(finding.related) > MOST_RELATED:  # which of many it is told of depends on names
        own = own.partition(" ")[2]
        about += sentence(finding, names)
    return _hash(rule, about, *sorted({own, *others}))


def _place(place: Location, contents: Mapping[str, str], rows: Rows) -> str:
    """What is at a place, whatever it is called: the image's bytes, and the row's text."""
    path = file_of(place)
    content = (contents.get(path) or os.path.basename(path)) if path else place.split or ""
    if place.line is None or place.label is None:
        return content
    return f"{content} {rows.get((place.label, place.line), '')}"


def _rows(dataset: Dataset, places: Iterable[Location]) -> dict[tuple[str, int], str]:
    """The texts of rows by label file and line, of the label files that have one of these places."""
    files = {place.label for place in places if place.line is not None and place.label is not None}
    if not files:
        return {}
    paths, boxes = dataset.labels["path"], dataset.boxes
    boxes = boxes[boxes["label"].isin(paths.index[paths.isin(files)])]
    of = paths.to_numpy()[boxes["label"].to_numpy()]
    texts = zip(of.tolist(), boxes["line"].tolist(), boxes["raw"].tolist(), strict=True)
    return {(path, line): " ".join(raw.split()) for path, line, raw in texts}


def _contents(dataset: Dataset, paths: Iterable[str]) -> dict[str, str]:
    """A hash of the bytes of each of these files; none of one that cannot be read."""
    root = Root(dataset.root, contained=dataset.untrusted)
    wanted = sorted(paths)
    with ThreadPoolExecutor(READERS) as pool:
        hashes = pool.map(lambda path: _content(root, path), wanted)
        return {path: content for path, content in zip(wanted, hashes, strict=True) if content}


def _content(root: Root, path: str) -> str:
    try:
        with root.open(os.path.join(root.path, path)) as file:
            digest = blake3()
            for part in _parts(iter(lambda: file.read(PART), b"")):
                digest.update(part)
            return digest.digest(CONTENT_BYTES).hex()
    except (FileRefused, OSError):
        return ""


def _parts(parts: Iterator[bytes]) -> Iterator[bytes]:
    """As many as are looked at of one file."""
    for number, part in enumerate(parts):
        if number >= MOST_PARTS:
            return
        yield part


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:KEY_LETTERS]
