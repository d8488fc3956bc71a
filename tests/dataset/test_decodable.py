"""What is decoded and what is not is known from a file's header and bytes, before any decoder sees them."""

import io

import pytest
from PIL import Image

from tests.example_pictures import encoded, texture, with_comments
from yoloaudit.dataset.decodable import (
    MOST_PIXELS,
    MOST_PIXELS_UNTRUSTED,
    MOST_SCANS,
    is_jpeg,
    most_pixels,
    refused,
    refused_scans,
)
from yoloaudit.dataset.images import Header, header_of

SCAN = b"\xff\xda"
PLAIN = encoded(texture(1, 40, 30), "JPEG")
PROGRESSIVE = encoded(texture(1, 40, 30), "JPEG", progressive=True)
INK = encoded(Image.fromarray(texture(1, 40, 30)).convert("CMYK"), "JPEG", progressive=True)


def one_colour_a_scan(data: bytes, scans: int) -> bytes:
    """The JPEG with so many scans in place of its own, each of one component and empty."""
    scan = b"".join(SCAN + bytes([0, 8, 1, 1 + number % 3, 0, 0, 63, 0, 0]) for number in range(scans))
    return data[: data.index(SCAN)] + scan + b"\xff\xd9"


def too_many(data: bytes) -> bool:
    return refused_scans(data, header_of(data)) is not None


def test_less_is_decoded_of_what_is_not_trusted() -> None:
    assert (most_pixels(False), most_pixels(True)) == (MOST_PIXELS, MOST_PIXELS_UNTRUSTED)
    assert MOST_PIXELS_UNTRUSTED < MOST_PIXELS


def test_a_header_is_refused_for_its_error_or_its_size() -> None:
    assert refused(Header(10, 10), 100) is None
    assert refused(Header(10, 10), 99) == "is 10 × 10 px, above the limit of 99 pixels"
    assert refused(Header(10, 10, error="is a GIF"), 100) == "is a GIF"


@pytest.mark.parametrize("data", [PROGRESSIVE, INK])
def test_scans_of_progressive_jpegs_are_counted(data: bytes) -> None:
    last = data[data.rindex(SCAN) : -2]
    left = MOST_SCANS - data.count(SCAN)
    assert not too_many(data[:-2] + last * left + data[-2:])
    assert too_many(data[:-2] + last * (left + 1) + data[-2:])


def test_so_are_those_of_plain_ones_that_hold_a_colour_each() -> None:
    assert not too_many(one_colour_a_scan(PLAIN, MOST_SCANS))
    assert too_many(one_colour_a_scan(PLAIN, MOST_SCANS + 1))


def test_a_film_behind_a_photograph_is_no_scan() -> None:
    assert not too_many(PLAIN + SCAN * (MOST_SCANS + 1))
    assert not too_many(with_comments(PLAIN, MOST_SCANS + 1, SCAN))


def test_in_doubt_scans_are_counted() -> None:
    at = PLAIN.index(SCAN)
    for odd in (b"\xff\xff", b"x", b"\xff\xc3\x00\x04aa"):
        assert too_many(PLAIN[:at] + odd + PLAIN[at:] + SCAN * MOST_SCANS)
    assert too_many(with_comments(PLAIN, 300, SCAN))


def test_other_kinds_have_no_scans() -> None:
    data = encoded(texture(1), "PNG") + SCAN * 1000
    assert not is_jpeg(header_of(data))
    assert not too_many(data)
    pictures = io.BytesIO()
    image = Image.fromarray(texture(1))
    image.save(pictures, "MPO", save_all=True, append_images=[image])
    assert is_jpeg(header_of(pictures.getvalue()))
