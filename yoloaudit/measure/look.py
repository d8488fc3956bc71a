"""Image files → facts: each is read once, decoded once, and measured."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from yoloaudit.dataset.decodable import (
    LARGE_BYTES,
    LARGE_PIXELS,
    MOST_BYTES,
    MOST_PIXELS,
    refused,
    refused_scans,
)
from yoloaudit.dataset.exif import NO_SHOT, shot_of
from yoloaudit.dataset.images import header_of, read_header
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.measure.decode import KEY_BYTES, Decoded, decode, exact_key
from yoloaudit.measure.facts import (
    LOOKED,
    NO_KEY,
    NO_TEXTS,
    POSTPONED,
    UNCHANGED,
    Facts,
    Key,
    Look,
    Texts,
    blank,
    records_of,
)
from yoloaudit.measure.hashes import perceptual
from yoloaudit.measure.pixels import GREY_SIDE, contrast, entropy, histogram, measure, small

AT_ONCE = 8
"""Images that are decoded before they are measured: by turns, either would push the other out of the caches."""
SECONDS = 20
"""A process that decodes one image for longer is ended."""


Pixels: TypeAlias = NDArray[np.uint8]


class Task(NamedTuple):
    """A file to look at, and the hash of the bytes that it had when it was last looked at."""

    path: str
    expected: Key | None = None


class Limits(NamedTuple):
    """What one look may cost."""

    pixels: int = MOST_PIXELS
    large: bool = False
    """Large images are looked at too, not postponed."""
    seconds: int = 0
    """The process ends itself where one image takes longer; 0: no limit."""


def look(root: Root, limits: Limits, tasks: Sequence[Task]) -> Facts:
    """What there is to know of these files; never raises."""
    pictures = np.zeros((len(tasks), GREY_SIDE, GREY_SIDE), np.uint8)
    histograms = np.zeros((len(tasks), 256), np.float32)
    looks: list[Look] = []
    with deadline(limits.seconds) as start:
        for first in range(0, len(tasks), AT_ONCE):
            decoded = [_decoded(root, limits, task, start) for task in tasks[first : first + AT_ONCE]]
            for place, (found, rgb) in enumerate(decoded, first):
                looks.append(found if rgb is None else _measured(found, rgb, pictures[place], histograms[place]))
    records = records_of(looks)
    counts = histograms.astype(np.float64)
    records["contrast"], records["entropy"] = contrast(counts), entropy(counts)
    shown = records["decoded"]
    records["perceptual"][shown] = perceptual(pictures[shown])
    return Facts(records, [found.texts for found in looks], pictures)


def lost(why: str) -> Facts:
    """What is known of a file that ended the process that looked at it."""
    facts = blank(1)
    facts.texts[0] = Texts(error=why)
    return facts


def _decoded(root: Root, limits: Limits, task: Task, start: Callable[[], None]) -> tuple[Look, Pixels | None]:
    """What is known of a file before its pixels are measured, and its reduced pixels."""
    seen = time.time_ns()
    start()
    try:
        content = root.read(task.path, MOST_BYTES if limits.large else LARGE_BYTES)
    except FileRefused as refused:
        if refused.reason != "large":
            return Look(seen, texts=Texts(error=str(refused))), None
        if limits.large:
            header = read_header(root, task.path)
            return Look(seen, header=header, texts=Texts(error=header.error)), None
        return Look(seen, POSTPONED), None
    if len(content.data) != content.size:
        return Look(seen, stamp=content.stamp, texts=Texts(error="changed while it was read")), None
    key = blake3(content.data).digest(KEY_BYTES)
    if key == task.expected:
        return Look(seen, UNCHANGED, content.stamp, key), None
    return _looked(Look(seen, LOOKED, content.stamp, key), content.data, limits)


def _looked(found: Look, data: bytes, limits: Limits) -> tuple[Look, Pixels | None]:
    header = header_of(data)
    if refused(header, limits.pixels) is not None:
        return found._replace(header=header, texts=Texts(error=header.error)), None
    if header.width * header.height > LARGE_PIXELS and not limits.large:
        return found._replace(state=POSTPONED), None
    try:
        decoded = decode(data, header)
    except MemoryError:
        decoded = Decoded(damage="cannot be decoded: it takes more memory than one image may")
    if decoded.rgb is None:
        return found._replace(header=header, texts=Texts(damage=decoded.damage)), None
    shot = NO_SHOT if decoded.exif is None else shot_of(decoded.exif)
    texts = NO_TEXTS if shot.camera is None else Texts(camera=shot.camera)
    facts = (decoded.reduced, decoded.exact, shot.taken, texts)
    return Look(found.seen, LOOKED, found.stamp, found.content, header, None, *facts), decoded.rgb


def _measured(found: Look, rgb: Pixels, picture: Pixels, counts: NDArray[np.float32]) -> Look:
    """The look with the numbers of its pixels; writes the small picture and the histogram of its grey levels."""
    measured, grey = measure(rgb)
    picture[...] = small(grey)
    counts[...] = histogram(grey)
    return found._replace(measured=measured)


def exact_keys(root: Root, limits: Limits, paths: Sequence[str]) -> list[Key]:
    """The hash of all pixels of each file; zeros where it cannot be told."""
    with deadline(limits.seconds) as start:
        return [_exact_key(root, limits, path, start) for path in paths]


def _exact_key(root: Root, limits: Limits, path: str, start: Callable[[], None]) -> Key:
    start()
    try:
        data = root.read(path, MOST_BYTES).data
        header = header_of(data)
        readable = refused(header, limits.pixels) is None and refused_scans(data, header) is None
        return exact_key(data, header) if readable else NO_KEY
    except (FileRefused, MemoryError):
        return NO_KEY


@contextmanager
def deadline(seconds: int) -> Iterator[Callable[[], None]]:
    """A function to be called before each image: this process ends by SIGALRM if one takes longer, or a second more.

    Without such a signal, or with 0 seconds, nothing happens.
    """
    if seconds <= 0 or not hasattr(signal, "setitimer"):
        yield _nothing
        return
    wound = -1.0

    def wind() -> None:
        nonlocal wound
        now = time.monotonic()
        if now - wound > 1:  # a call of the system each time would cost more than all else that is not decoding
            signal.setitimer(signal.ITIMER_REAL, seconds + 1)
            wound = now

    try:
        yield wind
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _nothing() -> None:
    pass
