"""A random generator and a size → fields of noise and the bench tops made of them, as float32 arrays in 0…1."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Field: TypeAlias = NDArray[np.floating[Any]]
"""(height, width) or (height, width, 3)."""
Ground: TypeAlias = Callable[[Random, int, int], Field]
"""A generator, a width and a height → a bench top."""


def generator(rng: Random) -> np.random.Generator:
    """A NumPy generator that follows from the state of `rng`."""
    return np.random.default_rng(rng.getrandbits(64))


def noise(rng: Random, width: int, height: int, cell_x: float, cell_y: float, octaves: int = 3) -> Field:
    """Smooth noise with mean 0 and spread 1; `cell_x` and `cell_y` are the pixels between its coarsest knots."""
    random = generator(rng)
    total = np.zeros((height, width), dtype=np.float32)
    for octave in range(octaves):
        columns = max(2, round(width / cell_x * 2**octave) + 1)
        rows = max(2, round(height / cell_y * 2**octave) + 1)
        knots = random.standard_normal((min(rows, height), min(columns, width)), dtype=np.float32)
        sheet = Image.fromarray(knots).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(sheet, dtype=np.float32) * 0.55**octave
    return np.asarray((total - total.mean()) / (total.std() + 1e-6), dtype=np.float32)


def blurred(field: Field, radius: float) -> Field:
    """A field of 0…1 after a Gaussian blur."""
    sheet = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    return np.asarray(sheet.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def tinted(value: Field, colour: tuple[float, float, float]) -> Field:
    """Brightness times a colour."""
    return value[..., None] * np.asarray(colour, dtype=np.float32)


def mixed(first: Field, second: Field, share: Field) -> Field:
    """`second` laid over `first` with this opacity."""
    return first + (second - first) * np.clip(share, 0, 1)[..., None]


def wood(rng: Random, width: int, height: int) -> Field:
    """Planks with grain, rings and dark seams."""
    plank = rng.uniform(0.28, 0.6) * height
    v = np.arange(height, dtype=np.float32)[:, None] + noise(rng, width, height, width / 2, height / 3, 1) * 2
    number = np.floor((v + rng.uniform(0, plank)) / plank)
    tone = np.sin(number * 12.9898 + rng.uniform(0, 9)) * 0.09
    warp = noise(rng, width, height, width / 1.5, height / 5, 2) * 14
    rings = np.sin((v + warp + number * 31) * rng.uniform(0.16, 0.34)) * 0.045
    fibre = noise(rng, width, height, 90, 3, 3) * 0.035
    inside = np.abs(((v + rng.uniform(0, plank)) / plank) % 1 - 0.5)
    seam = np.clip((inside - 0.485) / 0.012, 0, 1) * 0.45
    colour = rng.choice([(0.72, 0.53, 0.36), (0.60, 0.42, 0.28), (0.82, 0.68, 0.49), (0.50, 0.37, 0.29)])
    return tinted((1 + tone + rings + fibre) * (1 - seam), colour)


def steel(rng: Random, width: int, height: int) -> Field:
    """A brushed plate with blotches and scratches."""
    brushed = noise(rng, width, height, 160, 2, 2) * 0.035
    blotches = noise(rng, width, height, 130, 110, 3) * 0.05
    colour = rng.choice([(0.60, 0.63, 0.67), (0.48, 0.50, 0.52), (0.66, 0.66, 0.63)])
    return scratched(rng, tinted(1 + brushed + blotches, colour), rng.randint(5, 12))


def cutting_mat(rng: Random, width: int, height: int) -> Field:
    """A rubber mat with a printed grid."""
    colour = rng.choice([(0.16, 0.40, 0.33), (0.17, 0.30, 0.45), (0.30, 0.31, 0.34)])
    mat = tinted(1 + noise(rng, width, height, 5, 5, 2) * 0.03 + noise(rng, width, height, 200, 160, 2) * 0.06, colour)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, pitch = rng.uniform(-0.3, 0.3), rng.uniform(58, 84)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    lines = np.zeros((height, width), dtype=np.float32)
    for axis in (u, v):
        offset = np.abs((axis / pitch) % 1 - 0.5) * pitch
        lines = np.maximum(lines, np.clip(1.4 - np.abs(offset - pitch / 2), 0, 1))
    worn = 0.35 + 0.12 * noise(rng, width, height, 60, 60, 2)
    return mixed(mat, np.full_like(mat, 0.78), lines * np.clip(worn, 0.05, 0.6))


def concrete(rng: Random, width: int, height: int) -> Field:
    """A grey floor with pores and stains."""
    cloud = noise(rng, width, height, 110, 110, 4) * 0.06
    grain = noise(rng, width, height, 3, 3, 1) * 0.03
    pores = np.clip(noise(rng, width, height, 9, 9, 2) - 2.1, 0, 1) * 0.5
    colour = rng.choice([(0.58, 0.57, 0.54), (0.50, 0.49, 0.50), (0.66, 0.62, 0.55)])
    return tinted((1 + cloud + grain) * (1 - pores), colour)


def cardboard(rng: Random, width: int, height: int) -> Field:
    """A flattened box with flutes and fibres."""
    x = np.arange(width, dtype=np.float32)[None, :]
    flutes = np.sin(x * rng.uniform(0.25, 0.4) + noise(rng, width, height, 200, 200, 1) * 0.6) * 0.012
    fibre = noise(rng, width, height, 26, 4, 2) * 0.03 + noise(rng, width, height, 180, 150, 2) * 0.04
    return tinted(1 + flutes + fibre, rng.choice([(0.70, 0.55, 0.38), (0.76, 0.62, 0.45)]))


def cloth(rng: Random, width: int, height: int) -> Field:
    """A woven shop towel with folds."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pitch = rng.uniform(1.1, 1.5)
    weave = np.sin(x * pitch) * np.sin(y * pitch) * 0.05
    folds = noise(rng, width, height, 190, 90, 2)
    shade = 0.10 * folds + 0.05 * np.abs(np.sin(folds * 1.7))
    colour = rng.choice([(0.28, 0.36, 0.52), (0.56, 0.24, 0.22), (0.62, 0.60, 0.56), (0.25, 0.42, 0.40)])
    return tinted(1 + weave + shade + noise(rng, width, height, 3, 3, 1) * 0.02, colour)


