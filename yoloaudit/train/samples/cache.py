"""Image files → pictures of the training size, decoded once: kept in memory, or in the user's cache folder by content.

Nothing is written beside the data. What the folder holds is a hint: a picture counts only if its checksum holds.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress

import cv2
import numpy as np
from blake3 import blake3
from platformdirs import user_cache_dir

from yoloaudit.errors import FileRefused, WriteError
from yoloaudit.files import Root, write_atomically
from yoloaudit.train.images.augment import resize
from yoloaudit.train.images.data import Source
from yoloaudit.train.images.picture import Picture, key_of_file, use
from yoloaudit.train.types import Integers, Pixels

VERSION = 1
"""Goes up with every change of how pictures are made; another OpenCV may decode them otherwise, too."""
MAGIC = b"yoloaudit picture"
SIZE = np.dtype("<u4")
CHECKSUM_BYTES = 16
HEAD = len(MAGIC) + 2 * SIZE.itemsize + CHECKSUM_BYTES
LOCKS = 64
SPARE = 1.2
"""A disk must have room for so many times of what is to be written."""


def bytes_of(sizes: Integers, side: int) -> Integers:
    """What pictures of these sizes (N × 2: height, width) take once their longer side is `side`."""
    longer = np.maximum(sizes.max(axis=1), 1)
    taken: Integers = np.ceil(sizes * (side / longer)[:, None]).astype(np.int64).prod(axis=1) * 3
    return taken


def default_folder() -> str | None:
    """Where the operating system wants caches; None where there is no such place."""
    folder = user_cache_dir("yoloaudit", appauthor=False)
    return os.path.join(folder, "pictures") if os.path.isabs(folder) else None


class Pictures:
    """The pictures of a source, for any number of threads; none is decoded twice while it can be kept."""

    def __init__(self, source: Source, side: int, *, shrink: bool, memory: int = 0, folder: str | None = None) -> None:
        """`shrink` by area, as for validation. Up to `memory` bytes are kept there, all of them in `folder`, if any."""
        self._source = source
        self._side, self._shrink = side, shrink
        self._kept: list[Pixels | None] = [None] * len(source)
        self._left = memory
        self._locks = [threading.Lock() for _ in range(LOCKS)]
        self._count = threading.Lock()
        recipe = f"{side}-{'area' if shrink else 'linear'}-{VERSION}-{cv2.__version__}"
        self._disk = _Disk(folder, recipe) if folder else None
        self.decoded = 0
        """How many times a file was decoded."""
        if self._disk:
            self._disk.claim(int(bytes_of(source.sizes, side).sum()))

    @property
    def problem(self) -> str | None:
        """Why nothing more is kept in the folder."""
        return self._disk.problem if self._disk else None

    def picture(self, at: int) -> Pixels:
        """H × W × 3, BGR, the longer side as asked for; raises Unreadable. Nobody may change it."""
        kept = self._kept[at]
        if kept is not None:
            return kept
        with self._locks[at % LOCKS]:
            kept = self._kept[at]
            if kept is None:
                kept = self._found(at)
                self._keep(at, kept)
            return kept

    def _keep(self, at: int, made: Pixels) -> None:
        with self._count:
            if made.nbytes <= self._left:
                self._left -= made.nbytes
                self._kept[at] = made

    def _found(self, at: int) -> Pixels:
        root, path = self._source.root, self._source.paths[at]
        if self._disk is None:
            return self._decoded(root, path)[0]
        key = key_of_file(root, path)
        kept = self._disk.read(key) if key else None
        if kept is None or max(kept.shape) != self._side:
            kept, key = self._decoded(root, path)
            self._disk.write(key, kept)
        return kept

    def _decoded(self, root: Root, path: str) -> tuple[Pixels, bytes]:
        def fit(picture: Picture) -> tuple[Pixels, bytes]:
            return resize(picture.pixels, self._side, augmenting=not self._shrink), picture.content

        made = use(root, path, self._source.most_pixels, fit)
        with self._count:
            self.decoded += 1
        return made


class _Disk:
    """Pictures in files that are named by the content they were made from; what fails is not tried again."""

    def __init__(self, folder: str, recipe: str) -> None:
        self._folder, self._recipe = folder, recipe
        self._root = Root(folder)
        self.problem: str | None = None

    def claim(self, needed: int) -> None:
        """Make the folder; write nothing where the disk has no room for so many bytes."""
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            self.problem = f"{self._folder}: {error.strerror or error}"
            return
        if free < SPARE * needed:
            self.problem = f"{self._folder}: {needed / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free"

    def read(self, key: bytes) -> Pixels | None:
        """The picture that was made from this content, if it is there and whole."""
        try:
            data = self._root.read(self._path(key), 1 << 30).data
        except FileRefused:
            return None
        head, pixels = data[:HEAD], data[HEAD:]
        if len(head) < HEAD or not head.startswith(MAGIC):
            return None
        sizes = np.frombuffer(head, SIZE, 2, len(MAGIC)).tolist()
        if len(pixels) != 3 * sizes[0] * sizes[1] or head[-CHECKSUM_BYTES:] != self._checksum(key, pixels):
            return None
        return np.frombuffer(pixels, np.uint8).reshape(*sizes, 3)

    def write(self, key: bytes, made: Pixels) -> None:
        """Keep a picture."""
        if self.problem is not None:
            return
        path, pixels = self._path(key), made.tobytes()
        sizes = np.array(made.shape[:2], SIZE).tobytes()
        try:
            with suppress(FileExistsError):
                os.mkdir(os.path.dirname(path), mode=0o700)
            write_atomically(path, MAGIC + sizes + self._checksum(key, pixels) + pixels)
        except (OSError, WriteError) as error:
            self.problem = str(error)

    def _path(self, key: bytes) -> str:
        name = key.hex()
        return os.path.join(self._folder, name[:2], f"{name}-{self._recipe}")

    def _checksum(self, key: bytes, pixels: bytes) -> bytes:
        return blake3(self._recipe.encode() + key + pixels).digest(CHECKSUM_BYTES)
