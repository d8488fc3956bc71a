"""A part (bolt, nut, washer) and how it lies → what it covers, its surface normals and its colour."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from textures import Field, noise

NAMES = ("bolt", "nut", "washer")
Mask: TypeAlias = NDArray[np.bool_]
Vector: TypeAlias = tuple[Field, Field, Field]
"""x, y and z of a surface normal; y points down the picture, z at the camera."""

METALS = {
    "steel": (0.66, 0.68, 0.71),
    "zinc": (0.73, 0.76, 0.80),
    "brass": (0.80, 0.62, 0.30),
    "copper": (0.74, 0.45, 0.30),
    "oxide": (0.20, 0.20, 0.22),
    "yellow zinc": (0.76, 0.68, 0.42),
    "rust": (0.52, 0.34, 0.24),
}
SLIT, COLLAR, FLANGE, FACETS = 0.7, 0.65, 0.7, 0.45
"""Styles from which a washer is split, a nut has a collar, a bolt a flange; below the last its head shows facets."""


@dataclass(frozen=True)
class Part:
    """A part to draw: `size` is its longest measure in pixels, `angle` its turn on the bench."""

    class_id: int
    size: float
    angle: float
    metal: str
    style: float
    """0…1: which build of the part it is (proportions, head, hole)."""


@dataclass(frozen=True)
class Surface:
    """A drawn part in the middle of a square: mask, normals, colour, polish, and how high it stands in pixels."""

    mask: Mask
    normal: Vector
    colour: Field
    polish: float
    height: float


@dataclass(frozen=True)
class Plane:
    """Coordinates of every pixel of a square: along and across the part, and the distance from its middle."""

    along: Field
    across: Field
    distance: Field


def surface(part: Part, tilt: float, rng: Random) -> Surface:
    """The part as a camera sees it that leans `tilt` radians from the vertical."""
    side = 2 * int(part.size * 0.75 + 4)
    mask, normal, height = (bolt, nut, washer)[part.class_id](part, side, tilt)
    grain = 1 + 0.05 * noise(rng, side, side, 7, 7, 2)
    colour = grain[..., None] * np.asarray(METALS[part.metal], dtype=np.float32)
    if part.metal == "rust":
        colour = colour * (1 - 0.45 * np.clip(noise(rng, side, side, 14, 14, 3) * 0.7 + 0.3, 0, 1)[..., None])
    polish = {"rust": 0.12, "oxide": 0.45}.get(part.metal, 0.85)
    return Surface(mask, normal, colour.astype(np.float32), polish, height)


def plane(part: Part, side: int, tilt: float, raised: float) -> Plane:
    """The plane that lies `raised` pixels above the bench."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) - np.float32(side / 2 - 0.5)
    v = (y + raised * sin(tilt)) / cos(tilt)
    along, across = x * cos(part.angle) + v * sin(part.angle), v * cos(part.angle) - x * sin(part.angle)
    return Plane(along, across, np.hypot(along, across) + np.float32(1e-3))


def turned(along: Field, across: Field, angle: float) -> tuple[Field, Field]:
    """A direction along the part as a direction in the picture."""
    return along * cos(angle) - across * sin(angle), along * sin(angle) + across * cos(angle)


def in_washer(part: Part, at: Plane) -> Mask:
    """A ring; a spring washer has a slit."""
    ring = (at.distance < part.size / 2) & (at.distance > hole_of(part))
    if part.style > SLIT:
        ring &= ~((np.abs(at.across + at.along * 0.4) < part.size * 0.022) & (at.along > 0))
    return np.asarray(ring)


def in_nut(part: Part, at: Plane) -> Mask:
    """A hexagon with a round hole."""
    sides = [np.abs(at.along * cos(turn) + at.across * sin(turn)) for turn in (pi / 6, pi / 2, 5 * pi / 6)]
    hexagon = np.maximum(np.maximum(sides[0], sides[1]), sides[2])
    return np.asarray((hexagon < part.size * sqrt(3) / 4) & (at.distance > hole_of(part)))


def hole_of(part: Part) -> float:
    """Radius of the hole of a nut or a washer."""
    return part.size * (0.22 + 0.06 * part.style if part.class_id == 1 else 0.24 + 0.14 * part.style)


