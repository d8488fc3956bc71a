"""Findings and the images that they are on → small pictures: a part of each image, and the boxes that lie in it.

An image is read and decoded once, in a process of its own, as the trainer decodes it and within the same limits. Boxes
are not drawn into the pixels: they are told in pixels of the image, for the page to draw.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from yoloaudit import parallel
from yoloaudit.dataset.decodable import MOST_BYTES, is_jpeg, most_pixels
from yoloaudit.dataset.images import Header
from yoloaudit.dataset.load import Dataset
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root
from yoloaudit.measure.look import SECONDS, deadline
from yoloaudit.progress import Progress, silent
from yoloaudit.train.images.picture import Unreadable, checked, decoded

Box: TypeAlias = tuple[float, float, float, float]
Pixels: TypeAlias = NDArray[np.uint8]

CELL = (320, 240)
"""Width and height of a thumbnail at the most."""
ROOM, LEAST_SIDE, LEAST_SHARE = 0.6, 72, 0.12
"""What is shown around boxes: a share of their longer side on each side; at the least so many pixels, and so large a
share of the image's longer side, across."""
NEARLY_ALL = 0.7
"""A part of so large a share of the image is shown as the whole."""
BEYOND = 0.25
"""By how much of the image a part may reach beyond its edges, where a box does."""
SLIGHT, EDGE = 0.5, 0.04
"""Pixels beyond an edge that are none, and what is shown behind a box beyond it, as a share of the part."""
QUALITY, METHOD = 68, 2
WORKER_MEMORY = 1 << 30
CHUNK = 8


class Wanted(NamedTuple):
    """A picture to be made: of which image, and around which boxes; of all of it where there are none."""

    image: str
    boxes: tuple[Box, ...] = ()


class Thumbnail(NamedTuple):
    """A part of an image."""

    uri: str
    frame: Box
    """x1 y1 x2 y2 of what is to be shown, in pixels of the image; it may reach beyond the image."""
    part: Box
    """x1 y1 x2 y2 of what the pixels show."""


class _Task(NamedTuple):
    path: str
    frames: tuple[Box, ...]


def thumbnails(
    wanted: Sequence[Wanted], dataset: Dataset, *, workers: int | None = None, progress: Progress = silent
) -> list[Thumbnail | str]:
    """Of each wanted one the thumbnail, or in words why there is none."""
    images = dataset.images
    rows = {path: row for row, path in reversed(list(enumerate(images["path"].tolist())))}
    sizes = images[["width", "height"]].to_numpy()
    made: list[Thumbnail | str] = ["the image is not one of the data set, or cannot be opened"] * len(wanted)
    places: dict[str, dict[Box, list[int]]] = {}
    for number, want in enumerate(wanted):
        row = rows.get(want.image)
        width, height = (0, 0) if row is None else sizes[row].tolist()
        if width > 0 and height > 0:
            frame = frame_of(want.boxes, (width, height))
            places.setdefault(want.image, {}).setdefault(frame, []).append(number)
    tasks = [_Task(os.path.join(dataset.root, path), tuple(frames)) for path, frames in places.items()]
    for task, found in zip(places.values(), _cut(tasks, dataset, workers, progress), strict=True):
        for numbers, thumbnail in zip(task.values(), found, strict=True):
            for number in numbers:
                made[number] = thumbnail
    return made


