"""A model's name → its layers: the ten sizes and those between, the layer tables, widths and repeats; without torch.

A layer table lists nominal widths and repeats; a size scales both. P5 models end in three levels (strides 8, 16, 32),
P6 models in four (and 64).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
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
    """One of the ten sizes, or one of other multiples."""

    name: str
    """n, s, m, l, x, n6 … x6; of others the multiples, as d0.5w0.4 or d0.5w0.4p6."""
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
STEPS, MOST_MULTIPLE = 1000, 2
"""Multiples of depth and width are told apart in thousandths, which all networks between them have, and end at 2."""
MULTIPLES = re.compile(r"d([0-9.]{1,5})w([0-9.]{1,5})(p6)?")


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
    plain = name.removeprefix("yolov5")
    size = SIZES.get(plain) or _between(plain)
    if size is None:
        raise UsageError(f"there is no model {name[:80]!a}. Name one of {', '.join(NAMES)}")
    return size


def _between(name: str) -> Size | None:
    """The size that is named after its multiples; None where that is not its name."""
    match = MULTIPLES.fullmatch(name)
    try:
        made = scaled(float(match[1]), float(match[2]), 6 if match[3] else 5) if match else None
    except (ValueError, UsageError):
        return None
    return made if made is not None and made.name == name else None


def scaled(depth: float, width: float, levels: int) -> Size:
    """The size of these multiples: where they make the network of one of the ten, that one.

    UsageError unless both are above 0 and at most 2.
    """
    for multiple in (depth, width):
        if not 0 < multiple <= MOST_MULTIPLE:
            raise UsageError(f"a multiple of depth or width is above 0 and at most {MOST_MULTIPLE}, not {multiple:g}")
    size = like(repeats_of(depth, levels), widths_of(width, levels), levels)
    if size is None:
        raise UsageError(f"multiples have three digits after the point at most, not {depth!r} and {width!r}")
    return size


def like(counts: Sequence[int], widths: Sequence[int], levels: int) -> Size | None:
    """The size whose C3 are repeated so often and whose Conv are so wide, in the order of the layers; None for none."""
    counts, widths = tuple(counts), tuple(widths)
    for size in SIZES.values():
        same = counts == repeats_of(size.depth, levels) and widths == widths_of(size.width, levels)
        if same and size.levels == levels:
            return size
    depths, wides = _multiples(levels)
    depth, width = depths.get(counts), wides.get(widths)
    if depth is None or width is None:
        return None
    return Size(f"d{depth:g}w{width:g}{'p6' if levels == 6 else ''}", depth, width, levels)


@cache
def _multiples(levels: int) -> tuple[dict[tuple[int, ...], float], dict[tuple[int, ...], float]]:
    """By repeats and by widths, the multiple of the fewest digits that makes them."""
    depths: dict[tuple[int, ...], float] = {}
    widths: dict[tuple[int, ...], float] = {}
    for step in sorted(range(1, MOST_MULTIPLE * STEPS + 1), key=lambda step: (step % 100 > 0) + (step % 10 > 0)):
        depths.setdefault(repeats_of(step / STEPS, levels), step / STEPS)
        widths.setdefault(widths_of(step / STEPS, levels), step / STEPS)
    return depths, widths


def repeats_of(depth: float, levels: int) -> tuple[int, ...]:
    """How often each C3 repeats its block."""
    return tuple(repeats(row.repeats, depth) for row in layers(levels) if row.block == "C3")


def widths_of(width: float, levels: int) -> tuple[int, ...]:
    """Channels that leave each Conv."""
    return tuple(channels(row.channels, width) for row in layers(levels) if row.block == "Conv")


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
