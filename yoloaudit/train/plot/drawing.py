"""A picture and what was seen on it → the picture with boxes and labels drawn on it.

H × W × 3 pixels, BGR. Names of classes are anybody's text, in any script.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from yoloaudit.train.images.augment import Pixels, Shape
from yoloaudit.train.plot.ink import colour_of, legible, letters
from yoloaudit.train.types import Detections

LEAST_LETTERS, MOST_LETTERS = 11, 80
"""Height of the letters in pixels."""
SIDES_A_LETTER = 52
"""Letters are so much smaller than the picture's longer side."""
MOST_NAME = 40
DARK, LIGHT = (33, 29, 24), (255, 255, 255)
WEIGHTS = (0.114, 0.587, 0.299)
"""Of blue, green and red in how bright a colour is (ITU-R BT.601)."""
BRIGHT = 140.0
UNKNOWN = "\U0010fffd"
"""A character that no font has a shape for."""


class Style(NamedTuple):
    """How boxes are drawn."""

    thickness: int = 3
    names: bool = True
    scores: bool = True


class Tag(NamedTuple):
    """A box, its colour and what is written at it."""

    box: tuple[int, int, int, int]
    colour: tuple[int, ...]
    mask: NDArray[np.uint8]
    """How opaque each pixel of the text is."""


NOTHING = np.zeros((0, 0), np.uint8)


def draw(pixels: Pixels, seen: Detections, names: Sequence[str], style: Style) -> Pixels:
    """A copy of the picture with a box for each detection; what the model is surest of lies on top."""
    drawn = pixels.copy()
    size = letter_size(pixels)
    tags: list[Tag] = []
    for at in range(len(seen)):
        number = int(seen.classes[at])
        colour = colour_of(number)[::-1]
        x1, y1, x2, y2 = (round(float(side)) for side in seen.boxes[at])
        score = f" {seen.scores[at]:.2f}" if style.scores else ""
        mask = text_mask(f"{name_of(number, names)}{score}", size) if style.names else NOTHING
        tags.append(Tag((x1, y1, x2, y2), colour, mask))
    for tag in reversed(tags):
        cv2.rectangle(drawn, tag.box[:2], tag.box[2:], tag.colour, style.thickness, cv2.LINE_AA)
    if style.names:
        corners = _corners(tags, drawn.shape[:2], size, style.thickness)
        for tag, corner in reversed(list(zip(tags, corners, strict=True))):
            _write(drawn, tag, corner, size)
    return drawn


def letter_size(pixels: Pixels) -> int:
    """Height of letters that can be read on a picture of this size."""
    longer: int = max(pixels.shape[:2])
    return max(LEAST_LETTERS, min(MOST_LETTERS, round(longer / SIDES_A_LETTER)))


def name_of(number: int, names: Sequence[str]) -> str:
    """The name of a class as it can be drawn."""
    return legible(names[number], MOST_NAME) if 0 <= number < len(names) else f"class {number}"


def _corners(tags: Sequence[Tag], shape: Shape, size: int, thickness: int) -> list[tuple[int, int]]:
    """The upper left corner of each tag: above its box, inside it or below, where it hides none that comes earlier."""
    taken = np.zeros((len(tags), 4), np.int64)
    corners = []
    for at, tag in enumerate(tags):
        height, width = _extent(tag, size)
        left = max(0, min(tag.box[0] - thickness // 2, shape[1] - width))
        above, inside, below = tag.box[1] - thickness // 2 - height, tag.box[1] + thickness // 2, tag.box[3] + thickness
        tops = [top for top in (above, inside, below) if 0 <= top <= shape[0] - height] or [max(0, shape[0] - height)]
        free = (top for top in tops if not _hides(taken[:at], left, top, left + width, top + height))
        top = next(free, tops[0])
        taken[at] = left, top, left + width, top + height
        corners.append((left, top))
    return corners


def _hides(taken: NDArray[np.int64], left: int, top: int, right: int, bottom: int) -> bool:
    beside = (taken[:, 0] >= right) | (taken[:, 2] <= left) | (taken[:, 1] >= bottom) | (taken[:, 3] <= top)
    return not beside.all()


def _extent(tag: Tag, size: int) -> tuple[int, int]:
    """Height and width of a tag."""
    pad = max(2, size // 4)
    return tag.mask.shape[0] + pad, tag.mask.shape[1] + 2 * pad


def _write(drawn: Pixels, tag: Tag, corner: tuple[int, int], size: int) -> None:
    """A tag's text on a ground of its colour."""
    (left, top), (height, width), pad = corner, _extent(tag, size), max(2, size // 4)
    ground = drawn[top : top + height, left : left + width]
    ground[...] = tag.colour
    part = ground[pad // 2 : pad // 2 + tag.mask.shape[0], pad : pad + tag.mask.shape[1]]
    opaque = tag.mask[: part.shape[0], : part.shape[1], None].astype(np.float32) / 255
    ink = DARK if np.dot(tag.colour, WEIGHTS) > BRIGHT else LIGHT
    part[...] = np.rint(part * (1 - opaque) + np.array(ink, np.float32) * opaque).astype(np.uint8)


@lru_cache(maxsize=2048)
def text_mask(text: str, size: int) -> NDArray[np.uint8]:
    """How opaque each pixel of a line of text is; all lines of one size are equally high."""
    font = letters(size)
    if not all(_has_shape(letter, size) for letter in set(text)):
        if hasattr(cv2, "FontFace"):
            return _in_any_script(text, size)
        text = "".join(letter if _has_shape(letter, size) else "·" for letter in text)
    ascent, descent = font.getmetrics()
    image = Image.new("L", (max(1, round(font.getlength(text))), ascent + descent))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    return np.asarray(image)


@lru_cache(maxsize=4096)
def _has_shape(letter: str, size: int) -> bool:
    font = letters(size)
    return letter == " " or bytes(font.getmask(letter)) != bytes(font.getmask(UNKNOWN))


def _in_any_script(text: str, size: int) -> NDArray[np.uint8]:
    """By OpenCV's own font, which has the scripts of East Asia (from version 5 on)."""
    opencv: Any = cv2
    ascent, descent = letters(size).getmetrics()
    face = opencv.FontFace("uni")
    bounds = opencv.getTextSize((0, 0), text, (0, ascent), face, size)
    width = max(1, bounds[0] + bounds[2])
    canvas = np.zeros((ascent + descent, width, 3), np.uint8)
    opencv.putText(canvas, text, (0, ascent), (255, 255, 255), face, size)
    return np.ascontiguousarray(canvas[:, :, 0])
