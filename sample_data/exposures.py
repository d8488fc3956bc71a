"""Good pictures → badly exposed, blurred, blank, colourless and cut off ones in the defective data set."""

from __future__ import annotations

import numpy as np
from pictures import SMALL, Pictures, flat, toned
from PIL import Image, ImageFilter, ImageOps
from writing import DataSet, encoded

QUALITY = 80
KEPT = 0.6
"""Share of a file's bytes that is left of one that was cut off."""


def plant_exposures(written: DataSet, pictures: Pictures) -> None:
    """Pictures that show too little, and pictures of which the end is missing."""
    for rule, change, note in (
        ("dark-image", underexposed, "seven eighths of the light are missing"),
        ("overexposed-image", overexposed, "all of it is nearly white"),
        ("blurry-image", out_of_focus, "out of focus"),
        ("grayscale-minority", colourless, "grey in a data set of colour pictures"),
    ):
        name, scene = pictures.next(3, SMALL, 1.3)
        written.write(f"images/train/{name}.jpg", encoded(change(scene.picture), quality=QUALITY))
        written.label("train", name, scene.rows())
        written.plant(rule, f"images/train/{name}.jpg", None, note)
    name, scene = pictures.next(0, SMALL)
    written.write(f"images/train/{name}.jpg", encoded(blank(scene.picture), quality=QUALITY))
    written.label("train", name, [])
    written.plant("low-information-image", f"images/train/{name}.jpg", None, "one colour, and the grain of the camera")
    for kind in ("JPEG", "PNG", "WEBP"):
        name, scene = pictures.next(3, SMALL, 1.3)
        content = encoded(flat(scene.picture) if kind == "PNG" else scene.picture, kind)
        suffix = {"JPEG": "jpg"}.get(kind, kind.lower())
        written.write(f"images/train/{name}.{suffix}", content[: int(len(content) * KEPT)])
        written.label("train", name, scene.rows())
        written.plant("truncated-image", f"images/train/{name}.{suffix}", None, f"the end of the {kind} is missing")


def underexposed(picture: Image.Image) -> Image.Image:
    return toned(picture, lambda light: light * 0.125)


def overexposed(picture: Image.Image) -> Image.Image:
    return toned(ImageOps.equalize(picture), lambda light: 0.953 + 0.047 * light)


def out_of_focus(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(6))


def colourless(picture: Image.Image) -> Image.Image:
    return picture.convert("L")


def blank(picture: Image.Image) -> Image.Image:
    """What a camera sees with a wall before its lens: one colour, that of the picture, and grain."""
    light = np.asarray(picture, dtype=np.float32)
    grain = np.random.default_rng(0).standard_normal(light.shape, dtype=np.float32)
    return Image.fromarray(np.clip(light.mean(axis=(0, 1)) + 1.5 * grain, 0, 255).astype(np.uint8))
