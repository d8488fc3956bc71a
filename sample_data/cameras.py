"""A camera and a moment → the EXIF block of a photograph; the makers do not exist."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from PIL import Image

CAMERAS = (("Okularwerk", "K 20"), ("Prismata", "Field 3"), ("Lumar", "M7"), ("Telvia", "Phone 5"))
MAKER, MODEL, DETAILS, TAKEN = 0x010F, 0x0110, 0x8769, 0x9003
YEAR = datetime(2023, 1, 1)


def shot(camera: int, moment: datetime) -> Image.Exif:
    """Maker, model and time of a photograph."""
    exif = Image.Exif()
    exif[MAKER], exif[MODEL] = CAMERAS[camera % len(CAMERAS)]
    exif.get_ifd(DETAILS)[TAKEN] = moment.strftime("%Y:%m:%d %H:%M:%S")
    return exif


def some_day(seed: str) -> Image.Exif:
    """A photograph by any of the cameras at any time of a year."""
    rng = Random(seed)
    return shot(rng.randrange(len(CAMERAS)), YEAR + timedelta(minutes=rng.randrange(365 * 24 * 60)))
