"""A seed → one picture after the other for the defective data set; a picture → the same, flatter or in other tones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter
from scenes import Scene, draw_scene
from textures import Field, Ground
from writing import picture_name

SIZES = ((352, 264), (320, 240), (384, 288))
SMALL = (160, 120)


@dataclass
class Pictures:
    """Draws one picture after the other, each with a name and a seed of its own."""

    seed: int
    drawn: int = 0

    def next(
        self,
        parts: int = 6,
        size: tuple[int, int] | None = None,
        scale: float = 1.0,
        lacks: int | None = None,
        on: Ground | None = None,
    ) -> tuple[str, Scene]:
        """A name, and a scene with about this many parts of all classes, or of all but the one that it lacks."""
        number = self.drawn
        self.drawn += 1
        allowed = [class_id for class_id in range(3) if class_id != lacks]
        classes = [allowed[(number + part) % len(allowed)] for part in range(parts)]
        size = size or SIZES[number % len(SIZES)]
        scene = draw_scene(f"{self.seed}/defective/{number}", size, classes, scale, on)
        return picture_name(self.seed, "defective", number), scene

    def name(self) -> str:
        """A name for a picture that is made of another."""
        self.drawn += 1
        return picture_name(self.seed, "defective", self.drawn - 1)


def flat(picture: Image.Image) -> Image.Image:
    """A picture of 32 colours without its grain, which packs well."""
    return picture.filter(ImageFilter.MedianFilter(3)).quantize(32, dither=Image.Dither.NONE).convert("RGB")


def toned(picture: Image.Image, tone: Callable[[Field], Field]) -> Image.Image:
    """A picture of which each channel's light, as 0…1, is changed."""
    light = np.asarray(picture, dtype=np.float32) / 255
    return Image.fromarray(np.clip(tone(light) * 255 + 0.5, 0, 255).astype(np.uint8))


def dimmed(scene: Scene, gain: float) -> Scene:
    """A scene in which a lamp of this share of the light shines, or of more than one."""
    return Scene(toned(scene.picture, lambda light: light * gain), scene.boxes)
