"""A seed, a size and the parts wanted → a picture of a bench and the exact boxes of what is seen on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, pi, sin
from random import Random

import numpy as np
from numpy.typing import NDArray
from parts import METALS, Mask, Part, Surface, surface
from PIL import Image, ImageFilter
from textures import CLUTTER, GROUNDS, Field, Ground, blurred, generator, noise

FINER = 2
"""Parts are drawn this many times larger, and scaled down."""
LEAST_INSIDE, LEAST_SEEN = 0.78, 0.65
"""Share of a part that lies in the frame, and share of it that is not hidden either."""
TRIES = 60
LEAST_SIDE = 8
"""Pixels of a box's shorter side below which a part at a frame's edge is not labelled."""
SPREAD = ((0.24, 0.46), (0.12, 0.24), (0.11, 0.25))
"""Least and greatest size of a part of each class, as a share of the picture's shorter side."""


@dataclass(frozen=True)
class Box:
    """A part's visible pixels: class, and x1 y1 x2 y2 with the far edges outside."""

    class_id: int
    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def area(self) -> int:
        return max(0, self.x2 - self.x1) * max(0, self.y2 - self.y1)

    def common(self, other: Box) -> int:
        """Pixels inside both."""
        wide = min(self.x2, other.x2) - max(self.x1, other.x1)
        high = min(self.y2, other.y2) - max(self.y1, other.y1)
        return max(0, wide) * max(0, high)

    def row(self, width: int, height: int) -> str:
        """The line of a label file."""
        centre = (self.x1 + self.x2) / 2 / width, (self.y1 + self.y2) / 2 / height
        sides = (self.x2 - self.x1) / width, (self.y2 - self.y1) / height
        return " ".join([str(self.class_id), *(f"{value:.6f}" for value in (*centre, *sides))])


@dataclass(frozen=True)
class Scene:
    """A picture and its boxes."""

    picture: Image.Image
    boxes: tuple[Box, ...]

    def rows(self) -> list[str]:
        """The lines of its label file."""
        return [box.row(*self.picture.size) for box in self.boxes]


def window_of(scene: Scene, left: int, top: int, size: tuple[int, int]) -> Scene:
    """What is seen of a scene in a frame of this size; a part of which hardly anything is seen has no box."""
    width, height = size
    boxes = []
    for box in scene.boxes:
        x1, y1 = max(0, box.x1 - left), max(0, box.y1 - top)
        x2, y2 = min(width, box.x2 - left), min(height, box.y2 - top)
        if min(x2 - x1, y2 - y1) >= LEAST_SIDE:
            boxes.append(Box(box.class_id, x1, y1, x2, y2))
    return Scene(scene.picture.crop((left, top, left + width, top + height)), tuple(boxes))


@dataclass(frozen=True)
class Light:
    """Where the lamp stands, how bright each pixel is lit, and how soft shadows are."""

    x: float
    y: float
    z: float
    glow: Field
    softness: float


@dataclass(frozen=True)
class Window:
    """A square of a picture, possibly beyond its frame; in pixels of the finished picture."""

    left: int
    top: int
    side: int

    def cut(self, finer: int = 1) -> tuple[slice, slice]:
        """The part of it that lies in a picture, as rows and columns of that picture."""
        x, y, side = self.left * finer, self.top * finer, self.side * finer
        return slice(max(0, y), max(0, y + side)), slice(max(0, x), max(0, x + side))

    def inside(self, height: int, width: int, finer: int = 1) -> tuple[slice, slice]:
        """The same, as rows and columns of the square itself; height and width are those of the finished picture."""
        x, y, side = self.left * finer, self.top * finer, self.side * finer
        return slice(max(0, -y), min(side, height * finer - y)), slice(max(0, -x), min(side, width * finer - x))


@dataclass
class Bench:
    """A picture in the making: its pixels, the part of each fine pixel, the parts' full areas and boxes."""

    canvas: Field
    owner: NDArray[np.int16]
    boxes: list[Box] = field(default_factory=list)
    areas: list[int] = field(default_factory=list)


