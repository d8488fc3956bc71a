"""Crops of findings → findings.jpg: side by side, each with its boxes and in words what it is.

The label as it is has a solid line, what the model proposes a dashed one. Names are anybody's text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from yoloaudit.train.plot import ink
from yoloaudit.train.plot.drawing import text_mask
from yoloaudit.train.plot.suspects import CELL, MOST, Suspect

COLUMNS, LEAST_COLUMNS = 6, 3
GAP, HEADER = 10, 40
TEXT, HEADER_TEXT = 15, 20
LINES = 3
DASH = 9
LABEL, PROPOSAL = "#d55e00", "#56b4e9"
QUALITY = 90


def suspects_picture(found: Sequence[Suspect]) -> bytes:
    """Up to 24 crops, row by row, each with three lines of text below it."""
    found = found[:MOST]
    columns = min(COLUMNS, max(LEAST_COLUMNS, math.ceil(math.sqrt(1.5 * len(found)))))
    below = LINES * text_mask("X", TEXT).shape[0] + 4
    height = CELL[1] + below + GAP
    size = columns * (CELL[0] + GAP) + GAP, HEADER + max(1, math.ceil(len(found) / columns)) * height + GAP
    sheet = Image.new("RGB", size, ink.PAPER)
    draw = ImageDraw.Draw(sheet)
    _header(draw)
    for place, suspect in enumerate(found):
        row, column = divmod(place, columns)
        left, top = GAP + column * (CELL[0] + GAP), HEADER + row * height
        sheet.paste(_crop(suspect), (left, top))
        for number, words in enumerate(suspect.words[:LINES]):
            mask = text_mask(ink.fitted(words, CELL[0] / TEXT - 0.5), TEXT)
            draw.bitmap(
                (left, top + CELL[1] + 2 + number * mask.shape[0]),
                Image.fromarray(mask),
                fill=ink.TEXT if number < LINES - 1 else ink.FAINT,
            )
    buffer = BytesIO()
    sheet.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return buffer.getvalue()


def _header(draw: ImageDraw.ImageDraw) -> None:
    at = GAP
    for words, colour, size in (
        ("Most certain findings of the model", None, HEADER_TEXT),
        ("label as it is", LABEL, TEXT),
        ("what the model proposes", PROPOSAL, TEXT),
    ):
        if colour is not None:
            _line(draw, (at, HEADER // 2), (at + 46, HEADER // 2), colour, dashed=colour == PROPOSAL)
            at += 54
        mask = text_mask(words, size)
        draw.bitmap((at, (HEADER - mask.shape[0]) // 2), Image.fromarray(mask), fill=ink.TEXT)
        at += mask.shape[1] + 30


def _crop(suspect: Suspect) -> Image.Image:
    image = Image.fromarray(suspect.pixels)
    draw = ImageDraw.Draw(image)
    boxes = [(box, LABEL) for box in suspect.labels] + ([(suspect.proposal, PROPOSAL)] if suspect.proposal else [])
    for box, colour in boxes:
        x1, y1, x2, y2 = (round(share * side) for share, side in zip(np.clip(box, -1, 2), CELL * 2, strict=True))
        for start, end in pairwise(((x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1))):
            _line(draw, start, end, colour, dashed=colour == PROPOSAL)
    return image


def _line(
    draw: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int], colour: str, *, dashed: bool
) -> None:
    """A level or upright line with a light edge; the gaps of a dashed one are left as they are."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    step = 2 * DASH if dashed else max(1, length)
    for first in range(0, max(1, length), step):
        last = min(length, first + (DASH if dashed else length))
        ends = [
            tuple(round(a + (b - a) * at / max(1, length)) for a, b in zip(start, end, strict=True))
            for at in (first, last)
        ]
        draw.line(ends, fill=ink.PAPER, width=5)
        draw.line(ends, fill=colour, width=3)
