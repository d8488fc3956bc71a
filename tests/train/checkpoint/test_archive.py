"""The gate lets through the ZIP that torch writes, and no ZIP that says two things at once."""

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_checkpoints import gate, pickle, plain, zipped, zipped_files
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import archive

PICKLE = pickle(plain({"a": 1}))
GOOD = zipped(PICKLE)
DIRECTORY = b"PK\1\2"


def refused(data: bytes) -> str:
    with pytest.raises(CheckpointError) as caught:
        gate(data)
    return str(caught.value)


def with_second_end(data: bytes, **said: int) -> bytes:
    """The ZIP as torch writes it: with the end record for large files before the usual one."""
    end = data[-22:]
    count, length, start = struct.unpack_from("<HII", end, 10)
    facts = {"count": count, "length": length, "start": start, "place": len(data) - 22, **said}
    record = archive.END_64.pack(b"PK\6\6", 44, 0x31E, 45, 0, 0, count, facts["count"], facts["length"], facts["start"])
    return data[:-22] + record + archive.LOCATOR.pack(b"PK\6\7", 0, facts["place"], 1) + end


def in_directory(offset: int, raw: bytes, entry: int = 0) -> bytes:
    """The good ZIP with other bytes at a place in an entry of its directory."""
    at = -1
    for _ in range(entry + 1):
        at = GOOD.index(DIRECTORY, at + 1)
    return GOOD[: at + offset] + raw + GOOD[at + offset + len(raw) :]


@pytest.mark.parametrize("data", [GOOD, with_second_end(GOOD), zipped(PICKLE, root="best"), zipped(PICKLE, root="é ☃")])
def test_what_torch_writes_passes(data: bytes) -> None:
    found = gate(data)
    assert found.read(found.pickle).tobytes() == PICKLE
    assert {key: found.read(entry).tobytes() for key, entry in found.storages.items()} == {"0": bytes(16)}


def test_newer_entries_pass_and_big_endian_does_not() -> None:
    files = {"r/data.pkl": PICKLE, "r/.data/serialization_id": b"1" * 40, "r/.format_version": b"1"}
    files |= {"r/.storage_alignment": b"64", "r/version": b"3\n"}
    assert gate(zipped_files({**files, "r/byteorder": b"little"})).storages == {}
    assert "little-endian" in refused(zipped_files({**files, "r/byteorder": b"big"}))
    assert "little-endian" in refused(zipped_files({**files, "r/byteorder": b"little" * 100}))


def test_padding_before_the_data_and_sizes_behind_them() -> None:
    """As torch aligns storages, and as it writes sizes only after the data."""
    place = b"r/data.pkl"
    local = archive.LOCAL.pack(b"PK\3\4", 0, 0x808, 0, 0, 0, 0, 0, 0, len(place), 10) + place + b"FB\6\0" + b"Z" * 6
    summed = 0x12345678
    after = struct.pack("<4sIII", b"PK\7\x08", summed, len(PICKLE), len(PICKLE))
    fields = (0, 0, 0x808, 0, 0, 0, summed, len(PICKLE), len(PICKLE), len(place), 0, 0, 0, 0, 0, 0)
    listed = archive.HEADER.pack(DIRECTORY, *fields) + place
    start = len(local) + len(PICKLE) + len(after)
    data = local + PICKLE + after + listed + archive.END.pack(b"PK\5\6", 0, 0, 1, 1, len(listed), start, 0)
    found = gate(data)
    assert data[found.pickle.start :].startswith(PICKLE)
    with pytest.raises(CheckpointError, match="checksum"):
        found.read(found.pickle)


def test_a_file_without_any_checksum_is_read_as_torch_can_be_told_to_write_it() -> None:
    data = bytearray(GOOD)
    for mark, place in ((b"PK\3\4", 14), (DIRECTORY, 16)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + place : at + place + 4] = bytes(4)
    found = gate(bytes(data))
    assert found.read(found.pickle).tobytes() == PICKLE


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a/data.pkl": PICKLE, "b/data.pkl": PICKLE}, "one folder"),
        ({"a/data.pkl": PICKLE, "b/data/0": b""}, "one folder"),
        ({"a/b/data.pkl": PICKLE}, "no part of a checkpoint"),
        ({"/data.pkl": PICKLE}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "../evil": b""}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "/etc/passwd": b""}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "a/data/../../evil": b""}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "a/data/x": b""}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "a/data/": b""}, "no part of a checkpoint"),
        ({"a/data.pkl": PICKLE, "a\x1b[31m/x": b""}, r"'a\x1b[31m/x'"),
        ({"a/data.pkl": PICKLE, "a/code/x.py": b""}, "TorchScript"),
        ({"a/data.pkl": PICKLE, "a/constants.pkl": b""}, "TorchScript"),
        ({"a/data.pkx": PICKLE}, "no data.pkl"),
        ({"runs/best.pt": PICKLE}, "Unpack it"),
    ],
)
def test_names_of_one_checkpoint_and_no_others(files: dict[str, bytes], said: str) -> None:
    assert said in refused(zipped_files(files))


