"""The bytes of an image file → its pixels at a reduced size, what is wrong with them, and a hash of all of them.

A JPEG is decoded straight to the reduced size: libjpeg leaves out most of the inverse transform, yet reads all of the
compressed data, so that a file that ends early is noticed. Other formats are decoded whole and averaged in blocks.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import PIL
import simplejpeg
from blake3 import blake3
from numpy.typing import NDArray
from PIL import Image

from yoloaudit.dataset.decodable import ENDS_EARLY, refused_scans
from yoloaudit.dataset.images import END_OF_IMAGE, Header
from yoloaudit.dataset.jpeg import frame_of

DECODERS = f"Pillow {PIL.__version__} simplejpeg {simplejpeg.__version__} OpenCV {cv2.__version__}"
"""What a measured number depends on, beside the code."""
LEAST_SIDE = 48
"""Pixels that the shorter side keeps at the least, if the image has as many."""
MOST_SCALING = 8
"""By how much libjpeg can reduce an image while it decodes it."""
STRIP_PIXELS = 1 << 22
"""Pixels of a decoded image that are converted at once."""
KEY_BYTES = 16


class Decoded(NamedTuple):
    """The outcome of a decode; without pixels, only `damage` may say something."""

    rgb: NDArray[np.uint8] | None = None
    """H × W × 3, reduced."""
    damage: str | None = None
    reduced: int = 0
    """Checksum of the size and the reduced pixels: equal images have an equal one, and seldom others; 0: unknown."""
    exact: bytes = bytes(KEY_BYTES)
    """Hash of the size and all pixels: equal images, and no others, have an equal one; zeros: not computed."""
    exif: bytes | None = None
    """The file's Exif block."""


def reduction(width: int, height: int) -> int:
    """By how much an image is reduced: a power of 2, so that its shorter side is left with 48 to 95 pixels.

    What is measured is then of the same scale whatever the camera, as it is once a trainer has scaled the image.
    """
    return 1 << max(0, (min(width, height) // LEAST_SIDE).bit_length() - 1)


def decode(data: bytes, header: Header) -> Decoded:
    """Decode a file that its header says can be read; never raises, but for lack of memory."""
    if damage := refused_scans(data, header):
        return Decoded(damage=damage)
    try:
        if header.format == "JPEG" and header.mode in ("L", "RGB"):
            return _jpeg(data, header)
        return _whole(data, header)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise many kinds on damaged files
        return Decoded(damage=_words(error))


def exact_key(data: bytes, header: Header) -> bytes:
    """Hash of the size and all pixels of an image; zeros where it cannot be decoded."""
    try:
        if header.format == "JPEG" and header.mode in ("L", "RGB"):
            return _key(header, simplejpeg.decode_jpeg(data, "RGB"))
        return _whole(data, header).exact
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as above
        return bytes(KEY_BYTES)


def _jpeg(data: bytes, header: Header) -> Decoded:
    frame = frame_of(data)
    if frame is None:
        return _whole(data, header)
    factor = reduction(frame.width, frame.height)
    height, width = -(-frame.height // factor), -(-frame.width // factor)
    try:
        rgb = simplejpeg.decode_jpeg(data, "RGB", min_height=height, min_width=width)
    except ValueError as error:
        if "premature end" not in str(error).lower():
            return _whole(data, header)
        if data[-2:] == END_OF_IMAGE:
            return Decoded(damage=ENDS_EARLY)
        return _jpeg(data + END_OF_IMAGE, header)  # whole, if nothing but the end marker is missing
    if factor > MOST_SCALING:
        rgb = _in_blocks(rgb, factor // MOST_SCALING)
    return Decoded(rgb, None, _checksum(header, rgb), exif=frame.exif)


def _in_blocks(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Means of whole blocks; what is left at the right and below is less than one of them."""
    height, width = rgb.shape[0] // side, rgb.shape[1] // side
    blocks = rgb[: height * side, : width * side]
    return np.asarray(cv2.resize(blocks, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _whole(data: bytes, header: Header) -> Decoded:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _by_pillow(data, header)


def _by_pillow(data: bytes, header: Header) -> Decoded:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        exif = image.info.get("exif")
        factor = reduction(*image.size)
        digest = _digest(*image.size)
        strips = []
        for strip in _strips(image, factor):
            rgb = _as_rgb(strip)
            digest.update(rgb.tobytes())
            strips.append(np.asarray(rgb.reduce(factor) if factor > 1 else rgb))
    rgb_all = np.concatenate(strips)
    key = _checksum(header, rgb_all)
    return Decoded(rgb_all, None, key, digest.digest(KEY_BYTES), exif if isinstance(exif, bytes) else None)


def _strips(image: Image.Image, factor: int) -> Iterator[Image.Image]:
    """The image in strips of whole blocks, so that no second copy of a large one is ever there."""
    width, height = image.size
    rows = max(1, STRIP_PIXELS // (width * factor)) * factor
    if rows >= height:
        yield image
        return
    for top in range(0, height, rows):
        yield image.crop((0, top, width, min(height, top + rows)))


def _as_rgb(image: Image.Image) -> Image.Image:
    """Three channels of 8 bits, as the trainer sees them: alpha left out, the upper 8 of 16 bits."""
    if image.mode.startswith("I;16"):
        levels = np.asarray(image).astype(np.uint16) >> 8
        image = Image.fromarray(levels.astype(np.uint8))
    return image if image.mode == "RGB" else image.convert("RGB")


def _key(header: Header, rgb: NDArray[np.uint8]) -> bytes:
    digest = _digest(header.width, header.height)
    digest.update(rgb.tobytes())
    return digest.digest(KEY_BYTES)


def _checksum(header: Header, rgb: NDArray[np.uint8]) -> int:
    return zlib.crc32(rgb.data, header.width << 16 ^ header.height) or 1


def _digest(width: int, height: int) -> blake3:
    return blake3(b"%d %d " % (width, height))


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "truncated" in text or "not enough" in text.lower() or isinstance(error, EOFError):
        return ENDS_EARLY
    return "cannot be decoded" if "object at 0x" in text else f"cannot be decoded: {text[:100]}"
