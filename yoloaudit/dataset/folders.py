"""Folders → the names in them: each is listed once, and none outside a contained root."""

from __future__ import annotations

import os
from collections import deque
from functools import cached_property

from yoloaudit.dataset.images import TRAINER_SUFFIXES
from yoloaudit.files import MAX_DEPTH, Root, is_inside

MAX_FOLDERS = 200_000
"""Folders that are entered for one split."""
MAX_LOOKED_INTO = 5_000
"""Folders that are looked into for a first image."""


def suffix(name: str) -> str:
    """What follows the last dot of a file name, in lower case."""
    return name.rpartition(".")[2].lower()


class Listing:
    """The names in one folder; hidden ones are left out, as the trainer does."""

    def __init__(self, files: list[str], folders: list[str], special: list[str]) -> None:
        self.files = files
        self.folders = folders
        self.special = special
        """Those of the files that are links, or no regular files."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The files, to look one up."""
        return frozenset(self.files)

    @cached_property
    def images(self) -> list[str]:
        """The files that the trainer takes for images."""
        return [name for name in self.files if name.rpartition(".")[2].lower() in TRAINER_SUFFIXES and "." in name]

    @cached_property
    def others(self) -> list[str]:
        """The files that are no images to the trainer."""
        if len(self.images) == len(self.files):
            return []
        images = frozenset(self.images)
        return [name for name in self.files if name not in images]

    @cached_property
    def stems(self) -> frozenset[str]:
        """The images without their suffixes."""
        return frozenset(name.rpartition(".")[0] for name in self.images)


EMPTY = Listing([], [], [])


class Folders:
    """Listings of folders, remembered; `left_out` says of folders and links which were not entered, and why."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.left_out: dict[str, str] = {}
        self._known: dict[str, Listing] = {}

    def listing(self, folder: str) -> Listing:
        """What is in a folder; nothing where it cannot or may not be entered."""
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._read(folder)
        return known

    def _read(self, folder: str) -> Listing:
        if self.root.contained and not is_inside(os.path.realpath(folder), self.root.path):
            self.left_out[folder] = "leads to outside the root of the data set"
            return EMPTY
        try:
            with os.scandir(folder) as entries:
                shown = [entry for entry in entries if entry.name[0] != "."]
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return EMPTY
        except OSError as error:
            self.left_out[folder] = f"cannot be entered: {error.strerror or error}"
            return EMPTY
        files = [entry.name for entry in shown if entry.is_file(follow_symlinks=False)]
        folders, special = [], []
        if len(files) < len(shown):
            for entry in shown:
                if entry.is_dir(follow_symlinks=False) or _leads_to_folder(entry):
                    folders.append(entry.name)
                elif not entry.is_file(follow_symlinks=False):
                    special.append(entry.name)
        return Listing(files + special, folders, special)

    def walk(self, folder: str) -> list[str]:
        """A folder and all below it, each place entered once, in order of their paths."""
        seen: set[tuple[int, int]] = set()
        entered, waiting = [], deque([(folder, 0)])
        while waiting:
            here, depth = waiting.popleft()
            try:
                facts = os.stat(here)
            except (OSError, ValueError):
                continue
            if (facts.st_dev, facts.st_ino) in seen:
                continue
            if len(seen) == MAX_FOLDERS:
                self.left_out[folder] = f"holds more than {MAX_FOLDERS:,} folders: the rest are not entered"
                break
            seen.add((facts.st_dev, facts.st_ino))
            entered.append(here)
            below = self.listing(here).folders
            if below and depth >= MAX_DEPTH:
                self.left_out[here] = f"is {MAX_DEPTH} folders deep: what lies below it is not entered"
                continue
            waiting += [(f"{here.rstrip(os.sep)}{os.sep}{name}", depth + 1) for name in sorted(below)]
        return sorted(entered)

    def holds_image(self, folder: str) -> bool:
        """Whether there is an image in a folder or below it; gives up after many folders."""
        waiting = [folder]
        seen: set[str] = set()
        while waiting and len(seen) < MAX_LOOKED_INTO:
            here = waiting.pop()
            real = os.path.realpath(here)
            if real in seen:
                continue
            seen.add(real)
            listing = self.listing(here)
            if listing.images:
                return True
            if here.count(os.sep) - folder.count(os.sep) < MAX_DEPTH:
                waiting += [f"{here.rstrip(os.sep)}{os.sep}{name}" for name in listing.folders]
        return False

    def spelled(self, folder: str, parts: list[str]) -> str | None:
        """The place of a path below a folder if letter case is not looked at; None where there is none."""
        here = folder
        for part in parts:
            listing = self.listing(here)
            names = listing.folders + listing.files
            close = part if part in names else next((n for n in names if n.casefold() == part.casefold()), None)
            if close is None:
                return None
            here = os.path.join(here, close)
        return here


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
