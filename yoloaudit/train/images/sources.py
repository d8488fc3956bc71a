"""What `--source` says → the image and video files that are meant, and their pictures in order."""

from __future__ import annotations

import glob
import os
import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, islice
from typing import NamedTuple

from yoloaudit.dataset.folders import Folders, suffix
from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.dataset.places import WEB_ADDRESS
from yoloaudit.errors import DataError, FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.train.images import video
from yoloaudit.train.images.ahead import ahead, taken_ahead
from yoloaudit.train.images.augment import Pixels
from yoloaudit.train.images.data import Fit, Fitted, fit_file, fit_pixels
from yoloaudit.train.images.picture import Unreadable

MOST_FILES = 1_000_000
MOST_LIST_BYTES = 50_000_000
KEPT_BYTES = 256 << 20
"""Frames of a video that are decoded ahead take no more memory than this."""
MOST_AHEAD = 16
LIVE = "detect reads files: an image, a video, a folder, a .txt list of them or a pattern like 'photos/*.jpg'"
KINDS = f"Images are {', '.join(sorted(TRAINER_SUFFIXES))}; videos {', '.join(sorted(video.SUFFIXES))}"


class Item(NamedTuple):
    """One file of a source."""

    path: str
    """As it was named, or below the folder that was."""
    problem: str | None = None
    """Why it is not looked at."""

    @property
    def is_video(self) -> bool:
        return suffix(self.path) in video.SUFFIXES


class Reading(NamedTuple):
    """How the files are read."""

    most_pixels: int
    every: int = 1
    """Of a video each so manieth frame."""
    keep: bool = False
    """Pictures come with their own pixels, to draw on."""
    workers: int = 2
    batch: int = 1
    """So many pictures are taken at once."""


def items_of(source: str, project: str = "", name: str = "") -> list[Item]:
    """The files that are meant, in order; raises UsageError or DataError.

    Below a folder, what earlier runs have written is left out: all of `project`, and `<project>/<name>`, `…2`, `…3`.
    """
    _refuse_live(source)
    what = "there is neither image nor video by its suffix"
    if os.path.isdir(source):
        found = _in_folder(source, project, name)
    elif os.path.lexists(source) and suffix(source) == "txt":
        found, what = _listed(source), "the list names no file"
    elif os.path.lexists(source):
        found = [Item(source)] if is_readable(source) else []
    elif glob.has_magic(source):
        paths = sorted(islice(glob.iglob(source, recursive=True), MOST_FILES + 1))
        found = [Item(path) for path in paths if is_readable(path) and not os.path.isdir(path)]
        what = "neither image nor video by its suffix matches this pattern" if paths else "nothing matches this pattern"
    else:
        raise DataError(f"there is no file or folder {shorten(source, 300)}. Name what detect is to look at: --source")
    if not found:
        raise DataError(f"{shorten(source, 300)}: {what}. {KINDS}")
    if len(found) > MOST_FILES:
        raise DataError(f"{shorten(source, 300)} means more than {MOST_FILES:,} files. Name fewer at a time")
    return found


def is_readable(path: str) -> bool:
    """Whether a file is an image or a video by its suffix."""
    return "." in os.path.basename(path) and suffix(path) in TRAINER_SUFFIXES | video.SUFFIXES


def _refuse_live(source: str) -> None:
    if not source or "\0" in source:
        raise UsageError(f"--source is empty. {LIVE}")
    if WEB_ADDRESS.match(source):
        raise UsageError(f"--source {shorten(source)} is a web address. {LIVE}")
    if os.path.lexists(source):
        return
    if source.isdecimal():
        raise UsageError(f"--source {shorten(source)} would be a camera. {LIVE}")
    if source.split()[:1] == ["screen"]:
        raise UsageError(f"--source {shorten(source)} would be the screen. {LIVE}")