def draw_scene(
    seed: str, size: tuple[int, int], classes: Sequence[int], scale: float = 1.0, on: Ground | None = None
) -> Scene:
    """One part of each class named, laid so that most of each is seen; `scale` changes the parts' size.

    The ground is `on`, bare, or any, with or without clutter.
    """
    rng = Random(seed)
    width, height = size
    ground = (on or rng.choice(GROUNDS))(rng, width, height)
    for clutter in [] if on else rng.sample(CLUTTER, rng.choice([0, 1, 1, 2])):
        ground = clutter(rng, ground)
    light, tilt = lamp(rng, width, height), rng.uniform(0.1, 0.85)
    bench = Bench(ground * light.glow, np.full((height * FINER, width * FINER), -1, dtype=np.int16))
    for class_id in classes:
        throw(rng, bench, light, tilt, class_id, scale)
    boxes = [still_seen(bench, number, box) for number, box in enumerate(bench.boxes)]
    return Scene(photograph(rng, bench.canvas), tuple(boxes))


def still_seen(bench: Bench, number: int, box: Box) -> Box:
    """The box of what later parts left in sight of a part."""
    rows, columns = slice(box.y1 * FINER, box.y2 * FINER), slice(box.x1 * FINER, box.x2 * FINER)
    return tight(bench.owner[rows, columns] == number, box.class_id, Window(box.x1, box.y1, 0))


