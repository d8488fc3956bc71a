"""Image files → facts: each is read once, decoded once, and measured."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from blake3 import blake3

from yoloaudit.dataset.exif import shot_of
from yoloaudit.dataset.images import Header, header_of, read_header
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.measure.decode import KEY_BYTES, decode, exact_key
from yoloaudit.measure.facts import (
    LOOKED,
    POSTPONED,
    UNCHANGED,
    Facts,
    Key,
    Texts,
    blank,
    put_header,
    put_measured,
)
from yoloaudit.measure.hashes import perceptual
from yoloaudit.measure.pixels import contrast, entropy, measure

MOST_PIXELS, MOST_PIXELS_UNTRUSTED = 89_478_485, 64_000_000
"""Images of more pixels are not decoded: Pillow's limit, and ours for data that are not trusted."""
MOST_BYTES = 256 << 20
"""Files of more bytes are not read."""
LARGE_PIXELS, LARGE_BYTES = 1 << 24, 1 << 24
"""Images above these are looked at one at a time, so that memory does not grow with the number of workers."""
SECONDS = 20
"""A process that decodes one image for longer is ended."""


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
    facts = blank(len(tasks))
    histograms = np.zeros((len(tasks), 256), np.int64)
    for place, task in enumerate(tasks):
        with _deadline(limits.seconds):
            facts.texts[place] = _look(
                root, limits, task, facts.records[place], facts.pictures[place], histograms[place]
            )
    facts.records["contrast"], facts.records["entropy"] = contrast(histograms), entropy(histograms)
    shown = facts.records["decoded"]
    facts.records["perceptual"][shown] = perceptual(facts.pictures[shown])
    return facts


def lost(why: str) -> Facts:
    """What is known of a file that ended the process that looked at it."""
    facts = blank(1)
    facts.texts[0] = Texts(error=why)
    return facts


def _look(root: Root, limits: Limits, task: Task, record: Any, picture: Any, histogram: Any) -> Texts:
    record["seen"] = time.time_ns()
    try:
        content = root.read(task.path, MOST_BYTES if limits.large else LARGE_BYTES)
    except FileRefused as refused:
        if refused.reason != "large":
            return Texts(error=str(refused))
        if limits.large:
            return _put(record, read_header(root, task.path))
        record["state"] = POSTPONED
        return Texts()
    for name, value in zip(content.stamp._fields, content.stamp, strict=True):
        record[name] = value
    if len(content.data) != content.size:
        return Texts(error="changed while it was read")
    key = blake3(content.data).digest(KEY_BYTES)
    record["content"] = np.void(key)
    if key == task.expected:
        record["state"] = UNCHANGED
        return Texts()
    record["state"] = LOOKED
    return _measure(content.data, limits, record, picture, histogram)


def _measure(data: bytes, limits: Limits, record: Any, picture: Any, histogram: Any) -> Texts:
    header = header_of(data)
    pixels = header.width * header.height
    if pixels > LARGE_PIXELS and not limits.large and header.error is None and pixels <= limits.pixels:
        record["state"] = POSTPONED
        return Texts()
    texts = _put(record, header)
    if header.error is not None or pixels > limits.pixels:
        return texts
    try:
        decoded = decode(data, header)
    except MemoryError:
        return Texts(damage="cannot be decoded: it takes more memory than one image may")
    if decoded.rgb is None:
        return Texts(damage=decoded.damage)
    measured, grey, picture[...] = measure(decoded.rgb)
    put_measured(record, measured)
    histogram[...] = np.bincount(grey.ravel(), minlength=256)
    record["reduced"], record["exact"] = decoded.reduced, np.void(decoded.exact)
    if decoded.exif is None:
        return Texts()
    shot = shot_of(decoded.exif)
    record["taken"] = shot.taken
    return Texts(camera=shot.camera)


def _put(record: Any, header: Header) -> Texts:
    put_header(record, header)
    return Texts(error=header.error)


def exact_keys(root: Root, limits: Limits, paths: Sequence[str]) -> list[Key]:
    """The hash of all pixels of each file; zeros where it cannot be told."""
    return [_exact_key(root, limits, path) for path in paths]


def _exact_key(root: Root, limits: Limits, path: str) -> Key:
    with _deadline(limits.seconds):
        try:
            data = root.read(path, MOST_BYTES).data
            header = header_of(data)
            small = header.error is None and header.width * header.height <= limits.pixels
            return exact_key(data, header) if small else bytes(KEY_BYTES)
        except (FileRefused, MemoryError):
            return bytes(KEY_BYTES)


@contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    """End this process by SIGALRM if what is inside takes longer; where there is no such signal, nothing happens."""
    timed = seconds > 0 and hasattr(signal, "setitimer")
    if timed:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