def paint(rng: Random, width: int, height: int) -> Field:
    """Bench paint, chipped down to the primer."""
    colour = rng.choice([(0.38, 0.50, 0.44), (0.45, 0.50, 0.58), (0.66, 0.58, 0.40), (0.55, 0.36, 0.32)])
    cloud, grain = noise(rng, width, height, 150, 120, 3) * 0.05, noise(rng, width, height, 4, 4, 1) * 0.012
    coat = tinted(1 + cloud + grain, colour)
    primer = tinted(1 + noise(rng, width, height, 12, 12, 2) * 0.08, (0.55, 0.53, 0.50))
    chips = np.clip((noise(rng, width, height, 50, 50, 4) - 1.75) * 6, 0, 1)
    return scratched(rng, mixed(coat, primer, chips), rng.randint(2, 6))


def scratched(rng: Random, ground: Field, count: int) -> Field:
    """Long thin scratches, light or dark."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(count):
        angle, centre_x, centre_y = rng.uniform(0, np.pi), rng.uniform(0, width), rng.uniform(0, height)
        along = (x - centre_x) * np.cos(angle) + (y - centre_y) * np.sin(angle)
        across = (y - centre_y) * np.cos(angle) - (x - centre_x) * np.sin(angle) + (along / 90) ** 2
        length = rng.uniform(0.05, 0.25) * width
        line = np.clip(1 - np.abs(across) / 0.9, 0, 1) * np.clip(1 - np.abs(along) / length, 0, 1)
        ground = ground * (1 + rng.choice([-0.22, 0.18]) * line[..., None])
    return ground


def paper(rng: Random, width: int, height: int) -> Field:
    """A sheet of paper, which has next to no texture."""
    return tinted(1 + 0.006 * noise(rng, width, height, 200, 160, 1), (0.72, 0.71, 0.68))


GROUNDS: tuple[Ground, ...] = (
    wood, steel, cutting_mat, concrete, cardboard, cloth, paint,
)  # fmt: skip


def ring_stain(rng: Random, ground: Field) -> Field:
    """The ring that a mug left."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    radius = rng.uniform(0.10, 0.2) * width
    distance = np.hypot(x - rng.uniform(0, width), y - rng.uniform(0, height))
    distance = distance + noise(rng, width, height, 80, 80, 2) * 1.5
    ring = np.exp(-(((distance - radius) / 4) ** 2)) * np.clip(0.6 + 0.4 * noise(rng, width, height, 70, 70, 2), 0, 1)
    return mixed(ground, ground * np.asarray((0.6, 0.8, 1.0), dtype=np.float32), ring * 0.6)


def oil_stain(rng: Random, ground: Field) -> Field:
    """A dark patch with a soft edge."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(x - rng.uniform(0, width), (y - rng.uniform(0, height)) * rng.uniform(1, 1.6))
    blot = 1 - distance / (rng.uniform(0.08, 0.18) * width) + 0.18 * noise(rng, width, height, 40, 40, 3)
    return mixed(ground, ground * np.float32(0.6), blot * 3)


def tape(rng: Random, ground: Field) -> Field:
    """A strip of masking tape."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, centre_x, centre_y = rng.uniform(-0.6, 0.6), rng.uniform(0, width), rng.uniform(0, height)
    along = (x - centre_x) * np.cos(angle) + (y - centre_y) * np.sin(angle)
    across = (y - centre_y) * np.cos(angle) - (x - centre_x) * np.sin(angle)
    torn = noise(rng, width, height, 8, 5, 2) * 3
    across, along = rng.uniform(18, 30) - np.abs(across), rng.uniform(60, 150) - np.abs(along + torn)
    inside = np.clip(across, 0, 1) * np.clip(along / 2, 0, 1)
    strip = tinted(1 + noise(rng, width, height, 6, 40, 2) * 0.03, rng.choice([(0.83, 0.76, 0.55), (0.30, 0.45, 0.68)]))
    return mixed(ground, strip, inside * 0.9)


def sawdust(rng: Random, ground: Field) -> Field:
    """Scattered light crumbs."""
    height, width = ground.shape[:2]
    where = noise(rng, width, height, 150, 150, 2)
    crumbs = np.clip(noise(rng, width, height, 4, 3, 2) - 2.0 + 0.25 * where, 0, 1)
    return mixed(ground, np.broadcast_to(np.asarray((0.85, 0.72, 0.5)), ground.shape), crumbs * 1.3)


CLUTTER: tuple[Callable[[Random, Field], Field], ...] = (ring_stain, oil_stain, tape, sawdust)
