"""A descriptor in a mirror, and the names in its tree → the Layout of the data set, without a file for each name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from yoloaudit.against.mirror import Mirror
from yoloaudit.dataset import yolo
from yoloaudit.dataset.folders import EMPTY, MAX_FOLDERS, Folders, Listing
from yoloaudit.dataset.layout import Layout
from yoloaudit.errors import FileRefused
from yoloaudit.files import MAX_DEPTH, Content, Root, Stamp, is_inside

NO_STAMP = Stamp(0, 0, 0, 0)


class TreeFolders(Folders):
    """Listings of the folders of a tree, from its names; folders elsewhere are listed as ever."""

    def __init__(self, root: Root, mirror: Mirror) -> None:
        super().__init__(root)
        self.mirror = mirror
        self.names: dict[str, tuple[list[str], dict[str, None]]] = {"": ([], {})}
        """Of each folder below the top its files and its folders."""
        for path in mirror.blobs:
            folder, _, name = path.rpartition("/")
            self._of(folder)[0].append(name)

    def _of(self, folder: str) -> tuple[list[str], dict[str, None]]:
        known = self.names.get(folder)
        if known is None:
            known = self.names[folder] = ([], {})
            above, _, name = folder.rpartition("/")
            self._of(above)[1][name] = None
        return known

    def _read(self, folder: str) -> Listing:
        inside = self.mirror.relative(folder)
        if inside is None:
            return super()._read(folder)
        if self.root.contained and not is_inside(folder, self.root.path):
            self.left_out[folder] = "leads to outside the root of the data set"
            return EMPTY
        files, folders = self.names.get(inside, ([], {}))
        shown, below = ([name for name in names if not name.startswith(".")] for names in (files, folders))
        return Listing(shown, below, [])

    def walk(self, folder: str) -> list[str]:
        """A folder and all below it, in order of their paths."""
        if self.mirror.relative(folder) is None:
            return super().walk(folder)
        entered: list[str] = []
        waiting = [(folder, 0)]
        while waiting and len(entered) < MAX_FOLDERS:
            here, depth = waiting.pop()
            if self.names.get(self.mirror.relative(here) or "") is None:
                continue
            entered.append(here)
            if depth < MAX_DEPTH:
                waiting += [(f"{here}{os.sep}{name}", depth + 1) for name in self.listing(here).folders]
        return sorted(entered)


@dataclass(frozen=True)
class TreeRoot(Root):
    """A root of which some files are not on the disk."""

    contents: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    """What they hold, by absolute path."""

    def read(self, path: str, most: int, *, head: bool = False) -> Content:
        """The bytes of a file; FileRefused as of any root."""
        data = self.contents.get(path)
        if data is None:
            return super().read(path, most, head=head)
        if len(data) > most and not head:
            raise FileRefused("large", f"is {len(data):,} bytes, above the limit of {most:,}")
        return Content(data[:most], len(data), 0.0, NO_STAMP)

    def __reduce__(self) -> tuple[type[Root], tuple[str, bool]]:
        """Another process only gets what is on the disk."""
        return Root, (self.path, self.contained)


def lay_out(path: str, root: Root, mirror: Mirror, *, fixed: bool, splits: Sequence[str] = ()) -> Layout:
    """The layout that a descriptor in a mirror describes, its label files readable by the layout's root."""
    layout = yolo.lay_out(path, root, fixed=fixed, splits=splits, folders=TreeFolders(root, mirror))
    wanted = {inside: label for label in layout.labels if (inside := mirror.relative(label)) in mirror.blobs}
    contents = {wanted[inside]: data for inside, data in mirror.contents([name for name in wanted if name])}
    return replace(layout, root=TreeRoot(layout.root.path, layout.root.contained, contents=contents))