def throw(rng: Random, bench: Bench, light: Light, tilt: float, class_id: int, scale: float) -> None:
    """Lay a part of this class somewhere on the bench, at times beyond the frame's edge; after many tries, none."""
    height, width = bench.canvas.shape[:2]
    for _ in range(TRIES):
        longest = min(width, height) * rng.uniform(*SPREAD[class_id]) * FINER * scale
        metal = rng.choices(list(METALS), weights=[6, 5, 3, 2, 3, 3, 2])[0]
        part = Part(class_id, longest, rng.uniform(0, 2 * pi), metal, rng.random())
        drawn = surface(part, tilt, Random(rng.random()))
        side = drawn.mask.shape[0] // FINER
        x, y = round(rng.uniform(0.02, 0.98) * width), round(rng.uniform(0.03, 0.97) * height)
        window = Window(x - side // 2, y - side // 2, side)
        mask = drawn.mask[window.inside(height, width, FINER)]
        if fits(bench, mask, window, class_id, int(drawn.mask.sum())):
            lay(bench, drawn, window, light)
            bench.owner[window.cut(FINER)][mask] = len(bench.boxes)
            bench.boxes.append(tight(mask, class_id, window))
            bench.areas.append(int(drawn.mask.sum()))
            return


def fits(bench: Bench, mask: Mask, window: Window, class_id: int, area: int) -> bool:
    """Whether enough of a new part lies in the frame, enough of each below it stays in sight, and no boxes coincide."""
    if mask.sum() < LEAST_INSIDE * area:
        return False
    covered = bench.owner[window.cut(FINER)][mask]
    for number in np.unique(covered[covered >= 0]):
        if (bench.owner == number).sum() - (covered == number).sum() < LEAST_SEEN * bench.areas[number]:
            return False
    new = tight(mask, class_id, window)
    for box in bench.boxes:
        common = new.common(box)
        nested = box.class_id == class_id and common > 0.8 * min(new.area, box.area)
        if nested or common > 0.7 * (new.area + box.area - common):
            return False
    return True


def tight(mask: Mask, class_id: int, window: Window | None = None) -> Box:
    """The box of a mask of fine pixels, of a whole picture or of what a window shows of it.

    A pixel of the picture counts if half of its fine pixels or more are covered.
    """
    x, y = (max(0, window.left), max(0, window.top)) if window else (0, 0)
    covered = coarse(mask) >= 0.5
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    return Box(class_id, x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1)


def coarse(fine: Field | Mask) -> Field:
    """A field of fine pixels at the picture's own size: the mean of each block."""
    blocks = [fine[row::FINER, column::FINER].astype(np.float32) for row in range(FINER) for column in range(FINER)]
    return np.asarray(sum(blocks[1:], start=blocks[0]) / np.float32(len(blocks)))


def lamp(rng: Random, width: int, height: int) -> Light:
    """A lamp or a window to one side, its falloff and colour, and on some benches the soft edge of a shadow."""
    turn, steep = rng.uniform(0, 2 * pi), rng.uniform(0.5, 1.1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = x / width - 0.5, y / height - 0.5
    glow = rng.uniform(0.72, 1.15) * (1 + rng.uniform(0.1, 0.55) * (u * cos(turn) + v * sin(turn)))
    glow = glow * (1 - rng.uniform(0.1, 0.5) * (u**2 + v**2))
    if rng.random() < 0.35:
        edge = u * cos(turn + 1.2) + v * sin(turn + 1.2) + rng.uniform(-0.25, 0.25)
        edge = edge + 0.01 * noise(rng, width, height, width / 4, height / 4, 2)
        glow = glow * (1 - rng.uniform(0.25, 0.45) / (1 + np.exp(-edge * rng.uniform(15, 60))))
    warm = rng.uniform(-0.09, 0.09)
    colour = np.asarray((1 + warm, 1 + warm * 0.2, 1 - warm), dtype=np.float32)
    along = (cos(turn) * cos(steep), sin(turn) * cos(steep), sin(steep))
    return Light(*along, (glow[..., None] * colour).astype(np.float32), rng.uniform(0.05, 0.16))


def lay(bench: Bench, drawn: Surface, window: Window, light: Light) -> None:
    """Paint a part, and the shadow that it throws on all below, into the canvas."""
    side = window.side
    cover, colour = coarse(drawn.mask), np.zeros((side, side, 3), dtype=np.float32)
    fine, there = extent(cover)
    colour[there] = coarse(shaded(drawn, fine, light) * drawn.mask[fine][..., None])
    rim = side // 2
    wide = Window(window.left - rim, window.top - rim, side + 2 * rim)
    ground = np.pad(cover, rim)
    reach = drawn.height / FINER / max(light.z, 0.4) * 0.9
    right, down = round(-light.x * reach), round(-light.y * reach)
    far, near = np.roll(ground, (down, right), (0, 1)), np.roll(ground, (down // 2, right // 2), (0, 1))
    fallen = np.maximum.reduce([ground, near, far])
    shadow = 0.5 * blurred(fallen, 0.8 + drawn.height / FINER * light.softness) + 0.3 * blurred(ground, 1.5)
    height, width = bench.canvas.shape[:2]
    bench.canvas[wide.cut()] *= 1 - np.clip(shadow, 0, 0.75)[wide.inside(height, width)][..., None]
    here, there = window.cut(), window.inside(height, width)
    lit = colour[there] * light.glow[here]
    bench.canvas[here] = bench.canvas[here] * (1 - cover[there][..., None]) + lit


def extent(cover: Field) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The rows and columns that a part covers, in fine pixels and in pixels of the picture."""
    spans = [np.flatnonzero(cover.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(int(span[0]), int(span[-1]) + 1) for span in spans)
    finer_rows, finer_columns = (slice(span.start * FINER, span.stop * FINER) for span in (rows, columns))
    return (finer_rows, finer_columns), (rows, columns)


def shaded(drawn: Surface, fine: tuple[slice, slice], light: Light) -> Field:
    """Metal under the lamp: diffuse light, a highlight (Blinn–Phong), and a mirrored room."""
    x, y, z = (axis[fine] for axis in drawn.normal)
    length = np.sqrt(x**2 + y**2 + z**2) + 1e-6
    x, y, z = x / length, y / length, z / length
    diffuse = np.clip(x * light.x + y * light.y + z * light.z, 0, 1)
    half = np.sqrt(light.x**2 + light.y**2 + (light.z + 1) ** 2)
    highlight = np.clip((x * light.x + y * light.y + z * (light.z + 1)) / half, 0, 1) ** (12 + 50 * drawn.polish)
    room = 0.5 + 0.5 * np.sin(4.2 * (x * light.x + y * light.y) * z + 2.0 * y * z + 0.6)
    value = 0.24 + 0.62 * diffuse + drawn.polish * 0.34 * (room - 0.45)
    colour = drawn.colour[fine]
    body = colour * value[..., None]
    shine = (drawn.polish * 0.55 * highlight)[..., None] * (0.5 + 0.5 * colour / drawn.colour.max())
    return np.asarray(body + shine, dtype=np.float32)


def photograph(rng: Random, canvas: Field) -> Image.Image:
    """What a camera makes of it: tone, a little blur, a little noise."""
    tone = np.where(canvas > 0.8, 0.8 + 0.2 * np.tanh((canvas - 0.8) / 0.2), np.clip(canvas, 0, 1))
    whole = Image.fromarray((tone * 255).astype(np.uint8))
    soft = np.asarray(whole.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.75))), dtype=np.float32)
    grain = generator(rng).standard_normal(canvas.shape, dtype=np.float32) * rng.uniform(0.8, 2.6)
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8))
