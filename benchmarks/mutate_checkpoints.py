"""Small checkpoints of every layout → changed ones, by changes that know opcodes, ZIP fields and headers."""

from __future__ import annotations

import contextlib
import json
import math
import pickletools
import random
import re
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from tests import example_checkpoints as write
from tests.example_checkpoints import Tensors, call, group, listing, mapping, name, number, plain, text
from yoloaudit.train.checkpoint import tensor_file

PICKLE, ZIP, TENSORS = "pickle", "zip", "safetensors"
AWKWARD = (0, 1, 2, 3, 7, 127, 128, 255, 256, 1000, 65535, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 40)
HUGE = (*AWKWARD, -1, -8, (1 << 62) - 1, 1 << 62, 1 << 63, -(1 << 63), 1 << 64, 1 << 200)
OPCODES = [bytes([code]) for code in b"(.01NRbsueatlQ)]}o2" + bytes(range(0x80, 0x98))]
WORDS_OF = {
    "os": "system",
    "posix": "system",
    "builtins": "eval getattr set bytes",
    "collections": "OrderedDict",
    "datetime": "date datetime",
    "models.common": "Conv C3 Focus eval",
    "models.yolo": "Model Detect DetectionModel",
    "numpy": "dtype ndarray",
    "numpy.core.multiarray": "scalar _reconstruct",
    "pathlib": "PosixPath WindowsPath",
    "torch": "FloatStorage HalfStorage BFloat16Storage BoolStorage Size device",
    "torch._utils": "_rebuild_tensor_v2 _rebuild_parameter _rebuild_qtensor",
    "_codecs": "encode",
}
NAMES = [name(module, word) for module, words in WORDS_OF.items() for word in words.split()]
WORDS = [
    *("", "storage", "model", "ema", "state_dict", "_parameters", "_buffers", "_modules", "names", "stride", "0", "1"),
    *("f8", "O8", "latin1", "cpu", "os", "system", "x" * 300, "\x1b[31m", "\ud800", "model.24.anchors"),
]
POOL = [
    *OPCODES,
    *map(number, HUGE),
    *map(text, WORDS),
    *NAMES,
    *(bytes([code, slot]) for code in b"qh" for slot in (0, 1, 5, 255)),
    *(struct.pack("<BI", code, slot) for code in b"rj" for slot in AWKWARD if slot < 1 << 32),
    *(struct.pack(">Bd", ord("G"), value) for value in (0.0, -1.5, float("nan"), float("inf"), 1e308)),
    *(b"\x8c\3abc", b"C\4abcd", b"\x8a\0", b"\x8b\0\0\0\0", b"B\2\0\0\0ab", b"\x95" + bytes(8), b"]q\x05h\x05a"),
    *(b"h\x01h\x01\x86", b"(" * 40, b"\x85" * 200, b"]" * 200 + b"a" * 199, write.tensor(), write.tensor(10**9)),
    write.tensor(4, 0, (1, 4), (1 << 60, 1)),
]
MARKS = re.compile(b"PK(?:\1\2|\3\4|\5\6|\6\6|\6\7)")


class Example(NamedTuple):
    """A checkpoint to change: its kind, its bytes, the storages that its pickle refers to, its pickle by opcodes."""

    kind: str
    data: bytes
    storages: dict[str, bytes]
    steps: tuple[bytes, ...] = ()


def examples() -> list[Example]:
    """One of each layout: models of two releases, state dictionaries, all plain values; in ZIPs too, safetensors."""
    made = []
    for size, stem, root in (("n", "Conv", "Model"), ("n6", "Focus", "DetectionModel")):
        tensors = Tensors()
        model = write.detector(tensors, size, 1, stem, root)
        pickled = write.pickle(mapping({"epoch": number(-1), "model": model, "ema": b"N", **plain_values()}))
        made.append(of_pickle(pickled, tensors.storages))
    tensors = Tensors("float32")
    body = mapping({f"model.24.m.{level}.weight": tensors.of(21, 4, 1, 1) for level in range(3)})
    body = body[:-1] + text("model.24.anchors") + tensors.of(3, 3, 2) + b"u"
    made.append(of_pickle(write.pickle(body), tensors.storages))
    views = {
        "a": write.tensor(),
        "b": write.tensor(8, 7, (), (), storage="BFloat16Storage"),
        "c": write.tensor(16, 0, (4, 4), (1, 4), storage="BoolStorage"),
        "d": write.tensor(2, 0, (0, 3), (3, 1), storage="LongStorage"),
    }
    made.append(of_pickle(write.pickle(mapping({"state_dict": mapping(views)}), 4), {"0": bytes(16)}))
    zips = [Example(ZIP, write.zipped(each.data, each.storages), each.storages, each.steps) for each in made]
    return [*made, *zips, Example(TENSORS, of_ours(), {})]


