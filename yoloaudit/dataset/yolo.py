"""A data.yaml or Darknet .data file → the Layout of its data set, told from folder listings alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pandas import DataFrame

from yoloaudit.dataset.describe import describe
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.folders import Folders
from yoloaudit.dataset.label_files import LabelFiles, find_labels, image_folders_of, label_folder, orphans
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.lists import ImageList, read_list
from yoloaudit.dataset.names import class_names
from yoloaudit.dataset.places import Start
from yoloaudit.dataset.sources import sources_of
from yoloaudit.dataset.strays import Surroundings, find_strays
from yoloaudit.dataset.tables import LISTED, SPLITS, table
from yoloaudit.errors import DataError
from yoloaudit.files import Root, is_inside

MAX_ABOVE = 2
"""Folders above the descriptor's that may still be the root of the data set."""


@dataclass
class _Split:
    images: list[str] = field(default_factory=list)
    lists: list[ImageList] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    """Folders that were walked, with those below them."""
    label_roots: list[str] = field(default_factory=list)


def lay_out(
    path: str, root: Root, *, fixed: bool, splits: Sequence[str] = (), folders: Folders | None = None
) -> Layout:
    """The layout that a descriptor describes; `fixed` keeps the root, `folders` list what is not on the disk."""
    folders = Folders(root) if folders is None else folders
    descriptor, start = describe(path, folders)
    wanted = _wanted(descriptor, splits)
    laid = {split: _collect(split, descriptor, start) for split in wanted}
    descriptor = _with_lists(descriptor, laid)
    root = root if fixed else Root(_root_folder(start, descriptor))
    descriptor = _relative(descriptor, path, root)
    pairs = {split: find_labels(part.images, folders) for split, part in laid.items()}
    roots = {split: part.label_roots for split, part in laid.items()}
    lists = [listed for part in laid.values() for listed in part.lists]
    homes = image_folders_of(pairs.values())
    lone = orphans(pairs, roots, folders, [path, *(listed.file for listed in lists)])
    images = [image for part in laid.values() for image in part.images]
    labels, label_splits, label_of = _joined(pairs, lone)
    sources, frames = sources_of(images)
    around = Surroundings(
        folders=folders,
        root=root,
        image_folders=frozenset(folder for part in laid.values() for folder in part.folders).union(*homes.values()),
        label_folders=homes,
        lists=[listed.file for listed in lists],
        lone=[label for _, label in lone],
        linked={each.target: each.linked for each in descriptor.splits if each.target and each.linked},
    )
    return Layout(
        root=root,
        descriptor=descriptor,
        names=class_names(descriptor.value("names"), descriptor.value("nc")),
        splits=tuple(wanted),
        images=images,
        image_splits=[split for split, part in laid.items() for _ in part.images],
        label_of=label_of,
        labels=labels,
        label_splits=label_splits,
        sources=sources,
        frames=frames,
        listed=_listed(laid, root),
        strays=find_strays(images, label_of, around),
    )


def _wanted(descriptor: Descriptor, splits: Sequence[str]) -> list[str]:
    written = {path.split for path in descriptor.splits}
    there = [split for split in SPLITS if split in written]
    unknown = [split for split in splits if split not in there]
    if unknown and descriptor.problem is None:
        raise DataError(f"{descriptor.path} has no split {unknown[0]!r}. Name one of: {', '.join(there) or 'none'}")
    return [split for split in there if split in splits or not splits]


def _collect(split: str, descriptor: Descriptor, start: Start) -> _Split:
    part, folders = _Split(), start.folders
    for path in descriptor.splits:
        if path.split != split or path.target is None:
            continue
        if path.kind == "list":
            bases = dict.fromkeys((start.base or start.folder, os.path.dirname(path.target), *start.above))
            if not start.contained:
                bases[os.getcwd()] = None
            listed = read_list(path.target, folders, list(bases))
            part.lists.append(listed)
            part.images += listed.images
            continue
        walked = folders.walk(path.target)
        part.folders += walked
        for folder in walked:
            prefix = folder.rstrip(os.sep) + os.sep
            part.images += [prefix + name for name in folders.listing(folder).images]
        if label_folder(path.target) != path.target:
            part.label_roots.append(label_folder(path.target))
    part.images = sorted(dict.fromkeys(part.images))
    return part


def _with_lists(descriptor: Descriptor, laid: dict[str, _Split]) -> Descriptor:
    """The descriptor with what was learnt by reading the lists."""
    read = {(split, listed.file): listed for split, part in laid.items() for listed in part.lists}
    paths = []
    for path in descriptor.splits:
        listed = read.get((path.split, path.target or ""))
        if path.kind == "list" and listed is not None:
            path = replace(
                path,
                kind="missing" if listed.refused else path.kind,
                target=None if listed.refused else path.target,
                refused=listed.refused or path.refused,
                lines_from=listed.lines_from,
                absolute_lines=listed.absolute_lines,
                moved=tuple((prefix, folder, count) for (prefix, folder), count in listed.moved.items() if count),
            )
        paths.append(path)
    return replace(descriptor, splits=tuple(paths))


def _root_folder(start: Start, descriptor: Descriptor) -> str:
    """The folder that reports are relative to: the descriptor's, `path`, or one that holds it and all splits."""
    own = os.path.realpath(start.folder)
    if start.base is not None and not is_inside(os.path.realpath(start.base), own):
        own = os.path.realpath(start.base)
    targets = [path.target for path in descriptor.splits if path.target]
    places = [*targets, *map(label_folder, targets)]
    if all(is_inside(place, own) for place in places):
        return own
    common = own
    for _ in range(MAX_ABOVE):
        common = os.path.dirname(common)
        if all(is_inside(place, common) for place in places):
            return common
    return own


def _relative(descriptor: Descriptor, path: str, root: Root) -> Descriptor:
    """The descriptor with its paths as a report shows them."""
    return replace(
        descriptor,
        path=root.relative(path),
        splits=tuple(
            replace(
                each,
                found=each.target and root.relative(each.target),
                lines_from=each.lines_from and root.relative(each.lines_from),
                moved=tuple((prefix, root.relative(folder), count) for prefix, folder, count in each.moved),
            )
            for each in descriptor.splits
        ),
    )


def _joined(pairs: dict[str, LabelFiles], lone: Sequence[tuple[str, str]]) -> tuple[list[str], list[str], list[int]]:
    labels: list[str] = []
    label_splits: list[str] = []
    label_of: list[int] = []
    for split, part in pairs.items():
        start = len(labels)
        label_of += [number + start if number >= 0 else -1 for number in part.label_of]
        labels += part.labels
        label_splits += [split] * len(part.labels)
    return labels + [path for _, path in lone], label_splits + [split for split, _ in lone], label_of


def _listed(laid: dict[str, _Split], root: Root) -> DataFrame:
    lists = [(split, listed) for split, part in laid.items() for listed in part.lists]
    return table(
        LISTED,
        {
            "split": [split for split, listed in lists for _ in listed.lines],
            "file": [name for _, listed in lists for name in [root.relative(listed.file)] * len(listed.lines)],
            "line": [line for _, listed in lists for line in listed.lines],
            "text": [text for _, listed in lists for text in listed.texts],
            "path": [path and root.relative(path) for _, listed in lists for path in listed.paths],
            "problem": [problem for _, listed in lists for problem in listed.problems],
        },
    )
