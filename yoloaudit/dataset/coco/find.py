"""A COCO JSON, or a folder that holds one a split → the Layout with all rows, as a YOLO data set would give it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.dataset.coco.document import UNTRUSTED, Budget, Part, class_numbers, note_strangers, read_part
from yoloaudit.dataset.coco.files import annotated, json_files, named_source
from yoloaudit.dataset.coco.images import Finder, Images, images_of, unlisted_images
from yoloaudit.dataset.coco.rows import Rows, read_rows
from yoloaudit.dataset.coco.safe_json import without_collector
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.labels import LabelRows
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.pairs import Pairs, label_rows, split_path, upright_size, wanted
from yoloaudit.dataset.tables import SPLITS
from yoloaudit.errors import DataError, FileRefused
from yoloaudit.files import Root, is_inside
from yoloaudit.findings import shorten

MAX_SOURCES = 50
"""JSON files that are read of one folder."""
MAX_TOLD = 3
"""Flaws of one image, or problems of one JSON, that are told."""


class Piece(NamedTuple):
    """All that is known of one split."""

    part: Part
    images: Images
    unlisted: Sequence[str]
    class_of: Mapping[Any, int]


def looks_like(folder: str, *, untrusted: bool = False) -> bool:
    """Whether a folder holds COCO annotations, told from the names in it."""
    return annotated(folder, Folders(Root(os.path.realpath(folder), contained=untrusted))) is not None


def find(path: str, *, untrusted: bool = False, root_dir: str | None = None, splits: Sequence[str] = ()) -> Layout:
    """The layout of a COCO JSON, or of a folder of them; raises DataError where there is none."""
    is_folder = os.path.isdir(path)
    home = os.path.realpath(path if is_folder else os.path.dirname(path) or os.curdir)
    root = Root(os.path.realpath(root_dir) if root_dir else home, contained=untrusted)
    folders, budget = Folders(root), UNTRUSTED if untrusted else Budget()
    with without_collector():
        parts = _parts_of(home, folders, budget) if is_folder else [_named_part(path, home, root, budget)]
        finders = [Finder(part, folders) for part in parts]
        if not (untrusted or root_dir):
            root = Root(_common(home, [finder.folder for finder in finders]))
        images = [images_of(part, finder) for part, finder in zip(parts, finders, strict=True)]
        if untrusted:
            _note_outside(parts, images)
        unlisted = unlisted_images(parts, images, folders, budget, alone=not is_folder)
        names, class_of = class_numbers(parts)
        there = wanted(splits, {part.source.split for part in parts}, path)
        pieces = [Piece(*piece) for piece in zip(parts, images, unlisted, class_of, strict=True)]
        pieces = [piece for piece in pieces if piece.part.source.split in there]
        return _layout(pieces, names, there, root, budget)


def _named_part(path: str, home: str, root: Root, budget: Budget) -> Part:
    try:
        return read_part(named_source(os.path.join(home, os.path.basename(path))), root, budget)
    except FileRefused as refused:
        raise DataError(f"{shorten(path, 120)} {refused}. Name a COCO JSON that can be read") from None


def _parts_of(folder: str, folders: Folders, budget: Budget) -> list[Part]:
    """For each split the first JSON that is COCO, and those that are no JSON at all."""
    chosen: dict[str, Part] = {}
    refused: list[Part] = []
    others: list[Part] = []
    for source in json_files(annotated(folder, folders) or folder, folders)[:MAX_SOURCES]:
        if source.split not in chosen:
            try:
                part = read_part(source, folders.root, budget)
            except FileRefused as why:
                part = Part(source, refused=True, problems=[f"{why}: the JSON is not read"])
            if part.usable:
                chosen[source.split] = part
            else:
                (refused if part.refused else others).append(part)
    found = [*chosen.values(), *refused] or others[:1]
    if not found:
        raise DataError(f"{shorten(folder, 120)} holds no COCO annotations. Name the JSON file that has them")
    return sorted(found, key=lambda part: SPLITS.index(part.source.split))


def _note_outside(parts: Sequence[Part], images: Sequence[Images]) -> None:
    """Say what to do where a JSON in a folder of its own lists images that a contained run may not look for."""
    for part, found in zip(parts, images, strict=True):
        if not found.number_of and any(problem == "missing" for _, _, problem in found.entries):
            part.problems.append(
                f"lists {len(part.images):,} images, none of which lies inside the root: if they lie outside it, "
                "name a folder that holds both as the root"
            )


def _common(home: str, places: Sequence[str]) -> str:
    """The folder that holds annotations and images: that of the JSON, or the one above."""
    above = os.path.dirname(home)
    beside = all(is_inside(place, above) for place in places) and not all(is_inside(place, home) for place in places)
    return above if beside else home


def _layout(
    pieces: Sequence[Piece], names: tuple[str, ...], splits: tuple[str, ...], root: Root, budget: Budget
) -> Layout:
    pairs = Pairs()
    labels = [_add(pairs, piece, root) for piece in pieces]
    rows = [_rows(pairs, *each, len(names), root) for each in zip(pieces, labels, strict=True)]
    joined = _joined(pairs, pieces, labels, rows, budget.rows_an_image)
    return pairs.laid_out(root, _descriptor(pieces, root), names, splits, joined)


def _add(pairs: Pairs, piece: Piece, root: Root) -> NDArray[np.int64]:
    """Note images in order of their paths; the number of its label for each image of the JSON, and -1 at the end."""
    split, file = piece.part.source.split, piece.part.source.path
    number_of, same_as, entries, _ = piece.images
    labels = np.full(len(piece.part.images) + 1, -1, np.int64)
    for path in sorted([*number_of, *piece.unlisted]):
        if path in number_of:
            labels[number_of[path]] = pairs.add_image(split, path, file)
        else:
            pairs.add_image(split, path, None)
    for number, first in same_as.items():
        labels[number] = labels[first]
    for text, place, problem in entries:
        pairs.listed.append((split, root.relative(file), 1, text, place and root.relative(place), problem))
    return labels


def _rows(
    pairs: Pairs, piece: Piece, labels: NDArray[np.int64], names: int, root: Root
) -> tuple[Rows, NDArray[np.int64]]:
    """Rows, and the number of each one's label; those of images that do not exist go to one of their own, an orphan."""
    part = piece.part
    for path, number in piece.images.number_of.items():
        if np.isnan(part.sizes[number, 0]):
            part.sizes[number] = upright_size(root, path) or np.nan
    rows = read_rows(part.annotations, part.listed_of, piece.class_of, names, part.sizes)
    note_strangers(part, rows.listed)
    numbers = labels[rows.listed]
    if (numbers < 0).any():
        numbers[numbers < 0] = pairs.add_label(part.source.split, part.source.path)
    return rows, numbers


