"""Images with boxes on them → one JPEG that shows them side by side, with names, scores and file names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from yoloaudit.train.plot import ink
from yoloaudit.train.plot.drawing import text_mask
from yoloaudit.train.types import Floats, Integers

MOST_TILES = 16
LONGEST_SIDE = 1920
GAP, MARGIN = 8, 5
SMALLEST_TEXT, LARGEST_TEXT = 15, 22
QUALITY = 90


@dataclass(frozen=True)
class Tile:
    """One image and what is said of it."""

    title: str
    pixels: NDArray[np.uint8]
    """H × W × 3, RGB, at any size."""
    boxes: Floats
    """N × 4: x1 y1 x2 y2 as shares of width and height."""
    classes: Integers
    """N: class ids."""
    scores: Floats | None = None
    """N, or None for labels."""


def mosaic(tiles: Sequence[Tile], names: Sequence[str]) -> bytes:
    """Up to 16 tiles, row by row, on 1920 pixels at most; `names` by class id."""
    tiles = tiles[:MOST_TILES]
    columns = max(1, math.ceil(math.sqrt(len(tiles))))
    rows = max(1, math.ceil(len(tiles) / columns))
    shape = float(np.clip(np.median([tile.pixels.shape[0] / tile.pixels.shape[1] for tile in tiles] or [1]), 0.5, 2))
    width = (LONGEST_SIDE - GAP) / max(columns, rows * shape)
    cell = (int(width) - GAP, int(width * shape) - GAP)
    sheet = Image.new("RGB", (columns * (cell[0] + GAP) + GAP, rows * (cell[1] + GAP) + GAP), "white")
    size = round(np.clip(cell[0] / 24, SMALLEST_TEXT, LARGEST_TEXT))
    for place, tile in enumerate(tiles):
        row, column = divmod(place, columns)
        sheet.paste(_picture(tile, cell, names, size), (GAP + column * (cell[0] + GAP), GAP + row * (cell[1] + GAP)))
    buffer = BytesIO()
    sheet.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return buffer.getvalue()


def _picture(tile: Tile, cell: tuple[int, int], names: Sequence[str], size: int) -> Image.Image:
    """The tile at the size of a cell, its image as large as it goes, boxes and chips on it."""
    canvas = Image.new("RGB", cell, "#eaeef2")
    image = Image.fromarray(tile.pixels)
    scale = min(cell[0] / image.width, cell[1] / image.height)
    shown = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    left, top = (cell[0] - shown[0]) // 2, (cell[1] - shown[1]) // 2
    canvas.paste(image.resize(shown, Image.Resampling.LANCZOS), (left, top))
    boxes = tile.boxes * np.array([*shown, *shown], np.float32) + np.array([left, top, left, top], np.float32)
    draw = ImageDraw.Draw(canvas, "RGBA")
    sides = boxes[:, 2:] - boxes[:, :2]
    order = np.argsort(-(sides[:, 0] * sides[:, 1]), kind="stable").tolist()
    for number in order:
        _frame(draw, boxes[number].tolist(), ink.colour_of(int(tile.classes[number])))
    taken = [_title(draw, tile.title, cell, size)]
    for number in order:
        name = names[tile.classes[number]] if tile.classes[number] < len(names) else f"class {tile.classes[number]}"
        text = ink.fitted(name, 8)
        if tile.scores is not None:
            text += f" {tile.scores[number]:.2f}"
        _chip(draw, text, boxes[number].tolist(), ink.colour_of(int(tile.classes[number])), size, cell, taken)
    return canvas


def _frame(draw: ImageDraw.ImageDraw, box: Sequence[float], colour: tuple[int, int, int]) -> None:
    """A box whose line has a light edge on both sides, to be seen on any ground."""
    x1, y1, x2, y2 = (round(value) for value in box)
    x2, y2 = max(x2, x1 + 1), max(y2, y1 + 1)
    draw.rectangle((x1 - 2, y1 - 2, x2 + 2, y2 + 2), outline=(255, 255, 255, 130), width=5)
    draw.rectangle((x1 - 1, y1 - 1, x2 + 1, y2 + 1), outline=colour, width=3)


Area = tuple[int, int, int, int]


def _title(draw: ImageDraw.ImageDraw, title: str, cell: tuple[int, int], size: int) -> Area:
    mask = text_mask(ink.fitted(title, cell[0] / size - 1), size)
    area = (0, 0, mask.shape[1] + 2 * MARGIN, mask.shape[0])
    draw.rectangle(area, fill=(31, 35, 40, 190))
    draw.bitmap((MARGIN, 0), Image.fromarray(mask), fill="white")
    return area


def _chip(
    draw: ImageDraw.ImageDraw,
    text: str,
    box: Sequence[float],
    colour: tuple[int, int, int],
    size: int,
    cell: tuple[int, int],
    taken: list[Area],
) -> None:
    """The name of a box in its colour, where nothing else is written; left out where there is no room."""
    mask = text_mask(text, size)
    width, height = mask.shape[1] + 2 * MARGIN, mask.shape[0]
    if width > cell[0]:
        return
    for x, y in _places(box, width, height):
        left, top = round(max(0, min(x, cell[0] - width))), round(y)
        area = (left, top, left + width, top + height)
        if top >= 0 and area[3] <= cell[1] and not any(_overlap(area, other) for other in taken):
            taken.append(area)
            draw.rectangle(area, fill=(*colour, 235))
            light = colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114
            draw.bitmap((left + MARGIN, top), Image.fromarray(mask), fill=_on(light))
            return


def _on(light: float) -> str:
    """Black or white, whichever reads better on this brightness."""
    return "black" if light > 140 else "white"


def _places(box: Sequence[float], width: float, height: float) -> Iterator[tuple[float, float]]:
    """Left and top of where a name may stand: above the box, in its top, in its bottom, below it."""
    x1, y1, x2, y2 = box
    yield x1, y1 - height
    yield x2 - width, y1 - height
    if x2 - x1 > width and y2 - y1 > 2 * height:
        yield x1, y1
        yield x1, y2 - height
    yield x1, y2


def _overlap(first: Area, second: Area) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
