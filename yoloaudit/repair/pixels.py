"""The bytes of an image → the image with its end where it belongs, or turned as its tag says: proven by decoding."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from PIL import (
    BmpImagePlugin,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from yoloaudit.dataset.decodable import MOST_BYTES, MOST_PIXELS, refused, refused_scans
from yoloaudit.dataset.images import END_OF_IMAGE, Header, header_of
from yoloaudit.measure.decode import KEY_BYTES, exact_key
from yoloaudit.repair.edits import NotMended

ORIENTATION = 0x0112
READERS: Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "BMP": BmpImagePlugin.BmpImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
"""What is written here; each format is read by its own reader, whatever else a file may be taken for."""
LOSSLESS: Mapping[str, Mapping[str, object]] = {
    "PNG": {},
    "BMP": {},
    "WEBP": {"lossless": True},
    "TIFF": {"compression": "tiff_deflate"},
}
"""Formats that are written without loss, and how."""
QUALITY = 95
"""Of a JPEG whose own tables cannot be used again."""
UNPROVEN = "its pixels would change: save it anew with an image editor"


def ended(data: bytes) -> tuple[bytes, str]:
    """A JPEG with FF D9 at its very end, and what was done; not a pixel changes. Raises NotMended where one would."""
    header = _decodable(data)
    key = exact_key(data, header)
    at = data.rfind(END_OF_IMAGE)
    cut, added = data[: at + 2] if at >= 0 else b"", data + END_OF_IMAGE
    for new, words in ((cut, "bytes after the end of the image cut off"), (added, "end marker written")):
        if new and key != bytes(KEY_BYTES) and exact_key(new, header_of(new)) == key:
            return new, words
    if exact_key(added, header_of(added)) != bytes(KEY_BYTES):
        return added, "end marker written"
    raise NotMended(UNPROVEN)


def turned(data: bytes) -> bytes:
    """The image as the trainer turns it, without the tag: without loss, but for JPEG, which keeps its own tables."""
    header = _decodable(data)
    reader = READERS.get(header.format or "")
    if reader is None or header.frames > 1:
        raise NotMended("is of a kind that is not written here: turn it with an image editor")
    try:
        with warnings.catch_warnings(), reader(io.BytesIO(data)) as image:
            warnings.simplefilter("ignore")
            return _turned(image)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, AttributeError) as error:
        raise NotMended(f"cannot be turned: {type(error).__name__}") from None


def _turned(image: ImageFile.ImageFile) -> bytes:
    options: dict[str, Any] = dict(LOSSLESS.get(image.format or "", {}))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        options = _as_before(image)
    upright = ImageOps.exif_transpose(image)
    exif = upright.getexif()
    exif.pop(ORIENTATION, None)
    kept = {name: image.info[name] for name in ("icc_profile", "dpi") if image.info.get(name)}
    out = io.BytesIO()
    upright.save(out, format=image.format, exif=exif.tobytes() if len(exif) else b"", **kept, **options)
    new = out.getvalue()
    if header_of(new).error is not None or header_of(new).orientation != 1:
        raise NotMended("cannot be turned: the tag would stay")
    return new


def _as_before(image: JpegImagePlugin.JpegImageFile) -> dict[str, object]:
    """Settings by which a JPEG is written about as it was."""
    tables, sampling = image.quantization, JpegImagePlugin.get_sampling(image)
    options: dict[str, object] = {"qtables": tables} if tables and image.mode in ("L", "RGB") else {"quality": QUALITY}
    return options | ({"subsampling": sampling} if sampling in (0, 1, 2) else {})


def _decodable(data: bytes) -> Header:
    header = header_of(data)
    why = refused(header, MOST_PIXELS) or refused_scans(data, header)
    if why is not None or len(data) > MOST_BYTES:
        raise NotMended(f"is not decoded: {why or 'it is too large'}")
    return header