def _joined(
    pairs: Pairs,
    pieces: Sequence[Piece],
    labels: Sequence[NDArray[np.int64]],
    read: Sequence[tuple[Rows, NDArray[np.int64]]],
    most: int,
) -> LabelRows:
    columns = [
        (numbers, np.arange(1, len(numbers) + 1), rows.error, rows.kind, rows.tokens, rows.values, rows.raw)
        for rows, numbers in read
    ]
    joined = label_rows(len(pairs.labels), columns)
    for piece, own, (rows, _) in zip(pieces, labels, read, strict=True):
        part = piece.part
        of_part = np.array([path == part.source.path for path in pairs.labels], np.bool_)
        joined.sizes[of_part], joined.modified[of_part] = part.bytes, part.modified
        for flaws in (part.flaws, rows.flaws):
            for number, told in flaws.items():
                _add_flaws(joined, int(own[number]), told)
    counts = np.bincount(joined.file, minlength=len(pairs.labels))
    for label in np.flatnonzero(counts > most):
        _add_flaws(joined, int(label), [f"has {counts[label]:,} annotations of one image, above the limit of {most:,}"])
    return joined


def _add_flaws(rows: LabelRows, label: int, flaws: Sequence[str]) -> None:
    if label >= 0:
        known = [rows.flaws[label]] if label in rows.flaws else []
        rows.flaws[label] = "; ".join([*known, *flaws[:MAX_TOLD]])


def _descriptor(pieces: Sequence[Piece], root: Root) -> Descriptor:
    """The first JSON with a problem, else the first; with the problems of all."""
    parts = [piece.part for piece in pieces]
    told = [part for part in parts if part.problems]
    main = (told or list(parts))[0]
    problems = [
        problem if part is main else f"{root.relative(part.source.path)} {problem}"
        for part in told
        for problem in part.problems[:MAX_TOLD]
    ]
    return Descriptor(
        root.relative(main.source.path),
        problem="; ".join(problems) or None,
        problem_line=main.line,
        splits=tuple(
            split_path(piece.part.source.split, piece.images.folder, root) for piece in pieces if piece.part.usable
        ),
        modified=main.modified,
        layout="coco",
        format="json",
        untrusted=root.contained,
    )
