"""One image or label file → the Dataset of it alone, as part of a data set or without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.label_files import IMAGES, LABELS, label_folder
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.load import Dataset, read
from yoloaudit.dataset.tables import LISTED, STRAYS, table
from yoloaudit.files import Root


def is_label(path: str) -> bool:
    """Whether the name is that of a label file."""
    return path.lower().endswith(".txt")


def is_image(path: str) -> bool:
    """Whether the trainer would find this file as an image."""
    return path.rpartition(".")[2].lower() in TRAINER_SUFFIXES


def label_path(image: str) -> str:
    """Where the trainer looks for the label of an image."""
    folder, name = os.path.split(image)
    return os.path.join(label_folder(folder), f"{name.rpartition('.')[0]}.txt")


def image_paths(label: str) -> Iterator[str]:
    """Images that exist and whose label the trainer looks for here."""
    head, found, tail = label.rpartition(LABELS)
    folder, name = os.path.split(head + IMAGES + tail if found else label)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for other in names:
        if other.rpartition(".")[0] == name.rpartition(".")[0] and is_image(other):
            yield os.path.join(folder, other)


def within(found: Layout, path: str) -> Dataset | None:
    """The data set with this image, or this label and its image, and nothing else; None where it holds neither."""
    if path in found.images:
        image = found.images.index(path)
        label = found.label_of[image]
    elif path in found.labels:
        label = found.labels.index(path)
        image = found.label_of.index(label) if label in found.label_of else -1
    else:
        return None
    if found.rows is None:
        return read(_narrowed(found, image, label), workers=1)
    whole = read(found)
    return replace(
        whole,
        images=whole.images.iloc[[image] if image >= 0 else []],
        labels=whole.labels.iloc[[label] if label >= 0 else []],
        boxes=whole.boxes[whole.boxes["label"] == label],
    )


def _narrowed(layout: Layout, image: int, label: int) -> Layout:
    images, labels = ([number] if number >= 0 else [] for number in (image, label))
    return replace(
        layout,
        images=[layout.images[number] for number in images],
        image_splits=[layout.image_splits[number] for number in images],
        label_of=[0 if labels else -1 for _ in images],
        labels=[layout.labels[number] for number in labels],
        label_splits=[layout.label_splits[number] for number in labels],
        sources=[layout.sources[number] for number in images],
        frames=[int(layout.frames[number]) for number in images],
    )


def alone(path: str) -> Dataset:
    """A file that belongs to no known data set: class names and split are not known."""
    images = list(image_paths(path))[:1] if is_label(path) else [path]
    label = path if is_label(path) else label_path(path)
    labels = [label] if os.path.lexists(label) else []
    layout = Layout(
        root=Root(os.path.dirname(path)),
        descriptor=Descriptor(""),
        names=(),
        splits=("train",),
        images=images,
        image_splits=["train" for _ in images],
        label_of=[0 if labels else -1 for _ in images],
        labels=labels,
        label_splits=["train" for _ in labels],
        sources=[None for _ in images],
        frames=[-1 for _ in images],
        listed=table(LISTED, {}),
        strays=table(STRAYS, {}),
    )
    return read(layout, workers=1)
