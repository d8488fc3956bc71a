"""Records become texts, numbers and lists; what is none is left out, and no record can make that long."""

import datetime
import pathlib
import pickle
import time
from typing import Any

import numpy as np
import pytest

from yoloaudit.train.checkpoint import plain as module
from yoloaudit.train.checkpoint.inert import Record, named
from yoloaudit.train.checkpoint.opcodes import value_of
from yoloaudit.train.checkpoint.plain import plain

DAY = datetime.date(2022, 2, 13)
MOMENT = datetime.datetime(2022, 2, 13, 2, 39, 21, 517428)


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 2.5, None, True, "x", (1, 2)], 3: "c"}, {"a": [1, 2.5, None, True, "x", [1, 2]], "3": "c"}),
        (float("nan"), None),
        (float("inf"), None),
        (1 << 80, str(1 << 80)),
        ({1}, [1]),
        (DAY, "2022-02-13"),
        (MOMENT, "2022-02-13T02:39:21.517428"),
        (pathlib.PurePosixPath("/data/coco/x.yaml"), "/data/coco/x.yaml"),
        (pathlib.PureWindowsPath("C:/data/x"), "C:\\data\\x"),
        (np.float64(0.25), 0.25),
        (np.float32(0.25), 0.25),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.array([0.5, 0.25]), [0.5, 0.25]),
        (np.array([[1, 2]], np.int32), [1, 2]),
        (np.array([1.0, np.nan]), [1.0, None]),
        (np.array([], np.float32), None),
        (np.arange(1000.0), None),
        (b"bytes", None),
    ],
)
def test_what_python_pickled(value: Any, expected: Any, protocol: int) -> None:
    assert plain(value_of(pickle.dumps(value, protocol), {})) == expected


def record(module: str, name: str, *arguments: Any, state: Any = None) -> Record:
    made = Record(named(module, name), arguments)
    made.state = state
    return made


FLOAT = record("numpy", "dtype", "f8", state=(3, "<", None))
BIG = record("numpy", "dtype", "f8", state=(3, ">", None))
ARRAY = ("numpy.core.multiarray", "_reconstruct")
SCALAR = ("numpy.core.multiarray", "scalar")
ENCODED = record("_codecs", "encode", "\0" * 8, "latin1")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (record("torch", "Size", (1, 2)), [1, 2]),
        (record("torch", "device", "cuda", 0), "cuda:0"),
        (record("torch", "Size"), None),
        (record("builtins", "set"), []),
        (record(*SCALAR, FLOAT, ENCODED), 0.0),
        (record(*SCALAR, BIG, ENCODED), None),
        (record(*SCALAR, FLOAT, b"\0"), None),
        (record(*SCALAR, FLOAT, record("_codecs", "encode", "\0" * 8, "utf-16")), None),
        (record(*SCALAR, FLOAT, record("_codecs", "encode", "☃" * 8, "latin1")), None),
        (record(*SCALAR, ENCODED, ENCODED), None),
        (record(*SCALAR), None),
        (record(*ARRAY, state=(1, (1,), FLOAT, False, ENCODED)), [0.0]),
        (record(*ARRAY, state=(1, (1,), FLOAT)), None),
        (record(*ARRAY), None),
        (record("datetime", "date", b"\0\0\0\0"), None),
        (record("datetime", "date", b"\1"), None),
        (record("datetime", "datetime", b"\7\xe6\2\x1e\0\0\0\0\0\0"), None),
        (record("datetime", "datetime", b"\7\xe6\2\1\0\0\0\xff\xff\xff"), None),
        (record("datetime", "datetime"), None),
        (record("pathlib", "PosixPath", 1), None),
        (record("pathlib", "PosixPath", *["a"] * 1000), None),
        (record("models.common", "Conv"), None),
        (named("models.common", "Conv"), None),
    ],
)
def test_records_that_are_odd_or_broken(held: Any, expected: Any) -> None:
    assert plain(held) == expected


def test_what_has_no_plain_value_is_left_out_of_what_holds_it() -> None:
    conv = record("models.common", "Conv")
    assert plain({"a": conv, "b": [conv, 1], "c": None}) == {"b": [1], "c": None}


def test_bounds() -> None:
    long = "x" * 100_000
    assert len(plain(long)) == module.MOST_TEXT
    assert len(plain(record("pathlib", "PosixPath", long))) <= module.MOST_TEXT
    assert all(len(key) <= module.MOST_TEXT for key in plain({long: 1}))
    assert len(plain(list(range(1_000_000)))) == module.MOST_VALUES - 1
    assert plain(list(range(10)), 4) == [0, 1, 2]
    assert plain(1, 0) is None


def test_what_holds_itself_or_doubles_ends() -> None:
    began = time.perf_counter()
    ring: list[Any] = [1]
    ring.append(ring)
    assert plain(ring)[0] == 1
    own = record("builtins", "set")
    own.arguments = (own,)
    plain(own)
    twice: Any = [0] * 100_000
    for _ in range(30):
        twice = [twice, twice]
    plain(twice)
    plain({"a": [twice] * 100_000})
    assert time.perf_counter() - began < 1
