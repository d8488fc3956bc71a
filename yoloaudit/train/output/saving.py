"""What was seen on pictures → the files of a run folder: drawn-on pictures and videos, label files, cut-out objects.

<stem>.<suffix>                 the picture with its boxes; a video as .mp4
labels/<stem>[_<frame>].txt     a line a box: class cx cy w h [score], shares of the picture
crops/<class>/<stem>….jpg       each object by itself
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from yoloaudit.dataset.decodable import MOST_PIXELS
from yoloaudit.dataset.folders import suffix
from yoloaudit.errors import WriteError
from yoloaudit.files import Root, write_atomically
from yoloaudit.train.images.augment import Pixels
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.images.picture import Unreadable, use
from yoloaudit.train.images.sources import Item
from yoloaudit.train.images.video import Writer
from yoloaudit.train.output.safe_names import Different, safe, stem_of
from yoloaudit.train.plot.drawing import Style, draw
from yoloaudit.train.types import Detections, Floats, Predicted

WRITTEN = frozenset({"jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff"})
"""Suffixes that pictures keep; others are written as JPEG."""
QUALITY = 95
LARGER, MARGIN = 1.02, 10.0
"""A cut-out is so much larger than its box, and so many pixels more."""

Made = TypeVar("Made")


class Wanted(NamedTuple):
    """What is to be written."""

    pictures: bool = True
    labels: bool = False
    scores: bool = False
    """In label files."""
    crops: bool = False

    def __bool__(self) -> bool:
        return self.pictures or self.labels or self.crops

    @property
    def pixels(self) -> bool:
        """Whether the pictures themselves are needed."""
        return self.pictures or self.crops


class Saver:
    """Writes what was seen into a folder, picture by picture, in the order of the items; `close` ends a video."""

    def __init__(self, folder: str, items: Sequence[Item], names: Sequence[str], wanted: Wanted, style: Style) -> None:
        self.folder = folder
        self.items = items
        self.names = names
        self.wanted = wanted
        self.style = style
        self.written: Counter[str] = Counter()
        """How many `pictures`, `videos`, `labels` and `crops`."""
        self._stems = Different()
        self._stem: tuple[int, str] | None = None
        self._labels = Different()
        self._classes: dict[int, str] = {}
        self._class_names = Different()
        self._crops: defaultdict[str, Different] = defaultdict(Different)
        self._writer: Writer | None = None

    def __enter__(self) -> Saver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def save(self, picture: Fitted, seen: Detections) -> None:
        """Write what is wanted of one picture that could be read; raises WriteError."""
        if self._stem is None or self._stem[0] != picture.place:
            self.close()
            path = self.items[picture.place].path
            self._stem = picture.place, self._stems.name(safe(stem_of(path), "picture"))
        stem = self._stem[1]
        name = stem if picture.moment is None else f"{stem}_{picture.moment.number}"
        if self.wanted.labels and len(seen):
            own = self._labels.name(name)  # frame 2 of a.mp4, and a_2.jpg
            self._put("labels", f"{own}.txt", label_text(picture, seen, self.wanted.scores).encode())
        if self.wanted.pixels:
            self._with_pixels(picture, lambda pixels: self._save_pixels(picture, seen, pixels, stem, name))

    def close(self) -> None:
        """Finish the video that is being written."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            self.written["videos"] += 1

    def _with_pixels(self, picture: Fitted, work: Callable[[Pixels], None]) -> None:
        if picture.pixels is not None:
            return work(picture.pixels)
        path = os.path.abspath(self.items[picture.place].path)
        try:
            use(Root(os.getcwd()), path, MOST_PIXELS, lambda again: work(again.pixels))
        except Unreadable as error:
            raise WriteError(f"{path} {error}, a moment after it was looked at. Nothing is drawn on it") from None

    def _save_pixels(self, picture: Fitted, seen: Detections, pixels: Pixels, stem: str, name: str) -> None:
        if self.wanted.crops:
            self._save_crops(pixels, seen, name)
        if not self.wanted.pictures:
            return
        drawn = draw(pixels, seen, self.names, self.style)
        if picture.moment is None:
            kind = suffix(self.items[picture.place].path)
            data, kind = encoded(drawn, kind if kind in WRITTEN else "jpg")
            self._put("", f"{stem}.{kind}", data)
            return
        if self._writer is None:
            rate = picture.moment.rate
            self._writer = Writer(os.path.join(self.folder, f"{stem}.mp4"), rate, (drawn.shape[0], drawn.shape[1]))
        self._writer.add(drawn)

    def _save_crops(self, pixels: Pixels, seen: Detections, name: str) -> None:
        for box, number in zip(seen.boxes, seen.classes.tolist(), strict=True):
            cut = crop(pixels, box)
            if cut.size:
                folder = os.path.join("crops", self._class_folder(number))
                self._put(folder, f"{self._crops[folder].name(name)}.jpg", encoded(cut, "jpg")[0])

    def _class_folder(self, number: int) -> str:
        if number not in self._classes:
            name = self.names[number] if number < len(self.names) else ""
            self._classes[number] = self._class_names.name(safe(name, f"class {number}"))
        return self._classes[number]

    def _put(self, folder: str, name: str, data: bytes) -> None:
        place = os.path.join(self.folder, folder)
        try:
            os.makedirs(place, exist_ok=True)
        except OSError as error:
            raise WriteError(f"cannot make {place}: {error.strerror or error}") from None
        write_atomically(os.path.join(place, name), data)
        self.written[folder.partition(os.sep)[0] or "pictures"] += 1


def label_text(picture: Fitted | Predicted, seen: Detections, scores: bool) -> str:
    """A line a box: class, then centre, width and height as shares of the picture, then its score if wanted."""
    height, width = picture.native if isinstance(picture, Fitted) else (picture.height, picture.width)
    sides = np.array([width, height, width, height], np.float64)
    x1, y1, x2, y2 = (seen.boxes.astype(np.float64) / sides).T
    rows = np.column_stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, seen.scores][: 4 + scores])
    lines = (" ".join(f"{value:g}" for value in row) for row in rows.tolist())
    return "".join(f"{number} {line}\n" for number, line in zip(seen.classes.tolist(), lines, strict=True))


def crop(pixels: Pixels, box: Floats) -> Pixels:
    """The part of a picture that a box (x1 y1 x2 y2) shows, a little larger than the box."""
    x1, y1, x2, y2 = (float(side) for side in box)
    across, down = (((x2 - x1) * LARGER + MARGIN) / 2, ((y2 - y1) * LARGER + MARGIN) / 2)
    height, width = pixels.shape[:2]
    left, right = max(0, int((x1 + x2) / 2 - across)), min(width, int((x1 + x2) / 2 + across))
    top, bottom = max(0, int((y1 + y2) / 2 - down)), min(height, int((y1 + y2) / 2 + down))
    return pixels[top:bottom, left:right]


def encoded(pixels: Pixels, kind: str) -> tuple[bytes, str]:
    """The bytes of an image file, and its suffix: PNG where a side is too long for the kind that is wanted."""
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    try:
        done, data = cv2.imencode(f".{kind}", pixels, options)
    except cv2.error:
        done = False
    if not done:
        done, data = cv2.imencode(".png", pixels)
        kind = "png"
    return data.tobytes(), kind
