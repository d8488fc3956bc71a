"""A video file → its frames, one after another; frames → a video file.

A video is handed to the decoder as bytes from an open file, never as a name, and only if it begins as a video does: a
file that leads the decoder to other files, as a playlist does, is not opened.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import cv2

from yoloaudit.errors import FileRefused, WriteError
from yoloaudit.files import Root
from yoloaudit.train.images.augment import Pixels, Shape
from yoloaudit.train.images.picture import Unreadable

SUFFIXES = frozenset({"asf", "avi", "gif", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ts", "wmv"})
FORMATS = "mov,mp4,avi,matroska,webm,gif,asf,mpeg,mpegts,mpegvideo"
"""The decoder's names of what these suffixes stand for; it is held to them."""
USUAL_RATE, MOST_RATE = 30.0, 1000.0
"""Frames a second: of a video that says nothing sensible, and what is believed at most."""
MOST_FRAMES = 1_000_000_000
WHOLE = 0.9
"""A video that holds less than this share of the frames it speaks of ends early; some only guess how many they have."""
PACKET = 188
"""Bytes of a packet of an MPEG transport stream; each begins with G."""
AS_FLOATS = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT)

OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_one_opens = threading.Lock()

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # of damaged files the caller is told


class Moment(NamedTuple):
    """Where in a video a frame is from."""

    number: int
    """From 1."""
    of: int
    """Frames of the video as it says itself; 0 unknown."""
    rate: float
    """Frames a second."""


def frames(root: Root, path: str, most: int, every: int = 1) -> Iterator[tuple[Moment, Pixels]]:
    """Each `every`th frame of a video of at most `most` pixels a frame, H × W × 3, BGR.

    Raises Unreadable, behind the last frame if the video ends early.
    """
    try:
        file = root.open(path)
    except FileRefused as refused:
        raise Unreadable(str(refused)) from None
    with file:
        if not _begins_as_video(file.read(2 * PACKET)):
            raise Unreadable("is no video: its content is of no format that is read")
        file.seek(0)
        capture = _opened(file)
        try:
            yield from _frames(capture, most, every)
        finally:
            capture.release()


def _opened(file: Any) -> cv2.VideoCapture:
    try:
        with _held():
            capture = cv2.VideoCapture(file, cv2.CAP_FFMPEG, [])
        if capture.isOpened():
            return capture
    except (cv2.error, TypeError):  # OpenCV before 4.11 takes names alone
        pass
    raise Unreadable("is a video that cannot be opened: it is damaged, or its codec is not known")


@contextmanager
def _held() -> Iterator[None]:
    """Hold the decoder to the formats that are meant, and to the bytes that it is handed.

    OpenCV passes such options on from the environment alone.
    """
    with _one_opens:
        before = os.environ.get(OPTIONS)
        os.environ[OPTIONS] = f"protocol_whitelist;none|format_whitelist;{FORMATS}"
        try:
            yield
        finally:
            if before is None:
                del os.environ[OPTIONS]
            else:
                os.environ[OPTIONS] = before


def _frames(capture: cv2.VideoCapture, most: int, every: int) -> Iterator[tuple[Moment, Pixels]]:
    width, height, rate, count = (capture.get(name) for name in AS_FLOATS)
    if width * height > most:
        raise Unreadable(f"has frames of {width:,.0f} × {height:,.0f} px, above the limit of {most:,} pixels")
    rate = rate if math.isfinite(rate) and 0 < rate <= MOST_RATE else USUAL_RATE
    of = int(count) if math.isfinite(count) and 0 < count <= MOST_FRAMES else 0
    number = 0
    while capture.grab():
        number += 1
        if (number - 1) % every:
            continue
        there, pixels = capture.retrieve()
        if there and pixels is not None and pixels.ndim == 3 and pixels.shape[0] * pixels.shape[1] <= most:
            yield Moment(number, max(of, number), rate), pixels  # type: ignore[misc]  # OpenCV says: any array
    if number == 0:
        raise Unreadable("is a video without a frame that can be decoded")
    if number < WHOLE * of:
        raise Unreadable(f"ends early: after {number:,} of {of:,} frames nothing more of it can be decoded")


def _begins_as_video(head: bytes) -> bool:
    """Whether these first bytes are of one of the formats; no text begins like this."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        return head[:1] == b"\0"
    riff = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    packets = head[:1] == b"G" and head[PACKET : PACKET + 1] == b"G"
    magic = (b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"GIF87a", b"GIF89a", b"\0\0\x01\xba", b"\0\0\x01\xb3")
    return riff or packets or head.startswith(magic)


class Writer:
    """A video file (MPEG-4 in .mp4) that frames are added to; it has its name once it is closed and found to be whole.

    Raises WriteError.
    """

    def __init__(self, path: str, rate: float, shape: Shape) -> None:
        """`rate` is frames a second; frames are of `shape`, or scaled to it."""
        self.path = path
        self.part = os.path.join(os.path.dirname(path), f".part-{os.path.basename(path)}")
        self.size = shape[1], shape[0]
        self.frames = 0
        self.file = cv2.VideoWriter(self.part, cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), rate, self.size)
        if not self.file.isOpened():
            self._give_up()

    def add(self, pixels: Pixels) -> None:
        if (pixels.shape[1], pixels.shape[0]) != self.size:
            pixels = cv2.resize(pixels, self.size)  # type: ignore[assignment]  # OpenCV says: any array
        self.file.write(pixels)
        self.frames += 1

    def close(self) -> None:
        """Put the file into its place, if all frames are in it: the encoder does not tell of a full disk."""
        self.file.release()
        with suppress(OSError):
            if _frames_in(self.part) == self.frames:
                os.replace(self.part, self.path)
                return
        self._give_up()

    def _give_up(self) -> None:
        with suppress(OSError):
            os.unlink(self.part)
        raise WriteError(f"cannot write {self.path}: no video can be written there. Is the disk full?")


def _frames_in(path: str) -> int:
    """How many frames a video says it has; 0 where it cannot be opened."""
    root = Root("")
    with suppress(FileRefused, Unreadable), root.open(os.path.abspath(path)) as file:
        capture = _opened(file)
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        capture.release()
        return count
    return 0