def standing(part: Part, side: int, tilt: float, thick: float) -> tuple[Mask, Vector, Plane]:
    """A flat part with a hole: its top face, below it what is seen of its walls, and the plane of the top face."""
    inside = in_nut if part.class_id == 1 else in_washer
    over = plane(part, side, tilt, thick)
    top = inside(part, over)
    mask = top.copy()
    for lower in range(1, max(2, round(thick * sin(tilt))) + 1):
        mask[lower:] |= top[:-lower]
    out_x, out_y = turned(over.along / over.distance, over.across / over.distance, part.angle)
    outward = np.where(over.distance < part.size * 0.36, -1, 1)
    x = np.where(top, 0, outward * out_x * 0.95)
    y = np.where(top, sin(tilt) * 0.3, outward * out_y * 0.6 + 0.35)
    z = np.where(top, cos(tilt), 0.15)
    return mask, (x, y, z), over


def leaning(part: Part, normal: Vector, over: Plane, lean: Field) -> Vector:
    """The normals of a top face that leans outwards by `lean`."""
    x, y, z = normal
    out_x, out_y = turned(over.along / over.distance, over.across / over.distance, part.angle)
    lean = np.where(z > 0.2, lean, 0)
    return x + out_x * lean, y + out_y * lean, z


def washer(part: Part, side: int, tilt: float) -> tuple[Mask, Vector, float]:
    """A ring with turned grooves and rounded edges."""
    thick = part.size * (0.13 if part.style > SLIT else 0.06)
    mask, normal, over = standing(part, side, tilt, thick)
    grooves = np.sin(over.distance * 1.9) * 0.10
    outer = np.clip((over.distance - part.size * 0.46) / (part.size * 0.04), 0, 1)
    inner = np.clip((hole_of(part) + part.size * 0.03 - over.distance) / (part.size * 0.03), 0, 1)
    return mask, leaning(part, normal, over, grooves + 0.8 * (outer - inner)), thick


def nut(part: Part, side: int, tilt: float) -> tuple[Mask, Vector, float]:
    """A hexagon with chamfered corners and a countersunk hole; some carry a locking collar."""
    thick = part.size * (0.30 + 0.14 * part.style)
    mask, normal, over = standing(part, side, tilt, thick)
    flat = part.size * sqrt(3) / 4
    chamfer = 0.7 * np.clip((over.distance - flat * 0.96) / (flat * 0.05), 0, 1)
    sink = 0.9 * np.clip((hole_of(part) * 1.22 - over.distance) / (hole_of(part) * 0.08), 0, 1)
    collar = 0.5 * np.exp(-(((over.distance - flat * 0.8) / (flat * 0.05)) ** 2)) * (part.style > COLLAR)
    return mask, leaning(part, normal, over, chamfer + collar - sink), thick


def bolt(part: Part, side: int, tilt: float) -> tuple[Mask, Vector, float]:
    """A bolt on its side: hexagon, flange or cap head, a plain shank, a thread, a chamfered tip."""
    shrunk = sqrt(cos(part.angle) ** 2 + (sin(part.angle) * cos(tilt)) ** 2)
    axis = (cos(part.angle) / shrunk, sin(part.angle) * cos(tilt) / shrunk)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) - np.float32(side / 2 - 0.5)
    length, radius = part.size * shrunk, part.size * (0.075 + 0.035 * (part.style * 7 % 1))
    along, across = x * axis[0] + y * axis[1] + length / 2, y * axis[0] - x * axis[1]
    head_long, head_wide = radius * (1.25 + 0.5 * (part.style * 3 % 1)), radius * 1.9
    thread = np.where(along > head_long + (length - head_long) * 0.35 * part.style, 1.0, 0.0)
    groove = np.sin(2 * pi * (along + across * 0.12) / max(3.0, radius * 0.5)) * thread
    tip = np.clip((along - length + radius * 0.5) / (radius * 0.5), 0, 1)
    off_axis = np.abs(across)
    shank = (along > 0) & (along < length) & (off_axis < radius * (1 - 0.4 * tip) * (1 - 0.05 * thread + 0.05 * groove))
    head = (along > 0) & (along < head_long) & (off_axis < head_wide * np.clip(0.86 + along / radius * 0.35, 0, 1))
    if part.style > FLANGE:
        head |= (along > head_long * 0.8) & (along < head_long * 1.05) & (off_axis < head_wide * 1.15)
    lean = np.clip(across / np.where(head, head_wide, radius), -1, 1) * 0.98
    if part.style < FACETS:
        lean = np.where(head, np.round(lean * 1.5) / 1.5 * 0.85, lean)
    slope = np.where(head, -0.7 * np.clip(1 - along / (radius * 0.4), 0, 1), 0.55 * groove + 0.6 * tip)
    deep = np.sqrt(np.clip(1 - lean**2, 0.02, 1))
    normal = (axis[0] * slope - axis[1] * lean, axis[1] * slope + axis[0] * lean, deep)
    return np.asarray(head | shank), normal, radius * 1.6
