"""Frame headers of JPEGs: what Pillow says of a file, or None, whatever the bytes are."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.example_pictures import encoded, texture, with_comments
from yoloaudit.dataset.jpeg import MAX_SEGMENTS, Frame, frame_of


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    return exif


def _jpeg(mode: str = "RGB", orientation: int = 1, progressive: bool = False) -> bytes:
    image = Image.fromarray(texture(1, 37, 23)).convert(mode)
    return encoded(image, "JPEG", progressive=progressive, exif=_exif(orientation))


PLAIN = _jpeg(orientation=6)


def _frame_at(data: bytes) -> int:
    return next(at for at in range(len(data)) if data[at : at + 2] in (b"\xff\xc0", b"\xff\xc2"))


def _with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 3, 8])
@pytest.mark.parametrize("progressive", [False, True])
def test_the_facts_are_those_of_pillow(mode: str, orientation: int, progressive: bool) -> None:
    data = _jpeg(mode, orientation, progressive)
    frame = frame_of(data)
    assert frame is not None
    with Image.open(io.BytesIO(data)) as image:
        assert ((frame.width, frame.height), frame.mode) == (image.size, image.mode)
        assert frame.progressive == bool(image.info.get("progressive"))
        assert frame.orientation == image.getexif()[0x0112] == orientation


def test_without_exif_the_orientation_is_1() -> None:
    frame = frame_of(encoded(texture(1, 16, 8), "JPEG"))
    assert frame == Frame(16, 8, "RGB", progressive=False, exif=None)
    assert frame.orientation == 1


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_makes_no_sense_is_1(orientation: int) -> None:
    frame = frame_of(_jpeg(orientation=orientation))
    assert frame is not None
    assert frame.exif is not None
    assert frame.orientation == 1


def test_of_two_exif_segments_the_first_counts_as_it_does_for_pillow() -> None:
    block = b"Exif\0\0" + _exif(3).tobytes().removeprefix(b"Exif\0\0")
    data = PLAIN[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + PLAIN[2:]
    frame = frame_of(data)
    with Image.open(io.BytesIO(data)) as image:
        assert frame is not None
        assert frame.orientation == image.getexif()[0x0112] == 3


def test_comments_are_passed_over_up_to_a_limit() -> None:
    segments = 0
    while frame_of(with_comments(PLAIN, segments + 1)) is not None:
        segments += 1
    assert MAX_SEGMENTS - 8 < segments < MAX_SEGMENTS


def test_long_comments_are_passed_over() -> None:
    assert frame_of(with_comments(PLAIN, 3, b"\xff\xc0" * 32_000)) == frame_of(PLAIN)


def test_a_flood_of_comments_ends_without_an_answer() -> None:
    assert frame_of(with_comments(PLAIN, 100_000)) is None


def test_a_head_without_the_whole_frame_header_tells_nothing() -> None:
    end = _frame_at(PLAIN) + 10
    assert [cut for cut in range(len(PLAIN)) if frame_of(PLAIN[:cut]) is not None] == list(range(end, len(PLAIN)))
    assert frame_of(PLAIN[:end]) == frame_of(PLAIN)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(1, 0xC3, id="lossless"),
        pytest.param(1, 0xC9, id="arithmetic"),
        pytest.param(1, 0xDA, id="scan first"),
        pytest.param(1, 0xFF, id="fill byte"),
        pytest.param(4, 12, id="12 bits"),
        pytest.param(9, 2, id="two components"),
        pytest.param(9, 0, id="no component"),
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_another_reader(place: int, value: int) -> None:
    assert frame_of(_with_byte(PLAIN, _frame_at(PLAIN) + place, value)) is None


@pytest.mark.parametrize("first", [5, 7])
def test_a_size_of_0_is_left_to_another_reader(first: int) -> None:
    at = _frame_at(PLAIN) + first
    assert frame_of(PLAIN[:at] + b"\0\0" + PLAIN[at + 2 :]) is None


@pytest.mark.parametrize("length", [0, 1])
def test_a_segment_shorter_than_its_length_field_ends_the_search(length: int) -> None:
    assert frame_of(PLAIN[:2] + b"\xff\xfe" + bytes([0, length]) + PLAIN[2:]) is None


def test_many_pictures_in_one_file_are_left_to_another_reader() -> None:
    image = Image.fromarray(texture(1, 32, 16))
    data = encoded(image, "MPO", save_all=True, append_images=[image])
    assert data[:3] == b"\xff\xd8\xff"
    assert frame_of(data) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    frame = frame_of(b"\xff\xd8" + data)
    assert frame is None or frame.width * frame.height > 0
    assert frame is None or 1 <= frame.orientation <= 8


@given(st.lists(st.tuples(st.integers(2, _frame_at(PLAIN) + 12), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_to_a_header_is_read(changes: list[tuple[int, int]]) -> None:
    data = PLAIN
    for at, value in changes:
        data = _with_byte(data, at, value)
    frame = frame_of(data)
    assert frame is None or 1 <= frame.orientation <= 8