def of_ours() -> bytes:
    """A safetensors file with our own metadata."""
    shapes = {"model.24.anchors": (3, 3, 2), **{f"model.24.m.{level}.weight": (21, 1, 1, 1) for level in range(3)}}
    said = tensor_file.metadata(None, ["a", "b"], (8, 16, 32), np.zeros((3, 3, 2)), {"epochs": 3})
    head: dict[str, object] = {"__metadata__": said}
    end = 0
    for each, shape in shapes.items():
        start, end = end, end + 2 * math.prod(shape)
        head[each] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    return of_header(json.dumps(head).encode(), bytes(end))


def plain_values() -> dict[str, bytes]:
    """Each kind of value that is read beside tensors."""
    kind = call(name("numpy", "dtype"), text("f8"), b"\x89", b"\x88")
    kind += group(number(3), text("<"), b"N", b"N", b"N", number(-1), number(-1), number(0)) + b"b"
    packed = call(name("_codecs", "encode"), text("\0" * 8), text("latin1"))
    moment = call(name("_codecs", "encode"), text("\7æ\2\r\2'\25\7å\x84"), text("latin1"))
    path = call(name("pathlib", "PosixPath"), text("/"), text("a"))
    return {
        "best_fitness": call(name("numpy.core.multiarray", "scalar"), kind, packed),
        "opt": mapping({"path": path, "list": plain([1, 2.5, None])}),
        "date": call(name("datetime", "datetime"), moment),
        "set": call(name("builtins", "set"), listing(number(1))),
        "size": call(name("torch", "Size"), group(number(1), number(2))),
    }


def of_pickle(data: bytes, storages: dict[str, bytes]) -> Example:
    """A pickle cut into its opcodes, as far as they are any."""
    places = [0]
    with contextlib.suppress(ValueError, OverflowError, Warning):
        places += [place for _, _, place in pickletools.genops(data) if place]
    return Example(PICKLE, data, storages, tuple(map(data.__getitem__, map(slice, places, [*places[1:], None]))))


