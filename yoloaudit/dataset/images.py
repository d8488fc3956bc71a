"""One image file → its header facts: size, format, mode, orientation, or why it cannot be opened."""

from __future__ import annotations

import io
import os
import struct
import warnings
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from PIL import BmpImagePlugin, ImageFile, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from yoloaudit.dataset.exif import ORIENTATION, orientation_of, plain_orientation
from yoloaudit.dataset.jpeg import frame_of
from yoloaudit.errors import FileRefused
from yoloaudit.files import Root

TRAINER_SUFFIXES = frozenset({"bmp", "dng", "jpeg", "jpg", "mpo", "png", "tif", "tiff", "webp", "pfm"})
"""Suffixes by which the trainer finds images, in any letter case."""
TRAINER_FORMATS = frozenset({"BMP", "DNG", "JPEG", "MPO", "PNG", "TIFF", "WEBP", "PFM"})
"""Formats, by content, that the trainer accepts."""
CHANNELS = {"1": 1, "L": 1, "P": 1, "I": 1, "F": 1, "LA": 2, "RGB": 3, "YCbCr": 3, "RGBA": 4, "CMYK": 4, "PA": 2}
JPEG, END_OF_IMAGE = b"\xff\xd8\xff", b"\xff\xd9"
HEAD = 16384
"""Bytes that are read at first; what comes before the frame header of a JPEG seldom takes more."""
MAX_CHUNKS = 64
"""RIFF chunks that are looked through for the orientation of a WebP."""


class Header(NamedTuple):
    """Facts from an image's header; width and height as stored, 0 where unknown."""

    width: int = 0
    height: int = 0
    bytes: int = 0
    format: str | None = None
    mode: str | None = None
    channels: int = 0
    frames: int = 1
    orientation: int = 1
    complete: bool = True
    error: str | None = None


def read_headers(root: Root, paths: Sequence[str]) -> list[Header]:
    """The header of each image file, in order; never raises."""
    return [read_header(root, path) for path in paths]


def read_header(root: Root, path: str) -> Header:
    """The header of one image file."""
    try:
        with root.open(path) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD)
            if head[:3] == JPEG and (header := _plain_jpeg(head, size)) is not None:
                return header._replace(complete=_ends_whole(file, size))
            return _header(file, head, size)
    except FileRefused as refused:
        return Header(error=str(refused))
    except OSError as error:
        return Header(error=f"cannot be read: {error.strerror or error}")


def header_of(data: bytes) -> Header:
    """The header of an image file whose bytes are all here."""
    if data[:3] == JPEG and (header := _plain_jpeg(data, len(data))) is not None:
        return header._replace(complete=data[-2:] == END_OF_IMAGE)
    return _header(io.BytesIO(data), data[:HEAD], len(data))


def _plain_jpeg(data: bytes, size: int) -> Header | None:
    frame = frame_of(data)
    if frame is None:
        return None
    width, height, mode = frame.width, frame.height, frame.mode
    return Header(width, height, size, "JPEG", mode, CHANNELS[mode], orientation=frame.orientation)


def _ends_whole(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 2))
    return file.read(2) == END_OF_IMAGE


def _header(file: BinaryIO, head: bytes, size: int) -> Header:
    if size == 0:
        return Header(error="is empty: 0 bytes, not an image")
    try:
        file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _by_content(file, head[:32], size)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - Pillow raises many kinds on damaged files
        return Header(bytes=size, error=f"cannot be opened as an image: {_words(error)}")


def _by_content(file: BinaryIO, magic: bytes, size: int) -> Header:
    if magic[:3] == JPEG:
        return _jpeg(file, size)
    if magic[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(file, size)
    if magic[:4] == b"RIFF" and magic[8:12] == b"WEBP":
        return _webp(file, size)
    if magic[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff(file, size)
    if magic[:2] == b"BM":
        return _described(BmpImagePlugin.BmpImageFile(file), size, "BMP")
    foreign = _foreign(magic)
    if foreign:
        width, height = struct.unpack("<HH", magic[6:10]) if foreign == "GIF" and len(magic) >= 10 else (0, 0)
        return Header(width, height, size, foreign, error=f"is {foreign} by content, which the trainer does not read")
    return Header(bytes=size, error="cannot be identified as an image: its content is of no image format")


def _foreign(magic: bytes) -> str | None:
    """Formats that are images, or pass for them, and that the trainer refuses."""
    if magic[:4] == b"GIF8":
        return "GIF"
    if magic[:1] == b"P" and magic[1:2] in b"1234567fF" and magic[2:3] in b" \t\r\n":
        return "PPM"
    if magic[4:8] == b"ftyp":
        return "HEIF or AVIF"
    return "SVG or HTML" if magic.lstrip()[:1] == b"<" else None


def _jpeg(file: BinaryIO, size: int) -> Header:
    """A JPEG that is out of the ordinary: many pictures in one file, odd segments, a frame that few decoders know."""
    complete = _ends_whole(file, size)
    file.seek(0)
    image = JpegImagePlugin.jpeg_factory(file)
    header = _described(image, size, image.format or "JPEG")
    return header._replace(orientation=plain_orientation(image.getexif().get(ORIENTATION)), complete=complete)


def _png(file: BinaryIO, size: int) -> Header:
    image = PngImagePlugin.PngImageFile(file)
    block = image.info.get("exif")
    orientation = orientation_of(block) if isinstance(block, bytes) else 1
    return _described(image, size, "PNG")._replace(orientation=orientation)


def _tiff(file: BinaryIO, size: int) -> Header:
    image = TiffImagePlugin.TiffImageFile(file)
    orientation = plain_orientation(image.tag_v2.get(ORIENTATION))
    header = _described(image, size, "TIFF")._replace(orientation=orientation)
    return header if orientation < 5 else header._replace(width=header.height, height=header.width)


def _described(image: ImageFile.ImageFile, size: int, name: str) -> Header:
    width, height = image.size
    if width <= 0 or height <= 0:
        return Header(bytes=size, format=name, error=f"has an invalid size of {width} × {height}")
    frames = 2 if getattr(image, "is_animated", False) else 1
    channels = CHANNELS.get(image.mode, 1 if image.mode.startswith("I;") else 3)
    return Header(width, height, size, name, image.mode, channels, frames)


def _webp(file: BinaryIO, size: int) -> Header:
    """Read from the container (RFC 9649), since opening it in a decoder reserves memory for the whole canvas."""
    head = file.read(30)
    if len(head) < 30:
        raise ValueError("the WebP header is truncated")
    kind = head[12:16]
    alpha, frames, orientation = False, 1, 1
    if kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[26:30]))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    elif kind == b"VP8X":
        alpha, frames = bool(head[20] & 0x10), 2 if head[20] & 0x02 else 1
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        orientation = _webp_orientation(file) if head[20] & 0x08 else 1
    else:
        raise ValueError("the WebP has no image chunk")
    if not width or not height:
        return Header(bytes=size, format="WEBP", error=f"has an invalid size of {width} × {height}")
    mode = "RGBA" if alpha else "RGB"
    return Header(width, height, size, "WEBP", mode, CHANNELS[mode], frames, orientation)


def _webp_orientation(file: BinaryIO) -> int:
    file.seek(12)
    for _ in range(MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return 1
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"EXIF":
            return orientation_of(file.read(min(length, 65536)))
        file.seek(length + length % 2, io.SEEK_CUR)
    return 1


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return "its header is damaged" if "<_io" in text or "object at 0x" in text else text[:120]
