"""What images look like, number by number, and which of them the trainer looks at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from yoloaudit.dataset.tables import Images, Pixels
from yoloaudit.geometry import Floats, Integers, Mask


def trained_on(images: Images, split: str = "train") -> Mask:
    """Images of a split that the trainer does not drop; backgrounds are among them."""
    mask: Mask = ((images["split"] == split) & (images["fate"] != "dropped")).to_numpy()
    return mask


def looks(images: Images, pixels: Pixels) -> Mapping[str, Floats]:
    """Numbers of each image by their name in a sentence; NaN where they are not known."""
    decoded = pixels["decoded"].to_numpy()
    width, height = (images[side].to_numpy().astype(np.float64) for side in ("width", "height"))
    area = np.where((width > 0) & (height > 0), width * height, np.nan)
    columns = {name: np.where(decoded, pixels[name].to_numpy(), np.nan) for name in MEASURED}
    return {
        "brightness": columns["brightness_p50"],
        "contrast": columns["contrast"],
        "saturation": columns["saturation"],
        "warmth (red minus blue)": columns["red"] - columns["blue"],
        "aspect ratio": np.divide(width, height, out=np.full(len(width), np.nan), where=area > 0),
        "area in pixels": area,
    }


MEASURED = ("brightness_p50", "contrast", "saturation", "red", "blue")


def sizes(images: Images) -> Integers:
    """Width and height as one number, equal for equal sizes; 0 where it is not known."""
    width, height = (images[side].to_numpy().astype(np.int64) for side in ("width", "height"))
    return np.where((width > 0) & (height > 0), (width << 32) + height, 0)


def size_in_words(size: int) -> str:
    """`640 × 480`."""
    return f"{size >> 32} × {size & 0xFFFFFFFF}"