def test_a_name_that_stands_twice() -> None:
    twice = zipped_files({"a/data.pkl": PICKLE, "a/data.pkx": PICKLE}).replace(b".pkx", b".pkl")
    assert "twice" in refused(twice)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped_files({"a/data.pkl": bytes(100_000)}, zipfile.ZIP_DEFLATED), "compressed"),
        (in_directory(8, b"\1"), "flags"),
        (in_directory(8, b"\x20"), "flags"),
        (in_directory(9, b"\x08"), "two names or kinds"),
        (in_directory(16, b"\1\2\3\4"), "two sizes"),
        (in_directory(20, b"\1\0\0\0", 1), "compressed"),
        (in_directory(42, b"\1\0\0\0"), "not where"),
        (in_directory(42, b"\xff\xff\xff\x7f", 2), "beyond its own end"),
        (in_directory(42, b"\0\0\0\0", 1), "two names"),
        (in_directory(30, b"\4\0"), "flags or fields"),
        (in_directory(34, b"\1\0"), "flags or fields"),
        (GOOD.replace(b"archive/data.pkl", b"archive/dxta.pkl", 1), "two names"),
        (GOOD.replace(b"PK\3\4", b"PK\3\5", 1), "not where"),
        (b"PK\3\4" + bytes(60) + GOOD, "contradicts"),
        (GOOD + b"more", "cut off"),
        (GOOD[:-1], "cut off"),
        (GOOD[:-40], "cut off"),
        (GOOD[:200], "cut off"),
        (GOOD[:-2] + b"\4\0", "contradicts"),
        (GOOD[:-12] + b"\xff\xff" + GOOD[-10:], "contradicts"),
        (with_second_end(GOOD, count=9), "end records differ"),
        (with_second_end(GOOD, start=9), "end records differ"),
        (with_second_end(GOOD, place=9), "end records differ"),
        (b"", "cut off"),
        (b"PK\5\6" + bytes(18), "no data.pkl"),
    ],
)
def test_what_contradicts_itself(data: bytes, said: str) -> None:
    assert said in refused(data)


def test_sizes_that_overlap_or_leave_a_gap() -> None:
    for change in (-1, 30):
        sizes = struct.pack("<II", len(PICKLE) + change, len(PICKLE) + change)
        data = GOOD[:18] + sizes + GOOD[26:]
        at = data.index(DIRECTORY)
        assert refused(data[: at + 20] + sizes + data[at + 28 :])


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_PICKLE", 10)
    assert "above the limit of 10" in refused(GOOD)
    monkeypatch.setattr(archive, "MOST_ENTRIES", 2)
    assert "3 entries, above the limit of 2" in refused(GOOD)


def test_a_changed_byte_of_a_storage_is_noticed_when_it_is_read() -> None:
    data = zipped(PICKLE, {"0": b"0123456789abcdef"}).replace(b"0123456789abcdef", b"0123456789abcdeX")
    found = gate(data)
    with pytest.raises(CheckpointError, match="checksum"):
        found.read(found.storages["0"])


def test_a_file_that_became_shorter() -> None:
    file = io.BytesIO(GOOD)
    found = archive.archive(file, len(GOOD))
    file.truncate(found.pickle.start + 2)
    with pytest.raises(CheckpointError, match="became shorter"):
        found.read(found.pickle)


PLACES = st.integers(0, len(GOOD) - 1)


@given(cut=st.integers(0, len(GOOD)), flips=st.lists(st.tuples(PLACES, st.integers(1, 255)), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_damage_is_refused_or_harmless(cut: int, flips: list[tuple[int, int]]) -> None:
    data = bytearray(with_second_end(GOOD))
    for place, bits in flips:
        data[place] ^= bits
    for each in (bytes(data), bytes(data[:cut])):
        with contextlib.suppress(CheckpointError):
            found = gate(each)
            for entry in (found.pickle, *found.storages.values()):
                assert len(found.read(entry)) == entry.size