def of_header(header: bytes, body: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + body


def mutated(example: Example, others: Sequence[Example], rng: random.Random) -> Example:
    """The example with one to five changes; `others` lend their opcodes."""
    if example.kind == PICKLE:
        return example._replace(data=steps(example, others, rng))
    if example.kind == TENSORS:
        return example._replace(data=header(example.data, rng))
    if rng.random() < 0.3:
        return example._replace(data=write.zipped(steps(example, others, rng), example.storages))
    return example._replace(data=fields(example.data, rng))


def steps(example: Example, others: Sequence[Example], rng: random.Random) -> bytes:
    """A pickle with some of its opcodes changed."""
    made = list(example.steps)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        rng.choice(CHANGES)(made, rng.choice(others).steps, rng)
    data = b"".join(made)
    return raw(data, rng) if rng.random() < 0.1 else data


def _drop(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(made) + 1)
    del made[at : at + rng.choice((1, 1, 1, 2, 5, 50))]


def _repeat(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(made) + 1)
    made[at:at] = made[at : at + rng.choice((1, 1, 2, 5, 20))] * rng.choice((1, 1, 2, 30))


def _swap(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    if made:
        first, second = rng.randrange(len(made)), rng.randrange(len(made))
        made[first], made[second] = made[second], made[first]


def _insert(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    made.insert(rng.randrange(len(made) + 1), rng.choice(POOL))


def _replace(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    if made:
        made[rng.randrange(len(made))] = rng.choice(POOL)


def _renumber(made: list[bytes], _: Sequence[bytes], rng: random.Random) -> None:
    """Another number where there is one: sizes, strides, offsets, counts."""
    places = [at for at, step in enumerate(made) if step[:1] in (b"J", b"K", b"M", b"\x8a")]
    if places:
        made[rng.choice(places)] = number(rng.choice(HUGE))


def _alike(made: list[bytes], other: Sequence[bytes], rng: random.Random) -> None:
    """Another opcode of the same kind, so that the pickle stays whole: a number, text or name for another."""
    if not made:
        return
    at = rng.randrange(len(made))
    kind = KINDS.get(made[at][:1], made[at][:1])
    fits = [step for step in (*POOL, *other[:200]) if KINDS.get(step[:1], step[:1]) == kind and len(step) < 400]
    if fits:
        made[at] = rng.choice(fits)


def _graft(made: list[bytes], other: Sequence[bytes], rng: random.Random) -> None:
    if other:
        start, at = rng.randrange(len(other)), rng.randrange(len(made) + 1)
        made[at:at] = other[start : start + rng.choice((1, 3, 10, 100))]


Change = Callable[[list[bytes], Sequence[bytes], random.Random], None]
CHANGES: tuple[Change, ...] = (_drop, _repeat, _swap, _insert, _replace, _graft, *(_renumber, _alike) * 4)
KINDS = {bytes([code]): kind for kind in (b"JKMG\x8a\x8bN\x88\x89", b"X\x8c\x8d", b"hj", b"qr") for code in kind}
"""Opcodes that can stand for each other."""


def fields(data: bytes, rng: random.Random) -> bytes:
    """A ZIP with fields of its headers changed, or other bytes."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = [found.start() for found in MARKS.finditer(made)] if rng.random() < 0.7 else []
        if not places:
            made = bytearray(raw(bytes(made), rng))
            continue
        at = rng.choice(places) + rng.randrange(4, 46)
        size = rng.choice("BHI")
        value = rng.choice((rng.choice(AWKWARD), len(made), rng.choice(places)))
        made[at : at + struct.calcsize(size)] = struct.pack("<" + size, value & (256 ** struct.calcsize(size) - 1))
    return bytes(made)


def header(data: bytes, rng: random.Random) -> bytes:
    """A safetensors file with its header changed, its length mostly told as it is."""
    length = int.from_bytes(data[:8], "little")
    told, body = data[8 : 8 + length], data[8 + length :]
    for _ in range(rng.randint(1, 4)):
        words = rng.choice(JSON), rng.choice(JSON)
        told = rng.choice((partial(told.replace, *words, 1), partial(raw, told, rng)))()
    body = body[: rng.choice((len(body), len(body), 0, 4))] + bytes(rng.choice((0, 0, 0, 1, 8)))
    made = of_header(told, body)
    return made if rng.random() < 0.8 else struct.pack("<Q", rng.choice(AWKWARD)) + made[8:]


JSON = [
    *rb"""0 1 2 8 10 -1 4294967296 1e400 NaN null [] {} [ ] { } , : " "a" "b" "n" "F32" "BF16" "BOOL" "U64" """.split(),
    *rb""" "shape" "dtype" "data_offsets" "__metadata__" "yoloaudit" "size" "names" """.split(),
    *(b"\0", b"\xff", b"[" * 70, b"9" * 60),
]


def raw(data: bytes, rng: random.Random) -> bytes:
    """Bytes flipped, cut, added or moved, whatever they mean."""
    made, at = bytearray(data), rng.randrange(len(data) + 1)
    kind = rng.randrange(5)
    if kind == 0:
        return data[:at]
    if kind == 1:
        made[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
    elif kind == 2:
        del made[at : at + rng.choice((1, 2, 8, 100))]
    elif kind == 3:
        made[at:at] = made[at : at + rng.choice((1, 30, 300))]
    else:
        for _ in range(rng.choice((1, 1, 3, 10))):
            if made:
                made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return bytes(made)
