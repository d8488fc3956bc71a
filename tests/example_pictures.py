"""Pictures for tests, drawn from a seed: textures with large and small shapes, as photographs have them."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def texture(seed: int, width: int = 160, height: int = 120) -> Pixels:
    """H × W × 3: noise of many scales, the larger the stronger."""
    random = np.random.default_rng(seed)
    drawn = np.zeros((height, width, 3), np.float32)
    for cells in (3, 6, 12, 24):
        coarse = random.normal(size=(cells, cells, 3)).astype(np.float32) / cells
        for channel in range(3):
            plane = Image.fromarray(coarse[..., channel])
            drawn[..., channel] += np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC))
    drawn += drawn.mean(axis=2, keepdims=True)
    levels: Pixels = np.clip(128 + drawn * (45 / drawn.std()), 0, 255).astype(np.uint8)
    return levels


def encoded(picture: Image.Image | Pixels, format: str, **options: Any) -> bytes:
    """The bytes of a file of this format."""
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pillows(data: bytes) -> Pixels:
    """What Pillow makes of a file, as RGB."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def with_comments(jpeg: bytes, count: int, text: bytes = b"") -> bytes:
    """A JPEG with so many comments before everything else."""
    return jpeg[:2] + (b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text) * count + jpeg[2:]
