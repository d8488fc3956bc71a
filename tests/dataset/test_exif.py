"""Exif blocks: orientation, camera and time as Pillow wrote them, and nothing at all from damaged ones."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yoloaudit.dataset.exif import MOST_TEXT, Shot, orientation_of, plain_orientation, shot_of

MAKER, MODEL, CHANGED, ORIENTATION = 0x010F, 0x0110, 0x0132, 0x0112
DETAILS, TAKEN, SERIAL = 0x8769, 0x9003, 0xA431
NOON = "2024:02:29 12:00:00"


def _block(tags: dict[int, object], details: dict[int, object] | None = None) -> bytes:
    exif = Image.Exif()
    for number, value in tags.items():
        exif[number] = value
    exif.get_ifd(DETAILS).update(details or {})
    return exif.tobytes()


def _seconds(*parts: int) -> int:
    year, month, day, hour, minute, second = parts
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int) -> None:
    block = _block({ORIENTATION: orientation})
    assert orientation_of(block) == orientation
    assert orientation_of(block.removeprefix(b"Exif\0\0")) == orientation


@pytest.mark.parametrize("orientation", [0, 9, 300])
def test_an_orientation_out_of_range_is_1(orientation: int) -> None:
    assert orientation_of(_block({ORIENTATION: orientation})) == 1


@pytest.mark.parametrize(("value", "expected"), [(8, 8), (0, 1), (9, 1), (-3, 1), (None, 1), ("6", 1), (6.0, 1)])
def test_plain_orientation(value: object, expected: int) -> None:
    assert plain_orientation(value) == expected


def test_a_camera_is_its_maker_model_and_number() -> None:
    block = _block({MAKER: "Acme", MODEL: "X 100"}, {SERIAL: "0815", TAKEN: NOON})
    assert shot_of(block) == Shot("Acme X 100 0815", _seconds(2024, 2, 29, 12, 0, 0))


@pytest.mark.parametrize(
    ("tags", "camera"),
    [
        ({}, None),
        ({MODEL: "X"}, "X"),
        ({MAKER: "X", MODEL: "X"}, "X"),
        ({MAKER: "  ", MODEL: "\0\0"}, None),
        ({MAKER: "  Ac\tme \0", MODEL: "X  1"}, "Ac me X 1"),
    ],
)
def test_a_cameras_name_holds_what_there_is_once(tags: dict[int, object], camera: str | None) -> None:
    assert shot_of(_block(tags)).camera == camera


def test_a_cameras_name_is_shortened() -> None:
    assert shot_of(_block({MODEL: "x" * 10_000})).camera == "x" * MOST_TEXT


def test_the_time_of_the_change_stands_in_for_that_of_the_shot() -> None:
    assert shot_of(_block({CHANGED: "1999:12:31 23:59:59"})).taken == _seconds(1999, 12, 31, 23, 59, 59)
    both = _block({CHANGED: "1999:12:31 23:59:59"}, {TAKEN: NOON})
    assert shot_of(both).taken == _seconds(2024, 2, 29, 12, 0, 0)
    unset = _block({CHANGED: NOON}, {TAKEN: "0000:00:00 00:00:00"})
    assert shot_of(unset).taken == _seconds(2024, 2, 29, 12, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-02-29 12:00:00",
        "2024:02:29",
        "0000:00:00 00:00:00",
        "2024:13:01 00:00:00",
        "2024:01:32 00:00:00",
        "2024:01:01 24:00:00",
        "2024:01:01 00:60:00",
        "1969:12:31 23:59:58",
    ],
)
def test_what_is_no_time_is_unknown(text: str) -> None:
    assert shot_of(_block({CHANGED: text})).taken == -1


@pytest.mark.parametrize("block", [b"", b"Exif\0\0", b"II*\0", b"II*\0\xff\xff\xff\xff", b"\0" * 100])
def test_a_damaged_block_says_nothing(block: bytes) -> None:
    assert orientation_of(block) == 1
    assert shot_of(block) == Shot()


WHOLE = _block({MAKER: "Acme", MODEL: "X", CHANGED: NOON, ORIENTATION: 6}, {SERIAL: "1", TAKEN: NOON})


@given(st.binary(max_size=200), st.sampled_from([b"", b"Exif\0\0II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_any_bytes_are_read(data: bytes, start: bytes) -> None:
    assert 1 <= orientation_of(start + data) <= 8
    assert shot_of(start + data).taken >= -1


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(WHOLE)))
def test_any_damage_to_a_block_is_read(changes: list[tuple[int, int]], length: int) -> None:
    block = bytearray(WHOLE)
    for at, value in changes:
        block[at] = value
    shot = shot_of(bytes(block[:length]))
    assert 1 <= orientation_of(bytes(block[:length])) <= 8
    assert shot.camera is None or 0 < len(shot.camera) <= 3 * MOST_TEXT + 2