def _in_folder(folder: str, project: str, name: str) -> list[Item]:
    folders = Folders(Root(os.path.realpath(folder)))
    runs = _runs(os.path.realpath(folder), project, name)
    found: list[Item] = []
    for place in folders.walk(folder):
        if runs is not None and runs.match(os.path.realpath(place) + os.sep):
            continue
        names = (name for name in sorted(folders.listing(place).files) if is_readable(name))
        found += [Item(os.path.join(place, name)) for name in names]
    return found


def _runs(folder: str, project: str, name: str) -> re.Pattern[str] | None:
    """What the folders of earlier runs begin with; none of them is what is looked at itself, or holds it."""
    places = [os.path.realpath(project)] if project else []
    stems = [re.escape(place.rstrip(os.sep)) for place in places]
    stems += [f"{re.escape(os.path.join(place, name))}[0-9]*" for place in places if name]
    found = [stem for stem in stems if not re.match(stem + re.escape(os.sep), folder + os.sep)]
    return re.compile(f"(?:{'|'.join(found)}){re.escape(os.sep)}") if found else None


def _listed(path: str) -> list[Item]:
    """The files that a list names: lines are relative to the working folder, or to its own if they lie only there."""
    try:
        data = Root(os.getcwd()).read(os.path.abspath(path), MOST_LIST_BYTES).data
    except FileRefused as error:
        raise DataError(f"{shorten(path, 300)} {error}") from None
    if b"\0" in data:
        raise DataError(f"{shorten(path, 300)} is no list: it holds NUL bytes. A list is UTF-8 text, one file a line")
    home = os.path.dirname(path)
    lines = (line.strip() for line in data.decode("utf-8-sig", "surrogateescape").split("\n"))
    return [_named(line, home) for line in lines if line]


def _named(line: str, home: str) -> Item:
    if WEB_ADDRESS.match(line):
        return Item(line, "is a web address, and only files are read")
    beside = os.path.join(home, line)
    path = beside if line.startswith("./") or (os.path.lexists(beside) and not os.path.lexists(line)) else line
    return Item(path, None if is_readable(path) else "is neither image nor video by its suffix")


def pictures(items: Sequence[Item], fit: Fit, reading: Reading) -> Iterator[Fitted]:
    """The pictures of the files in order, each made to fit; `Fitted.place` is the number of the item."""
    root = Root(os.getcwd())
    whole = [item._replace(path=os.path.abspath(item.path)) for item in items]  # whatever the working folder is later
    for is_video, run in groupby(range(len(whole)), key=lambda place: whole[place].is_video):
        if is_video:
            for place in run:
                yield from _of_video(root, whole[place], place, fit, reading)
        else:
            work = partial(_of_image, root, whole, fit, reading)
            yield from ahead(work, run, reading.workers, reading.batch + reading.workers)


def _of_image(root: Root, items: Sequence[Item], fit: Fit, reading: Reading, place: int) -> Fitted:
    item = items[place]
    if item.problem is not None:
        return Fitted(place, error=item.problem)
    return fit_file(root, item.path, place, reading.most_pixels, fit, keep=reading.keep)


def _of_video(root: Root, item: Item, place: int, fit: Fit, reading: Reading) -> Iterator[Fitted]:
    frames = video.frames(root, item.path, reading.most_pixels, reading.every)
    made = _made(place, frames, fit, reading.keep)
    try:
        first = next(made, None)
        if first is not None:
            yield first
            size = 3 * first.native[0] * first.native[1]
            yield from taken_ahead(made, max(1, min(MOST_AHEAD, KEPT_BYTES // size)))
    except Unreadable as error:
        yield Fitted(place, error=str(error))


def _made(place: int, frames: Iterator[tuple[video.Moment, Pixels]], fit: Fit, keep: bool) -> Iterator[Fitted]:
    began = time.perf_counter()
    for moment, pixels in frames:
        read = time.perf_counter() - began
        made = fit_pixels(place, pixels, fit, keep=keep, moment=moment)
        yield made._replace(seconds=(read, made.seconds[1]))
        began = time.perf_counter()
