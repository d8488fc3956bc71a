"""Image headers: read without decoding a pixel, whatever the file is."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from yoloaudit.dataset.images import Header, read_header
from yoloaudit.files import Root


def _save(format: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new(mode, size).save(buffer, format, **({"exif": exif} if orientation != 1 else {}))
    return buffer.getvalue()


def _header(folder: Path, data: bytes, name: str = "a.jpg") -> Header:
    path = folder / name
    path.write_bytes(data)
    return read_header(Root(str(folder)), str(path))


@pytest.mark.parametrize(
    ("format", "mode", "channels"),
    [
        ("JPEG", "RGB", 3),
        ("JPEG", "L", 1),
        ("JPEG", "CMYK", 4),
        ("PNG", "RGBA", 4),
        ("PNG", "P", 1),
        ("PNG", "I;16", 1),
        ("BMP", "RGB", 3),
        ("TIFF", "RGB", 3),
        ("WEBP", "RGB", 3),
        ("WEBP", "RGBA", 4),
    ],
)
def test_size_format_and_mode_come_from_the_header(tmp_path: Path, format: str, mode: str, channels: int) -> None:
    header = _header(tmp_path, _save(format, mode))
    assert (header.width, header.height, header.format, header.mode) == (40, 30, format, mode)
    assert (header.channels, header.orientation, header.complete, header.error) == (channels, 1, True, None)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_orientation_is_told_and_the_size_is_as_stored(tmp_path: Path, format: str, orientation: int) -> None:
    header = _header(tmp_path, _save(format, orientation=orientation))
    assert (header.width, header.height, header.orientation) == (40, 30, orientation)


def test_lossless_webp_size_equals_pillows(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (123, 457)).save(buffer, "WEBP", lossless=True)
    header = _header(tmp_path, buffer.getvalue())
    assert (header.width, header.height, header.format) == (123, 457, "WEBP")


def test_a_jpeg_that_does_not_end_is_not_complete(tmp_path: Path) -> None:
    assert not _header(tmp_path, _save("JPEG")[:-2]).complete
    assert not _header(tmp_path, _save("JPEG") + b"\0").complete


def test_a_claim_of_billions_of_pixels_costs_nothing(tmp_path: Path) -> None:
    body = b"IHDR" + struct.pack(">IIBBBBB", 50000, 50000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + b"\0\0\0\0IDAT"
        + b"x" * 8
    )
    header = _header(tmp_path, data)
    assert (header.width, header.height) == (50000, 50000)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 bytes"),
        (b"junk" * 20, "no image format"),
        (b"<html>", "SVG or HTML"),
        (b"P6 10 10 255\n", "PPM"),
        (b"\xff\xd8\xff\xe0\0\x10JF", "cannot be opened as an image"),
        (b"\x89PNG\r\n\x1a\nxxxx", "cannot be opened as an image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "truncated"),
        (_save("GIF", "P"), "GIF by content"),
    ],
)
def test_what_is_no_image_is_said_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in (_header(tmp_path, data).error or "")
