"""An image file → its pixels as the trainer sees them, or why there are none.

The trainer's decoder is OpenCV: blue, green, red, 8 bits each, turned as EXIF says, transparency left out. Before it
sees a byte, the kind, the size and the header of the file have to be in order.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import simplejpeg
from blake3 import blake3

from yoloaudit.dataset.decodable import (
    ENDS_EARLY,
    LARGE_BYTES,
    LARGE_PIXELS,
    MOST_BYTES,
    is_jpeg,
    refused,
    refused_scans,
)
from yoloaudit.dataset.images import END_OF_IMAGE, Header, header_of
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.train.images.augment import Pixels

MOST_CHUNKS = 100_000
"""Chunks of a PNG that are looked through."""
KEY_BYTES = 16
PIECE = 1 << 20

Made = TypeVar("Made")
_one_large = threading.Lock()

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # of damaged files the caller is told


class Unreadable(Exception):
    """An image file that yields no picture, and why."""


class Picture(NamedTuple):
    """The pixels of an image file, H × W × 3, BGR."""

    pixels: Pixels
    content: bytes
    """Hash of the file's bytes: BLAKE3, 16 bytes."""
    seconds: float
    """That reading and decoding it took, without waiting for another large one."""

    @property
    def large(self) -> bool:
        """Whether it is too large to be kept while others are read."""
        return self.pixels.size > 3 * LARGE_PIXELS


def use(root: Root, path: str, most: int, make: Callable[[Picture], Made]) -> Made:
    """What `make` makes of the picture in a file; raises Unreadable. At most `most` pixels are decoded.

    Of large pictures only one exists at a time, however many threads there are: `make` must not hand it out.
    """
    began = time.perf_counter()
    try:
        data = root.read(path, LARGE_BYTES).data
    except FileRefused as refused:
        if refused.reason != "large":
            raise Unreadable(str(refused)) from None
        with _one_large:
            began = time.perf_counter()
            data = _read(root, path)
            return make(_picture(data, checked(data, most), began))
    header = checked(data, most)
    if header.width * header.height <= LARGE_PIXELS:
        return make(_picture(data, header, began))
    spent = time.perf_counter() - began
    with _one_large:
        return make(_picture(data, header, time.perf_counter() - spent))


def _read(root: Root, path: str) -> bytes:
    try:
        return root.read(path, MOST_BYTES).data
    except FileRefused as refused:
        raise Unreadable(str(refused)) from None


def _picture(data: bytes, header: Header, began: float) -> Picture:
    pixels = decoded(data, header)
    return Picture(pixels, key_of(data), time.perf_counter() - began)


def key_of(data: bytes) -> bytes:
    """What tells this content from any other."""
    return blake3(data).digest(KEY_BYTES)


def key_of_file(root: Root, path: str) -> bytes:
    """The same of a file, read piece by piece; empty where it cannot be read."""
    digest, left = blake3(), MOST_BYTES
    try:
        with root.open(path) as file:
            while left > 0 and (piece := file.read(min(left, PIECE))):
                digest.update(piece)
                left -= len(piece)
    except (FileRefused, OSError):
        return b""
    return digest.digest(KEY_BYTES)


def checked(data: bytes, most: int) -> Header:
    """The header of a file that may be decoded; raises Unreadable for any other."""
    header = header_of(data)
    why = refused(header, most) or refused_scans(data, header)
    if why is not None:
        raise Unreadable(why)
    return header


def decoded(data: bytes, header: Header) -> Pixels:
    """The pixels of a file whose header was checked; raises Unreadable."""
    if is_jpeg(header) and not header.complete:
        data = _whole(data)
    if header.format == "PNG" and not _is_whole(data):
        raise Unreadable(ENDS_EARLY)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, MemoryError) as error:
        short = isinstance(error, MemoryError) or "memory" in str(error).lower()
        raise Unreadable("takes more memory than there is" if short else "cannot be decoded") from None
    if pixels is None or pixels.ndim != 3 or pixels.dtype != np.uint8:
        raise Unreadable("cannot be decoded: it is damaged, or of a kind that the trainer's decoder does not know")
    return pixels  # type: ignore[return-value]  # OpenCV says: any array


def _whole(data: bytes) -> bytes:
    """A JPEG without its end marker, with one; raises Unreadable where more than that is missing.

    OpenCV would fill what is missing with grey; the trainer drops such an image.
    """
    data += END_OF_IMAGE
    try:
        simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1)  # at an eighth of its size, and strict
    except ValueError as error:
        if "premature end" in str(error).lower():
            raise Unreadable(ENDS_EARLY) from None
    return data


def _is_whole(data: bytes) -> bool:
    """Whether the chunks of a PNG are all there, up to the last one; OpenCV prints a complaint where they are not.

    True in doubt: where there are more of them than any camera writes.
    """
    at = 8
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data):
            return False
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return True
