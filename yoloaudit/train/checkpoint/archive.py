"""The file gate: a .pt file → where its pickle and its storages lie, for the ZIP that `torch.save` writes and no other.

The directory at the end is read once and believed only where the file agrees with it: one root, known names, nothing
compressed, encrypted or overlapping, no byte that belongs to nothing. Raises CheckpointError; its text says what the
file "is" or "holds", and the caller puts the file's name before it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yoloaudit.errors import CheckpointError

MOST_PICKLE = 64 << 20
"""Bytes of data.pkl: yolov5x6 has 1 MB."""
MOST_ENTRIES = 20_000
MOST_DIRECTORY = 4 << 20
SMALL_ENTRY = 64
"""Bytes of what is neither the pickle nor a storage, where it is read at all."""
END = struct.Struct("<4s4H2IH")
END_64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR = struct.Struct("<4sIQI")
HEADER = struct.Struct("<4s6H3I5H2I")
LOCAL = struct.Struct("<4s5H3I2H")
ALLOWED_FLAGS = 0x0808
"""Sizes follow the data; the name is UTF-8. torch sets both."""
SIZES_FOLLOW = 0x0008
NO_GAP: tuple[int, ...] = (0,)
DESCRIPTORS = (12, 16, 20, 24)
"""Bytes that lie between the data of an entry and the next one where sizes follow."""
NAMES = re.compile(
    rb"(?P<root>[^/\\\0]{1,255})/(?:(?P<pickle>data\.pkl)|data/(?P<storage>[0-9]{1,9})|(?P<order>byteorder)|version"
    rb"|\.format_version|\.storage_alignment|\.data/[^/\\\0]{1,64})"
)
SCRIPT = re.compile(rb"[^/]+/(?:constants\.pkl|code/.*)", re.DOTALL)
INNER = re.compile(rb"[^\0]+\.(?:pt|pth|safetensors)", re.IGNORECASE)


class Entry(NamedTuple):
    """Where the bytes of an entry lie in the file, and their checksum."""

    start: int
    size: int
    checksum: int


class Listed(NamedTuple):
    """An entry as the directory lists it."""

    name: bytes
    flags: int
    checksum: int
    size: int
    offset: int


@dataclass(frozen=True)
class Archive:
    """A file that passed the gate."""

    file: BinaryIO
    pickle: Entry
    storages: Mapping[str, Entry]
    """By the decimal number that the pickle knows them by."""
    summed: bool
    """Whether checksums were written; torch can be told not to."""

    def read(self, entry: Entry) -> NDArray[np.uint8]:
        """The bytes of an entry; CheckpointError where they are not those that were written."""
        data = np.empty(entry.size, np.uint8)
        view, at = data.data, 0
        self.file.seek(entry.start)
        while at < entry.size and (count := self.file.readinto(view[at:])):  # type: ignore[attr-defined]  # BinaryIO lacks it
            at += count
        if at < entry.size:
            raise CheckpointError("became shorter while it was read")
        if self.summed and zlib.crc32(view) != entry.checksum:
            raise CheckpointError("is damaged: a checksum in the ZIP does not fit its data. Copy or download it again")
        return data


def corrupt(why: str) -> CheckpointError:
    """The error of a ZIP that contradicts itself."""
    return CheckpointError(f"is a corrupt ZIP: {why}. Copy or download it again")


def archive(file: BinaryIO, size: int) -> Archive:
    """Read the directory of a ZIP of `size` bytes and hold it against the file; raises CheckpointError."""
    listed, end = _directory(file, size)
    _refuse_other_kinds([each.name for each in listed])
    places = _places(file, listed, end)
    pickle: Entry | None = None
    storages: dict[str, Entry] = {}
    roots: set[bytes] = set()
    gate = Archive(file, Entry(0, 0, 0), storages, any(each.checksum for each in listed))
    for name, entry in places.items():
        match = NAMES.fullmatch(name)
        if match is None:
            raise CheckpointError(f"is a ZIP that holds {_shown(name)}, which is no part of a checkpoint of torch.save")
        roots.add(match["root"])
        if match["pickle"]:
            pickle = entry
        elif match["storage"]:
            storages[match["storage"].decode("ascii")] = entry
        elif match["order"]:
            _refuse_order(gate, entry)
    if pickle is None or len(roots) != 1:
        raise CheckpointError("is a ZIP, but no checkpoint: it needs one folder with one data.pkl in it")
    if pickle.size > MOST_PICKLE:
        raise CheckpointError(f"has a data.pkl of {pickle.size:,} bytes, above the limit of {MOST_PICKLE:,}")
    return Archive(file, pickle, storages, gate.summed)


def _directory(file: BinaryIO, size: int) -> tuple[list[Listed], int]:
    """The entries as listed, and where the directory begins."""
    tail = _at(file, size - END.size, END.size) if size >= END.size else b""
    if not tail.startswith(b"PK\5\6"):
        raise CheckpointError(
            "is damaged: a ZIP ends with its directory, and this was cut off or added to. Copy it again"
        )
    _, disk, first_disk, count, whole, length, start, comment = END.unpack(tail)
    after = _end_of_directory(file, size - END.size, (count, length, start))
    if disk or first_disk or comment or count != whole or start + length != after:
        raise CheckpointError("is damaged: the end of its ZIP directory contradicts itself")
    if count > MOST_ENTRIES or length > MOST_DIRECTORY:
        raise CheckpointError(f"is a ZIP of {count:,} entries, above the limit of {MOST_ENTRIES:,} for checkpoints")
    listed = list(_listed(_at(file, start, length)))
    if len(listed) != count or len({each.name for each in listed}) != count:
        raise corrupt("its directory lists a name twice, or not as many as it says")
    return listed, start


def _end_of_directory(file: BinaryIO, end: int, said: tuple[int, int, int]) -> int:
    """Where the directory has to end; the second end record that torch writes must say what the first one says."""
    raw = _at(file, end - LOCATOR.size, LOCATOR.size) if end >= LOCATOR.size + END_64.size else b""
    if not raw.startswith(b"PK\6\7"):
        return end
    place = end - LOCATOR.size - END_64.size
    _, disk, offset, disks = LOCATOR.unpack(raw)
    mark, length, _, _, number, first, *counts = END_64.unpack(_at(file, place, END_64.size))
    told = (counts[1], counts[2], counts[3])
    if mark != b"PK\6\6" or offset != place or length != END_64.size - 12 or told != said or counts[0] != counts[1]:
        raise corrupt("its two end records differ")
    if disk or disks > 1 or number or first:
        raise CheckpointError("is one part of a split ZIP: name the whole file")
    return place


def _listed(directory: bytes) -> Iterator[Listed]:
    at = 0
    while at < len(directory):
        if len(directory) - at < HEADER.size or not directory.startswith(b"PK\1\2", at):
            raise corrupt("its directory cannot be read")
        fields = HEADER.unpack_from(directory, at)
        flags, method, checksum, packed, size, length, extra, comment, disk = (*fields[3:5], *fields[7:14])
        offset = fields[16]
        name = directory[at + HEADER.size : at + HEADER.size + length]
        if flags & ~ALLOWED_FLAGS or extra or comment or disk:
            raise CheckpointError(f"is a ZIP with flags or fields at {_shown(name)} that torch.save does not write")
        if (method or packed != size) and not SCRIPT.fullmatch(name):
            raise CheckpointError(f"is a ZIP in which {_shown(name)} is compressed: torch.save compresses nothing")
        yield Listed(name, flags, checksum, size, offset)
        at += HEADER.size + length


def _places(file: BinaryIO, listed: list[Listed], end: int) -> dict[bytes, Entry]:
    """Where each entry's data lie; the header before them must say the same, and nothing may overlap."""
    places = {}
    at, gaps = 0, NO_GAP
    for each in sorted(listed, key=lambda entry: entry.offset):
        raw = _at(file, each.offset, LOCAL.size + len(each.name))
        if not raw.startswith(b"PK\3\4"):
            raise corrupt(f"{_shown(each.name)} is not where its directory says")
        _, _, flags, method, _, _, checksum, packed, size, length, extra = LOCAL.unpack_from(raw)
        follow = flags & SIZES_FOLLOW and not (checksum or packed or size)
        same = (checksum, packed, size) == (each.checksum, each.size, each.size)
        if flags != each.flags or method or length != len(each.name) or raw[LOCAL.size :] != each.name:
            raise corrupt(f"{_shown(each.name)} has two names or kinds in it")
        if not (follow or same):
            raise corrupt(f"{_shown(each.name)} has two sizes in it")
        start = each.offset + LOCAL.size + length + extra
        if each.offset - at not in gaps:
            raise corrupt(f"{_shown(each.name)} overlaps another entry or leaves a gap")
        at, gaps = start + each.size, DESCRIPTORS if flags & SIZES_FOLLOW else NO_GAP
        places[each.name] = Entry(start, each.size, each.checksum)
    if end - at not in gaps:
        raise corrupt("its entries do not end where its directory begins")
    return places


def _refuse_other_kinds(names: list[bytes]) -> None:
    """ZIPs that are something else, by name."""
    if any(SCRIPT.fullmatch(name) for name in names):
        raise CheckpointError("is TorchScript, an export that holds code. Name the checkpoint it was exported from")
    if not any(name.endswith(b"/data.pkl") for name in names):
        inner = next((name for name in names if INNER.fullmatch(name)), None)
        advice = f": it holds {_shown(inner)}. Unpack it" if inner else ": it holds no data.pkl"
        raise CheckpointError(f"is a ZIP, but no checkpoint of torch.save{advice}")


def _refuse_order(gate: Archive, entry: Entry) -> None:
    if entry.size > SMALL_ENTRY or gate.read(entry).tobytes() != b"little":
        raise CheckpointError("holds storages that are not little-endian. Save it again on another machine")


def _at(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    raw = file.read(length)
    if len(raw) < length:
        raise corrupt("it points beyond its own end")
    return raw


def _shown(name: bytes) -> str:
    return ascii(name[:80].decode("utf-8", "replace"))
