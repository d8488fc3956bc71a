"""Decoding: damage is told, reduced pixels are means of blocks, and hashes are equal for equal pixels only."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.example_pictures import Pixels, encoded, pillows, texture, with_comments
from yoloaudit.dataset.decodable import ENDS_EARLY, MOST_SCANS
from yoloaudit.dataset.images import header_of
from yoloaudit.measure import decode as module
from yoloaudit.measure.decode import KEY_BYTES, LEAST_SIDE, Decoded, decode, exact_key

UNKNOWN = bytes(KEY_BYTES)
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "jpeg": ("JPEG", {"quality": 90}),
    "progressive jpeg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {"quality": 90}),
    "lossless webp": ("WEBP", {"lossless": True}),
    "raw tiff": ("TIFF", {}),
    "deflated tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "bmp": ("BMP", {}),
}
LOSSLESS = [kind for kind in FILES if kind.split()[-1] not in ("jpeg", "webp")] + ["lossless webp"]


def _file(kind: str, seed: int = 1, width: int = 160, height: int = 120) -> bytes:
    name, options = FILES[kind]
    return encoded(texture(seed, width, height), name, **options)


def _decoded(data: bytes) -> Decoded:
    return decode(data, header_of(data))


def _wrong(data: bytes) -> str | None:
    header = header_of(data)
    return header.error or decode(data, header).damage


def _pixels(data: bytes) -> Pixels:
    rgb = _decoded(data).rgb
    assert rgb is not None
    return rgb


@pytest.mark.parametrize("kind", FILES)
def test_a_whole_file_is_not_damaged(kind: str) -> None:
    decoded = _decoded(_file(kind))
    assert decoded.damage is None
    assert decoded.rgb is not None
    assert decoded.rgb.shape == (60, 80, 3)
    assert decoded.reduced != 0


@pytest.mark.parametrize("share", [0.5, 0.8])
@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_cut_is_damaged(kind: str, share: float) -> None:
    data = _file(kind)
    assert _wrong(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["jpeg", "progressive jpeg"])
@pytest.mark.parametrize("end", [b"", b"\xff\xd9"])
def test_a_jpeg_that_ends_early_is_damaged_whatever_its_last_bytes(kind: str, end: bytes) -> None:
    data = _file(kind)
    decoded = _decoded(data[: len(data) // 2] + end)
    assert (decoded.damage, decoded.rgb, decoded.reduced) == (ENDS_EARLY, None, 0)


def test_a_raw_file_that_lacks_its_last_row_ends_early() -> None:
    data = _file("bmp")
    assert _wrong(data[: -160 * 3]) == ENDS_EARLY


@pytest.mark.parametrize(
    ("side", "factor"),
    [(1, 1), (LEAST_SIDE, 1), (2 * LEAST_SIDE - 1, 1), (96, 2), (191, 2), (192, 4), (384, 8), (768, 16), (5000, 64)],
)
def test_the_shorter_side_keeps_enough_pixels(side: int, factor: int) -> None:
    assert module.reduction(side, 10 * side) == module.reduction(10 * side, side) == factor


@pytest.mark.parametrize(
    ("width", "height", "factor"), [(64, 48, 1), (128, 96, 2), (256, 192, 4), (512, 384, 8), (1024, 768, 16)]
)
@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_reduced_pixels_are_means_of_blocks(kind: str, width: int, height: int, factor: int) -> None:
    options = {"quality": 95, "subsampling": 0} if kind == "jpeg" else {}
    data = encoded(texture(3, width, height), kind.upper(), **options)
    blocks = pillows(data).reshape(height // factor, factor, width // factor, factor, 3).astype(float)
    apart = np.abs(_pixels(data) - blocks.mean(axis=(1, 3)))
    assert apart.max() <= 2


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_the_last_blocks_may_be_smaller(kind: str) -> None:
    assert _pixels(_file(kind, width=163, height=121)).shape == (61, 82, 3)


def test_equal_pixels_have_one_exact_key_in_every_lossless_format() -> None:
    keys = {_decoded(_file(kind)).exact for kind in LOSSLESS}
    assert len(keys) == 1
    assert keys != {UNKNOWN}
    assert {_decoded(_file(kind)).reduced for kind in LOSSLESS} == {_decoded(_file("png")).reduced}


def test_one_level_of_one_pixel_makes_another_exact_key() -> None:
    picture = texture(1)
    other = picture.copy()
    other[-1, -1, 2] ^= 1
    first, second = (_decoded(encoded(pixels, "PNG")) for pixels in (picture, other))
    assert first.exact != second.exact


def test_the_size_is_part_of_the_keys() -> None:
    wide, tall = (_decoded(encoded(np.full(shape, 7, np.uint8), "PNG")) for shape in ((8, 16, 3), (16, 8, 3)))
    assert wide.exact != tall.exact
    assert wide.reduced != tall.reduced


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpegs_exact_key_is_that_of_its_pixels_in_a_png(mode: str, progressive: bool) -> None:
    data = encoded(Image.fromarray(texture(1, 163, 121)).convert(mode), "JPEG", progressive=progressive)
    png = encoded(pillows(data), "PNG")
    assert exact_key(data, header_of(data)) == _decoded(png).exact == exact_key(png, header_of(png)) != UNKNOWN


def test_an_exact_key_of_a_damaged_file_is_unknown() -> None:
    for kind in ("jpeg", "png"):
        data = _file(kind)
        assert exact_key(data[: len(data) // 2], header_of(data)) == UNKNOWN


def test_a_plain_jpegs_exact_key_is_left_for_later() -> None:
    assert _decoded(_file("jpeg")).exact == UNKNOWN


def test_equal_jpegs_with_other_comments_have_equal_reduced_keys() -> None:
    data = _file("jpeg")
    assert _decoded(with_comments(data, 2, b"words")).reduced == _decoded(data).reduced
    assert _decoded(_file("jpeg", seed=2)).reduced != _decoded(data).reduced


def test_too_many_scans_are_not_decoded() -> None:
    data = _file("progressive jpeg")
    scan = data[data.rindex(b"\xff\xda") : -2]
    scans = data.count(b"\xff\xda") + MOST_SCANS
    damage = _decoded(data[:-2] + scan * MOST_SCANS + data[-2:]).damage
    assert damage is not None
    assert f"{scans:,} scans, more than {MOST_SCANS}" in damage


def test_so_are_those_of_other_decoders() -> None:
    for data in (_file("jpeg"), encoded(Image.fromarray(texture(1, 160, 120)).convert("CMYK"), "JPEG")):
        head = data[: data.index(b"\xff\xda")]
        scan = b"\xff\xda" + bytes([0, 8, 1, 1, 0, 0, 63, 0, 0])
        assert f"{MOST_SCANS + 1:,} scans" in (_decoded(head + scan * (MOST_SCANS + 1) + b"\xff\xd9").damage or "")


def test_the_limit_of_scans() -> None:
    data = _file("progressive jpeg")
    left = MOST_SCANS - data.count(b"\xff\xda")
    assert _wrong(with_comments(data, left, b"\xff\xda")) is None
    assert _wrong(with_comments(data, left + 1, b"\xff\xda"))
    assert _wrong(with_comments(_file("jpeg"), left + 1, b"\xff\xda")) is None


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        *product(("1", "L", "P", "RGB"), ("PNG", "TIFF", "BMP")),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "TIFF"),
        ("CMYK", "TIFF"),
        ("L", "JPEG"),
    ],
)
def test_every_mode_is_decoded(mode: str, format: str) -> None:
    data = encoded(Image.fromarray(texture(1, 40, 30)).convert(mode), format)
    decoded = _decoded(data)
    assert decoded.damage is None
    assert decoded.rgb is not None
    assert np.array_equal(decoded.rgb, pillows(data))


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_of_16_bits_the_upper_8_are_taken(format: str) -> None:
    levels = (np.arange(40 * 30, dtype=np.uint16) * 50).reshape(30, 40)
    rgb = _pixels(encoded(Image.fromarray(levels), format))
    assert np.array_equal(rgb, np.repeat((levels >> 8)[..., None], 3, axis=2))


def test_alpha_is_left_out() -> None:
    picture = np.concatenate([texture(1, 40, 30), np.zeros((30, 40, 1), np.uint8)], axis=2)
    assert np.array_equal(_pixels(encoded(picture, "PNG")), picture[..., :3])


@pytest.mark.parametrize("mode", ["RGB", "P", "L", "I;16"])
def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    picture = texture(1, 163, 121)
    image = Image.fromarray(picture[..., 0].astype(np.uint16) * 200) if mode == "I;16" else Image.fromarray(picture)
    data = encoded(image if mode == "I;16" else image.convert(mode), "PNG")
    at_once = _decoded(data)
    monkeypatch.setattr(module, "STRIP_PIXELS", 163 * 7)
    in_strips = _decoded(data)
    assert in_strips._replace(rgb=None) == at_once._replace(rgb=None)
    assert np.array_equal(_pixels(data), at_once.rgb if at_once.rgb is not None else [])


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_exif_block_comes_along(format: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    block = _decoded(encoded(texture(1), format, exif=exif)).exif
    assert block is not None
    assert b"Maker" in block


def test_words_name_no_object() -> None:
    for error in (OSError("cannot identify <_io.BytesIO object at 0x7f00>"), ValueError(), OSError("x" * 1000)):
        words = module._words(error)
        assert "0x" not in words
        assert len(words) < 150


BYTES = {kind: _file(kind, width=40, height=30) for kind in FILES}


@settings(max_examples=40)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_bytes_never_raise(kind: str, draw: st.DataObject) -> None:
    data = bytearray(BYTES[kind])
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    decoded = decode(bytes(data), header_of(BYTES[kind]))
    assert (decoded.rgb is None) == (decoded.damage is not None)