def frame_of(boxes: Sequence[Box], size: tuple[int, int]) -> Box:
    """The part to show of an image of this width and height: the boxes and room around them, or all of it."""
    width, height = size
    whole = 0.0, 0.0, float(width), float(height)
    if not boxes:
        return whole
    edges = np.array(size * 2, np.float64)
    corners = np.clip(np.array(boxes, np.float64), -BEYOND * edges, (1 + BEYOND) * edges)
    low, high = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    extent = np.maximum(high - low, 1)
    side = max(LEAST_SIDE, LEAST_SHARE * max(size), float(extent.max()) * (1 + 2 * ROOM))
    scale = max(side / max(CELL), float(np.max(extent * (1 + ROOM / 2) / CELL)))
    sides = np.array(CELL) * scale
    first = (low + high - sides) / 2
    pad = sides.max() * EDGE
    least = np.where(low < -SLIGHT, low - pad, 0.0)
    most = np.where(high > edges[:2] + SLIGHT, high + pad, edges[:2])
    sides = np.minimum(sides, most - least)
    first = np.clip(first, least, most - sides)
    if not least.any() and (most == edges[:2]).all() and sides.prod() >= NEARLY_ALL * width * height:
        return whole
    x1, y1 = np.floor(first).tolist()
    x2, y2 = np.ceil(first + sides).tolist()
    return x1, y1, x2, y2


def _cut(
    tasks: Sequence[_Task], dataset: Dataset, workers: int | None, progress: Progress
) -> list[list[Thumbnail | str]]:
    root = Root(dataset.root, dataset.untrusted)
    chunks = parallel.in_chunks(tasks, CHUNK)
    found: list[list[Thumbnail | str]] = [[] for _ in tasks]
    with progress.task("drawing thumbnails", len(tasks)) as step:
        streamed = parallel.stream(
            partial(_of_files, root),
            chunks,
            workers=workers or parallel.default_workers(),
            lost=_lost,
            step=step,
            isolated=True,
            memory=WORKER_MEMORY,
        )
        for index, parts in streamed:
            found[index * CHUNK : index * CHUNK + len(chunks[index])] = [each for part in parts for each in part]
    return found


def _lost(task: _Task, why: str) -> list[list[Thumbnail | str]]:
    return [[why] * len(task.frames)]


def _of_files(root: Root, tasks: Sequence[_Task]) -> list[list[Thumbnail | str]]:
    made = []
    with deadline(SECONDS) as start:
        for task in tasks:
            start()
            made.append(_of_file(root, task))
    return made


def _of_file(root: Root, task: _Task) -> list[Thumbnail | str]:
    try:
        data = root.read(task.path, MOST_BYTES).data
        header = checked(data, most_pixels(root.contained))
        pixels, scale = _pixels(data, header, max(_shrinking(frame) for frame in task.frames))
        return [_thumbnail(pixels, scale, frame) for frame in task.frames]
    except (FileRefused, Unreadable) as error:
        why: Thumbnail | str = f"the image {error}"
    except MemoryError:
        why = "the image takes more memory than one may"
    return [why] * len(task.frames)


def _shrinking(frame: Box) -> float:
    """By what factor a frame is scaled to fit the cell; 1 at the most."""
    return min(1.0, CELL[0] / (frame[2] - frame[0]), CELL[1] / (frame[3] - frame[1]))


def _pixels(data: bytes, header: Header, least: float) -> tuple[Pixels, float]:
    """RGB as the trainer sees it, and its scale: a JPEG is decoded no larger than the scale `least` needs."""
    if is_jpeg(header) and header.mode in ("L", "RGB") and header.orientation == 1 and header.complete:
        least_sides = [max(1, int(least * side)) for side in (header.height, header.width)]
        try:
            rgb = simplejpeg.decode_jpeg(data, "RGB", min_height=least_sides[0], min_width=least_sides[1])
            return rgb, rgb.shape[1] / header.width
        except ValueError:
            pass  # the trainer's decoder has the last word
    return np.ascontiguousarray(decoded(data, header)[:, :, ::-1]), 1.0


def _thumbnail(pixels: Pixels, scale: float, frame: Box) -> Thumbnail | str:
    height, width = pixels.shape[:2]
    left, top = (max(0, int(side * scale)) for side in frame[:2])
    right, bottom = (min(most, round(side * scale)) for side, most in zip(frame[2:], (width, height), strict=True))
    if right <= left or bottom <= top:
        return "the box lies outside of the image"
    image = Image.fromarray(pixels[top:bottom, left:right])
    image.thumbnail(CELL, Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    uri = "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    return Thumbnail(uri, frame, (left / scale, top / scale, right / scale, bottom / scale))
