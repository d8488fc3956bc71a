"""A VOC folder, an XML an image → the Layout with all rows, as a YOLO data set would give it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from yoloaudit import parallel
from yoloaudit.dataset.coco.safe_json import without_collector
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.labels import LabelRows
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.names import MAX_NAMES
from yoloaudit.dataset.pairs import Pairs, label_rows, split_path, wanted
from yoloaudit.dataset.tables import KINDS, ROW_ERRORS, SPLITS
from yoloaudit.dataset.voc.files import Home, Line, files_of, homes, splits_of
from yoloaudit.dataset.voc.xml import Annotation, read_annotations
from yoloaudit.errors import DataError
from yoloaudit.files import Root
from yoloaudit.findings import shorten

FILES_A_CHUNK = 500
Entry: TypeAlias = tuple[str, str | None, str | None]
"""A split, an image and its XML, or one of the two."""


class Contents(NamedTuple):
    """What is in the folders: entries in order of their paths, lines of lists, the folder of images of each split."""

    entries: list[Entry]
    lines: list[Line]
    folders: dict[str, str]


def looks_like(folder: str, *, untrusted: bool = False) -> bool:
    """Whether a folder holds VOC annotations, told from the names in it."""
    try:
        return bool(homes(folder, Folders(Root(os.path.realpath(folder), contained=untrusted))))
    except DataError:
        return True


def find(path: str, *, untrusted: bool = False, root_dir: str | None = None, splits: Sequence[str] = ()) -> Layout:
    """The layout of a VOC folder; raises DataError where there is none."""
    folder = os.path.realpath(path)
    root = Root(os.path.realpath(root_dir) if root_dir else folder, contained=untrusted)
    folders = Folders(root)
    found = homes(folder, folders)
    if not found:
        raise DataError(f"{shorten(path, 120)} holds no VOC annotations. Name the folder that has Annotations")
    if not (untrusted or root_dir) and found[0].folder == os.path.dirname(folder):
        root = Root(found[0].folder)
    contents = _contents(found, folders)
    read = _read({xml: image for _, image, xml in reversed(contents.entries) if xml}, root)
    names = {item.name for annotation in read.values() for item in annotation.objects}
    ordered = tuple(sorted(names - {""})[:MAX_NAMES])
    there = wanted(splits, contents.folders, path)
    pairs = _pairs(contents, there, root)
    descriptor = Descriptor(
        path=root.relative(found[0].annotations) if len(found) == 1 else ".",
        splits=tuple(split_path(split, contents.folders[split], root) for split in there),
        layout="voc",
        format="xml",
        untrusted=untrusted,
    )
    rows = _rows(pairs.labels, read, {name: number for number, name in enumerate(ordered)})
    return pairs.laid_out(root, descriptor, ordered, there, rows)


def _contents(found: Sequence[Home], folders: Folders) -> Contents:
    contents = Contents([], [], {})
    for home in found:
        files = files_of(home, folders)
        chosen, lines = splits_of(home, files, folders)
        contents.lines.extend(lines)
        for split, stems in chosen.items():
            contents.folders.setdefault(split, files.folder)
            for stem in stems:
                xml = files.xmls.get(stem)
                contents.entries.extend((split, image, xml) for image in files.images.get(stem, [None]))
    contents.entries.sort(key=lambda entry: (SPLITS.index(entry[0]), entry[1] or "", entry[2] or ""))
    return contents


def _read(image_of: Mapping[str, str | None], root: Root) -> dict[str, Annotation]:
    """The annotation of each XML."""
    chunks = parallel.in_chunks(sorted(image_of.items()), FILES_A_CHUNK)
    with without_collector():
        read = parallel.run(
            partial(read_annotations, root), chunks, workers=parallel.default_workers(), lost=_lost_annotation
        )
    found = [annotation for annotations in read for annotation in annotations]
    return dict(zip(sorted(image_of), found, strict=True))


def _lost_annotation(_: tuple[str, str | None], why: str) -> list[Annotation]:
    return [Annotation(error=why)]


def _pairs(contents: Contents, splits: Collection[str], root: Root) -> Pairs:
    pairs = Pairs()
    for split, image, xml in contents.entries:
        if image is not None and split in splits:
            pairs.add_image(split, image, xml)
    for split, image, xml in contents.entries:
        if image is None and xml is not None and split in splits:
            pairs.add_label(split, xml)
    for split, file, number, text, image, problem in contents.lines:
        if split in splits:
            pairs.listed.append((split, root.relative(file), number, text, image and root.relative(image), problem))
    return pairs


def _rows(labels: Sequence[str], read: Mapping[str, Annotation], class_of: Mapping[str, int]) -> LabelRows:
    annotations = [read[path] for path in labels]
    counts = np.array([len(annotation.objects) for annotation in annotations], np.int64)
    items = [item for annotation in annotations for item in annotation.objects]
    boxes = np.array([item.box for item in items], np.float64).reshape(-1, 4)
    sizes = np.array([annotation.size or (np.nan, np.nan) for annotation in annotations], np.float64).reshape(-1, 2)
    numbers = np.repeat(np.arange(len(labels)), counts)
    error = np.array([-1 if item.error is None else ROW_ERRORS.index(item.error) for item in items], np.int8)
    classes = np.array([class_of.get(item.name, len(class_of)) for item in items], np.float64)
    with np.errstate(all="ignore"):
        centre = (boxes[:, :2] + boxes[:, 2:]) / 2 / sizes[numbers]
        sides = (boxes[:, 2:] - boxes[:, :2]) / sizes[numbers]
        values = np.column_stack([classes, centre, sides]).astype(np.float32)
    error[(error < 0) & ~np.isfinite(values).all(axis=1)] = ROW_ERRORS.index("non-finite-value")
    values[error >= 0] = np.nan
    kind = np.where(error < 0, KINDS.index("box"), -1).astype(np.int8)
    line = np.arange(len(items)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    tokens = np.array([item.tokens for item in items], np.int32)
    rows = label_rows(len(labels), [(numbers, line, error, kind, tokens, values, [item.raw for item in items])])
    for label, annotation in enumerate(annotations):
        rows.sizes[label], rows.modified[label] = annotation.bytes, annotation.modified
        if annotation.error:
            rows.errors[label] = annotation.error
        if annotation.flaw:
            rows.flaws[label] = annotation.flaw
    return rows
