"""Images, annotation files and rows of a format other than YOLO's → the lists and LabelRows that a Layout holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.descriptor import AS_WRITTEN, Descriptor, SplitPath
from yoloaudit.dataset.images import read_header
from yoloaudit.dataset.labels import LabelRows, duplicates
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.sources import sources_of
from yoloaudit.dataset.tables import LISTED, SPLITS, STRAYS, table
from yoloaudit.errors import DataError
from yoloaudit.files import Root
from yoloaudit.findings import shorten

ROTATED = 5
"""EXIF orientations from this on swap width and height."""
Columns: TypeAlias = tuple[
    NDArray[Any], NDArray[Any], NDArray[np.int8], NDArray[np.int8], NDArray[np.int32], NDArray[np.float32], list[str]
]
"""Of some rows: label, line, error, kind, number of fields, values, text."""


@dataclass
class Pairs:
    """Images in order, the files that their labels stand in, and lines of lists that name no image."""

    images: list[str] = field(default_factory=list)
    image_splits: list[str] = field(default_factory=list)
    label_of: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    label_splits: list[str] = field(default_factory=list)
    listed: list[tuple[Any, ...]] = field(default_factory=list)
    """split, file, line, text, path, problem."""

    def add_image(self, split: str, image: str, label: str | None) -> int:
        """The number of its label, -1 where it has none."""
        self.images.append(image)
        self.image_splits.append(split)
        self.label_of.append(-1 if label is None else self.add_label(split, label))
        return self.label_of[-1]

    def add_label(self, split: str, label: str) -> int:
        """A label file of no image; these come after those of images. Its number."""
        self.labels.append(label)
        self.label_splits.append(split)
        return len(self.labels) - 1

    def laid_out(
        self, root: Root, descriptor: Descriptor, names: tuple[str, ...], splits: tuple[str, ...], rows: LabelRows
    ) -> Layout:
        """The layout that these make up."""
        columns = zip(*self.listed, strict=True) if self.listed else ([] for _ in LISTED)
        sources, frames = sources_of(self.images)
        return Layout(
            root=root,
            descriptor=descriptor,
            names=names,
            splits=splits,
            images=self.images,
            image_splits=self.image_splits,
            label_of=self.label_of,
            labels=self.labels,
            label_splits=self.label_splits,
            sources=sources,
            frames=frames,
            listed=table(LISTED, dict(zip(LISTED, map(list, columns), strict=True))),
            strays=table(STRAYS, {}),
            rows=rows,
        )


def wanted(splits: Sequence[str], present: Collection[str], shown: str) -> tuple[str, ...]:
    """Which of the splits that are there to read; raises DataError for one that is not there."""
    there = tuple(split for split in SPLITS if split in present)
    unknown = [split for split in splits if split not in there]
    if unknown:
        names = ", ".join(there) or "none"
        raise DataError(f"{shorten(shown, 120)} has no split {shorten(unknown[0])!r}. Name one of: {names}")
    return tuple(split for split in there if split in splits or not splits)


def split_path(split: str, folder: str, root: Root) -> SplitPath:
    """The folder of a split's images, as a descriptor would have it."""
    found = root.relative(folder)
    return SplitPath(split, split, found, 1, folder, AS_WRITTEN, "folder", found=found)


def label_rows(labels: int, columns: Sequence[Columns]) -> LabelRows:
    """Rows in order of their labels; those of one label stay in the order they come in."""
    rows = LabelRows(np.zeros(labels, np.int32), np.zeros(labels, np.int64), np.zeros(labels, np.float64))
    if not sum(len(column[0]) for column in columns):
        return rows
    file, line, error, kind, tokens, values = (np.concatenate([column[k] for column in columns]) for k in range(6))
    order = np.argsort(file, kind="stable")
    rows.file, rows.line = file[order].astype(np.int32), line[order].astype(np.int32)
    rows.error, rows.kind, rows.tokens, rows.values = error[order], kind[order], tokens[order], values[order]
    rows.outlines = np.zeros(len(order), np.uint32)
    raw = [text for column in columns for text in column[6]]
    rows.text = "".join(raw[row] + "\n" for row in order.tolist()).encode("utf-8", "surrogatepass")
    rows.duplicate = duplicates(rows.file, rows.values, rows.outlines) & (rows.error < 0)
    rows.lines[:] = np.bincount(rows.file[rows.tokens > 0], minlength=labels)
    return rows


def upright_size(root: Root, path: str) -> tuple[int, int] | None:
    """Width and height of an image as its EXIF orientation shows it; None where they cannot be read."""
    header = read_header(root, path)
    if not (header.width and header.height):
        return None
    turned = header.orientation >= ROTATED
    return (header.height, header.width) if turned else (header.width, header.height)
