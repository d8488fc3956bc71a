"""Images that a person says are empty → their empty label files; whatever has a label is refused."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from yoloaudit.dataset.layout import Layout
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.repair.accept import label_of
from yoloaudit.repair.edits import Left, Mend, NotMended, Plan, Write
from yoloaudit.repair.places import Places

RULE = "unattested-background"
MAX_BYTES = 200_000_000
GLOB = frozenset("*?[")


def listed_in(path: str) -> list[str]:
    """The lines of a file that names images; blank lines, and those that begin with #, are left out."""
    folder, name = os.path.split(os.path.abspath(path))
    try:
        data = Root(folder).read(os.path.join(folder, name), MAX_BYTES).data
    except FileRefused as refused:
        raise UsageError(f"--from {shorten(path, 200)}: {refused}") from None
    lines = data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def matched(layout: Layout, wanted: Sequence[str]) -> list[int]:
    """Positions of the images that these paths or globs name; all images without a label file where there are none.

    Paths are relative to the root of the data set, or to the working folder, or absolute. Raises UsageError for one
    that names no image.
    """
    if not wanted:
        return [position for position, label in enumerate(layout.label_of) if label < 0]
    paths = [layout.root.relative(path) for path in layout.images]
    known = {path: position for position, path in enumerate(paths)}
    found: dict[int, None] = {}
    for text in wanted:
        fits = _fitting(layout, text, paths, known)
        if fits is None:
            raise UsageError(f"{shorten(text, 200)} names no image of the data set. Paths are relative to its root")
        found.update(dict.fromkeys(fits))
    return list(found)


def _fitting(layout: Layout, text: str, paths: Sequence[str], known: Mapping[str, int]) -> list[int] | None:
    """The images that are meant; of a folder, those below it that have no label file. None: no image at all."""
    for name in dict.fromkeys((posixpath.normpath(text.replace(os.sep, "/")), layout.root.relative(_real(text)))):
        if name in known:
            return [known[name]]
        below = [position for position, path in enumerate(paths) if name == "." or path.startswith(f"{name}/")]
        if below:
            return [position for position in below if layout.label_of[position] < 0]
        fits = [position for position, path in enumerate(paths) if fnmatchcase(path, name)]
        if fits and not GLOB.isdisjoint(text):
            return fits
    return None


def _real(text: str) -> str:
    """The absolute path, the links of its folders followed."""
    folder, name = os.path.split(os.path.abspath(text)) if "\0" not in text else ("", text)
    return os.path.join(os.path.realpath(folder), name)


def plan_attested(layout: Layout, places: Places, positions: Sequence[int]) -> Plan:
    """Empty label files for these images."""
    edits, mends, left = [], [], []
    strays = layout.strays
    elsewhere = set(strays["image"].tolist())
    planned: set[str] = set()
    for position in positions:
        image = layout.root.relative(layout.images[position])
        label = label_of(layout, position)
        try:
            if label in planned:
                continue
            if (old := places.read(label)) is not None:
                empty = not old.strip()
                has = (
                    "has an empty label file already" if empty else "has labels: it is not empty to whoever wrote them"
                )
                raise NotMended(has, "done" if empty else "refused")
            if position in elsewhere:
                raise NotMended("has a label that lies where the trainer does not look: move that first", "refused")
            edits.append(Write(label, None, b""))
            planned.add(label)
            mends.append(Mend(RULE, label, None, "empty label file written"))
        except NotMended as why:
            left.append(Left(RULE, image, None, str(why), why.kind))
    return Plan(edits, mends, left)
