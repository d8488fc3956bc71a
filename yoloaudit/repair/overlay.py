"""A data set as it would be after some edits of text: files that are read from memory, labels in other places."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from yoloaudit.dataset.layout import Layout
from yoloaudit.files import Content, Root, Stamp


@dataclass(frozen=True)
class Overlay(Root):
    """A root some of whose files have another content; they count as changed just now."""

    contents: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    """By absolute path."""
    now: float = 0.0

    def read(self, path: str, most: int, *, head: bool = False) -> Content:
        """The content that a file would have."""
        data = self.contents.get(path)
        if data is None or len(data) > most:
            return super().read(path, most, head=head)
        return Content(data, len(data), self.now, Stamp(len(data), 0, 0, 0))


def laid_over(layout: Layout, contents: Mapping[str, bytes], now: float) -> Layout:
    """The layout with these files (paths relative to the root) in the place of what the disk has."""
    root = layout.root
    full = {os.path.join(root.path, *path.split("/")): data for path, data in contents.items()}
    return replace(layout, root=Overlay(root.path, root.contained, contents=full, now=now))


def with_label(layout: Layout, image: int, path: str) -> Layout:
    """The layout with a label file (relative to the root) for an image that has none."""
    full = os.path.join(layout.root.path, *path.split("/"))
    label_of = list(layout.label_of)
    label_of[image] = len(layout.labels)
    labels, splits = [*layout.labels, full], [*layout.label_splits, layout.image_splits[image]]
    return replace(layout, labels=labels, label_splits=splits, label_of=label_of)


def without(layout: Layout, paths: Sequence[str]) -> Layout:
    """The layout without these strays and orphans (relative to the root)."""
    gone = set(paths)
    owned = {number for number in layout.label_of if number >= 0}
    kept = [
        number for number, path in enumerate(layout.labels) if number in owned or layout.root.relative(path) not in gone
    ]
    place = {number: position for position, number in enumerate(kept)}
    return replace(
        layout,
        labels=[layout.labels[number] for number in kept],
        label_splits=[layout.label_splits[number] for number in kept],
        label_of=[place.get(number, -1) for number in layout.label_of],
        strays=layout.strays[~layout.strays["path"].isin(gone)].reset_index(drop=True),
    )
