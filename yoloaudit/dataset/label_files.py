"""Image paths → the label file of each, told from folder listings alone, and the label files that no image has."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from yoloaudit.dataset.folders import Folders

IMAGES, LABELS = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"
NO_LABELS = frozenset(("classes.txt", "obj.names", "train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt"))
"""Text files that lie among labels and are none; so are those that begin with `readme`."""


@dataclass
class LabelFiles:
    """The label files of one split, image by image, and for each image the position of its label file or -1."""

    labels: list[str] = field(default_factory=list)
    label_of: list[int] = field(default_factory=list)
    folders: dict[str, set[str]] = field(default_factory=dict)
    """Label folders, and the image folders that they belong to."""
    taken: dict[str, set[str]] = field(default_factory=dict)
    """Label folders, and the names in them that go with an image."""


def label_folder(folder: str) -> str:
    """Where the trainer looks for the labels of a folder of images: the last /images/ becomes /labels/."""
    head, images, tail = f"{folder}{os.sep}".rpartition(IMAGES)
    return f"{head}{LABELS}{tail}"[:-1] if images else folder


def find_labels(images: Sequence[str], folders: Folders) -> LabelFiles:
    """The label file of each image, if the listing of its folder has it."""
    found = LabelFiles()
    labels, label_of = found.labels, found.label_of
    here, prefix = None, ""
    names: frozenset[str] = frozenset()
    taken: set[str] = set()
    for path in images:
        cut = path.rfind(os.sep)
        if path[:cut] != here:
            here = path[:cut]
            place = label_folder(here)
            prefix, names = place + os.sep, folders.listing(place).names
            taken = found.taken.setdefault(place, set())
            found.folders.setdefault(place, set()).add(here)
        label = f"{path[cut + 1 : path.rfind('.')]}.txt"
        if label in names:
            label_of.append(len(labels))
            labels.append(prefix + label)
            taken.add(label)
        else:
            label_of.append(-1)
    return found


def is_label(name: str) -> bool:
    """Whether a file among labels is one by its name."""
    return name.endswith(".txt") and name.lower() not in NO_LABELS and not name.lower().startswith("readme")


def image_folders_of(splits: Iterable[LabelFiles]) -> dict[str, frozenset[str]]:
    """Label folders, and the image folders of all splits that they belong to."""
    known: dict[str, frozenset[str]] = {}
    for found in splits:
        for place, folders in found.folders.items():
            known[place] = known.get(place, frozenset()) | folders
    return known


def orphans(
    splits: Mapping[str, LabelFiles], roots: Mapping[str, Sequence[str]], folders: Folders, apart: Iterable[str]
) -> list[tuple[str, str]]:
    """(split, label file) for each label file of a split's label folders that goes with no image at all.

    `roots` are label folders whose subfolders belong to the split too; `apart` are text files that are no labels.
    """
    image_folders = image_folders_of(splits.values())
    taken: dict[str, set[str]] = {}
    for found in splits.values():
        for place, names in found.taken.items():
            taken.setdefault(place, set()).update(names)
    for path in apart:
        taken.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))
    lone = []
    for split, found in splits.items():
        for place in sorted(set(found.folders).union(*(folders.walk(root) for root in roots.get(split, ())))):
            left = folders.listing(place).names - taken.setdefault(place, set())
            for name in sorted(name for name in left if is_label(name)):
                taken[place].add(name)
                if not any(name[:-4] in folders.listing(of).stems for of in image_folders.get(place, ())):
                    lone.append((split, f"{place.rstrip(os.sep)}{os.sep}{name}"))
    return lone
