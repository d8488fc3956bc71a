"""A model's name → its layers: the ten sizes, the layer tables, widths and repeats. Nothing here needs torch.

A layer table lists nominal widths and repeats; a size scales both. P5 models end in three levels (strides 8, 16, 32),
P6 models in four (and 64).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from yoloaudit.errors import UsageError

Architecture: TypeAlias = Literal["v5", "v6"]
"""v6: releases 6.0 and later. v5: releases 4.0 and 5.0, which begin with Focus and pool with SPP."""
Block: TypeAlias = Literal["Conv", "Focus", "C3", "SPP", "SPPF", "Upsample", "Concat", "Detect"]

CHANNEL_MULTIPLE = 8
ANCHORS_A_LEVEL = 3
STRIDES = {5: (8, 16, 32), 6: (8, 16, 32, 64)}
POOLS = {5: (5, 9, 13), 6: (3, 5, 7)}
"""Windows of the older pooling block."""


@dataclass(frozen=True)
class Size:
    """One of the ten sizes."""

    name: str
    """n, s, m, l, x, n6 … x6."""
    depth: float
    width: float
    levels: int
    """Of the image pyramid: 5 or 6."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Pixels between neighbouring cells, finest level first."""
        return STRIDES[self.levels]


@dataclass(frozen=True)
class Row:
    """One row of a layer table; widths and repeats are nominal."""

    block: Block
    channels: int = 0
    """Of the output; 0 where the block takes over what comes in."""
    kernel: int = 1
    stride: int = 1
    padding: int | None = None
    """None: half the kernel, which keeps the size at stride 1."""
    repeats: int = 1
    shortcut: bool = True
    sources: tuple[int, ...] = (-1,)
    """Layers whose output comes in: -1 is the layer before, others count from 0."""


SCALES = {"n": (0.33, 0.25), "s": (0.33, 0.50), "m": (0.67, 0.75), "l": (1.0, 1.0), "x": (1.33, 1.25)}
"""Multiples of depth and width."""
SIZES = {
    letter + suffix: Size(letter + suffix, depth, width, levels)
    for suffix, levels in (("", 5), ("6", 6))
    for letter, (depth, width) in SCALES.items()
}
NAMES = tuple(f"yolov5{name}" for name in SIZES)
"""Names of the models: yolov5n … yolov5x6."""


def _down(channels: int) -> Row:
    return Row("Conv", channels, kernel=3, stride=2)


def _up(width: int, source: int) -> tuple[Row, ...]:
    """To the next finer level: narrowed, enlarged, joined with an earlier layer, mixed."""
    joined = Row("Concat", sources=(-1, source))
    return Row("Conv", width), Row("Upsample"), joined, Row("C3", width, repeats=3, shortcut=False)


def _back(width: int, source: int, out: int) -> tuple[Row, ...]:
    """To the next coarser level: halved, joined with an earlier layer, mixed."""
    return _down(width), Row("Concat", sources=(-1, source)), Row("C3", out, repeats=3, shortcut=False)


STEM = (
    Row("Conv", 64, kernel=6, stride=2, padding=2),
    _down(128),
    Row("C3", 128, repeats=3),
    _down(256),
    Row("C3", 256, repeats=6),
    _down(512),
    Row("C3", 512, repeats=9),
)
TABLES = {
    5: (
        *STEM,
        *(_down(1024), Row("C3", 1024, repeats=3), Row("SPPF", 1024, kernel=5)),
        *(*_up(512, 6), *_up(256, 4)),
        *(*_back(256, 14, 512), *_back(512, 10, 1024)),
        Row("Detect", sources=(17, 20, 23)),
    ),
    6: (
        *STEM,
        *(_down(768), Row("C3", 768, repeats=3)),
        *(_down(1024), Row("C3", 1024, repeats=3), Row("SPPF", 1024, kernel=5)),
        *(*_up(768, 8), *_up(512, 6), *_up(256, 4)),
        *(*_back(256, 20, 512), *_back(512, 16, 768), *_back(768, 12, 1024)),
        Row("Detect", sources=(23, 26, 29, 32)),
    ),
}
"""The layers of releases 6.0 and later, by the levels of the pyramid."""


def size_of(name: str) -> Size:
    """The size of that name, with or without `yolov5` before it; UsageError for any other name."""
    size = SIZES.get(name.removeprefix("yolov5"))
    if size is None:
        raise UsageError(f"there is no model {name[:80]!a}. Name one of {', '.join(NAMES)}")
    return size


@cache
def layers(levels: int, architecture: Architecture = "v6") -> tuple[Row, ...]:
    """The layer table of a P5 (5) or P6 (6) model.

    Releases 4.0 and 5.0 differ in the stem, in the repeats of layer 4, and in the end of the backbone: pooling comes
    before the last C3, not after it.
    """
    rows = list(TABLES[levels])
    if architecture == "v5":
        end = next(index for index, row in enumerate(rows) if row.block == "SPPF")
        rows[0] = Row("Focus", 64, kernel=3, stride=2)
        rows[4] = replace(rows[4], repeats=9)
        rows[end - 1] = Row("SPP", 1024)
        rows[end] = Row("C3", 1024, repeats=3, shortcut=False)
    return tuple(rows)


def repeats(nominal: int, depth: float) -> int:
    """How often a block is repeated: at least once; halves are rounded to the even number."""
    return max(1, round(nominal * depth)) if nominal > 1 else nominal


def channels(nominal: int, width: float, multiple: int = CHANNEL_MULTIPLE) -> int:
    """The width of a layer: rounded up to a multiple of 8.

    No nominal width is exempt. Upstream leaves one alone if it happens to equal the number of the head's outputs.
    """
    return math.ceil(nominal * width / multiple) * multiple


def detect_widths(size: Size, architecture: Architecture = "v6") -> tuple[int, ...]:
    """Channels that come into the head, a level each."""
    rows = layers(size.levels, architecture)
    return tuple(channels(rows[source].channels, size.width) for source in rows[-1].sources)


def outputs(classes: int, anchors: int = ANCHORS_A_LEVEL) -> int:
    """Channels that leave the head at each level: box, objectness and classes of each anchor."""
    return anchors * (5 + classes)
