"""The machine describes what a pickle says, runs nothing of it, and has a bound for everything it could cost."""

import gc
import pickle as python_pickle
import struct
import time
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_checkpoints import call, group, listing, name, number, pickle, plain, text
from yoloaudit.errors import CheckpointError
from yoloaudit.train.checkpoint import opcodes
from yoloaudit.train.checkpoint.inert import Record, Storage
from yoloaudit.train.checkpoint.opcodes import value_of

SYSTEM = name("os", "system")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 200), 1 << 200) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)


def run(body: bytes, protocol: int = 2) -> Any:
    return value_of(pickle(body, protocol), {"0": 16})


def refused(data: bytes) -> str:
    with pytest.raises(CheckpointError) as caught:
        value_of(data, {"0": 16})
    return str(caught.value)


@given(value=PLAIN, protocol=st.integers(2, 4))
@settings(max_examples=150, deadline=None)
def test_plain_values_come_out_as_python_pickled_them(value: Any, protocol: int) -> None:
    assert value_of(python_pickle.dumps(value, protocol), {}) == value


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_containers_of_newer_protocols(protocol: int) -> None:
    shared = [1]
    value = {"a": shared, "b": shared, "bytes": b"\x00\xff", "ordered": OrderedDict(x=1)}
    made = value_of(python_pickle.dumps(value, protocol), {})
    assert made["a"] is made["b"]
    assert made["ordered"] == {"x": 1}
    held = made["bytes"]
    assert held.arguments == ("\x00\xff", "latin1") if protocol == 2 else held == b"\x00\xff"
    made = value_of(python_pickle.dumps({1, 2}, protocol), {})
    assert isinstance(made, Record)
    assert sorted(made.arguments[0]) == [1, 2]


def test_a_list_may_hold_itself() -> None:
    made = run(b"]q\x00h\x00a")
    assert made[0] is made


class Evil:
    """Pickled with a call that Python would make."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> Any:
        return self.made


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("function", [eval, exec, print, getattr, __import__, python_pickle.loads, open])
def test_what_python_would_call_is_refused_at_every_protocol(function: Any, protocol: int) -> None:
    data = python_pickle.dumps({"model": Evil(function, "1")}, protocol)
    assert "refused" in refused(data) if protocol >= 2 else refused(data)


@pytest.mark.parametrize(
    "body",
    [
        call(SYSTEM, text("true")),
        text("os") + text("system") + b"\x93" + group(text("true")) + b"R",
        text("os") + text("path.os.system") + b"\x93)R",
        b"(" + text("true") + b"ios\nsystem\n",
        b"(" + SYSTEM + text("true") + b"o",
        SYSTEM + group(text("true")) + b"\x81",
        SYSTEM + group(text("true")) + b"}\x92",
        SYSTEM + b"q\x050h\x05" + group(text("true")) + b"R",
        name("models.yolo", "Model") + b")\x81}" + text("__setstate__") + SYSTEM + b"sb" + text("true") + b"b",
        name("models.yolo", "Model") + b")\x81}" + text("_forward_pre_hooks") + listing(SYSTEM) + b"sb",
        name("copyreg", "_reconstructor") + b")R",
        name("functools", "partial") + group(SYSTEM) + b"R",
        name("torch.hub", "load") + group(text("x")) + b"R",
        name("torch.storage", "_load_from_bytes") + group(text("x")) + b"R",
        name("torch", "load") + group(text("x")) + b"R",
        name("numpy", "load") + group(text("x")) + b"R",
        name("builtins", "eval"),
        name("__builtin__", "getattr"),
        name("models.common", "Conv.__init__.__globals__"),
        name("pathlib", "os.system"),
        b"c\n\n",
    ],
)
def test_every_form_of_a_call_is_refused(body: bytes) -> None:
    said = refused(pickle(body, 4))
    assert "pickle" in said
    assert "refused" in said


@pytest.mark.parametrize(
    "body",
    [
        name("models.common", "Conv") + group(number(1)) + b"R",
        name("models.common", "Conv") + group(number(1)) + b"\x81",
        name("collections", "OrderedDict") + group(listing()) + b"R",
        name("torch", "FloatStorage") + b")R",
        name("torch._utils", "_rebuild_parameter") + group(number(1), b"\x89", b"N") + b"R",
        name("torch._utils", "_rebuild_parameter") + group(number(1)) + b"R",
        name("numpy", "dtype") + group(text("O8")) + b"R",
        name("numpy", "dtype") + group(text("V8")) + b"R",
        name("numpy", "dtype") + b")R",
        name("pathlib", "PosixPath") + b")\x81",
        text("print") + group(text("x")) + b"R",
        name("builtins", "set") + b"]R",
        name("models.common", "Conv") + b")\x81" + number(1) + b"b",
        name("models.common", "Conv") + b")\x81}b}b",
        name("models.common", "Conv") + b"}b",
        b"]}b",
        b"}" + text("x") + b"b",
        name("pathlib", "PosixPath") + b")R(tb",
    ],
)
def test_known_names_do_only_what_checkpoints_do_with_them(body: bytes) -> None:
    assert refused(pickle(body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"R" * 4,
        b"0",
        b"a",
        b"Na",
        b"NNa",
        b"t",
        b"u",
        b"(u",
        b"}(Nu",
        b"N(NNu",
        b"](NN",
        b"h\x07",
        b"q\x00",
        b"\x94",
        b"NN",
        b"(N",
        b"Q",
        b"\x85",
        b"N\x86",
        b"NN\x87",
        b"\x81",
        b"b",
        b"\x93",
        b"\x90",
        b"(\x90",
        b"N(\x90",
        b"X\xff\xff\xff\xffab",
        b"\x8d" + struct.pack("<Q", 1 << 62) + b"x",
        b"B\xff\xff\xff\x7f",
        b"\x8b" + struct.pack("<i", (1 << 31) - 1),
        b"\x8b" + struct.pack("<i", -1),
        b"\x8a\xff" + bytes(255),
        b"Nr\xff\xff\xff\x7f",
        b"X\1\0\0\0\xff",
        b"cos",
        b"c" + b"a" * 500 + b"\nb\n",
        b"\x80\x02N",
        b"N.N",
        b"\x82\x01",
        b"\x83\x01\x01",
        b"\x96" + bytes(8),
        b"\x97",
        b"I1\n",
        b"S'a'\n",
        b"Va\n",
        b"F1\n",
        b"P0\n",
        b"g0\n",
        b"2",
        b"1",
        b"\xff",
    ],
)
def test_broken_and_unneeded_opcodes(body: bytes) -> None:
    assert "\n" not in refused(pickle(body))


ENDS = [b"", b"\x80", b"\x80\x63N.", b"\x80\x02", b"\x80\x02N", b"\x80\x01N.", b"\x80\x02N.."]


@pytest.mark.parametrize("data", ENDS)
def test_the_ends_of_a_pickle(data: bytes) -> None:
    assert refused(data)


KEYS = [b"N", b")", b"]", b"}", b"G" + bytes(8), plain(1 << 24), plain(-(1 << 90))]


@pytest.mark.parametrize("key", KEYS)
def test_keys_that_could_be_slow_to_compare_are_refused(key: bytes) -> None:
    assert "keys" in refused(pickle(b"}" + key + b"Ns"))


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nested more than 1,000" in refused(pickle(b"(" * 2000))
    assert run(b"(" * 999 + b"t" * 999)
    monkeypatch.setattr(opcodes, "MOST_STEPS", 1000)
    assert "more than 1,000 steps" in refused(pickle(b"N0" * 600))


def test_what_is_nested_deeply_is_freed_without_harm() -> None:
    module = name("models.yolo", "Model")
    assert type(run(b")" + b"\x85" * 300_000)) is tuple
    gc.collect()
    deeper = b"q\x010h\x00)\x81}\x8c\x01ah\x01sb"
    assert type(run(module + b"q\x000h\x00)\x81}b" + deeper * 60_000)) is Record
    gc.collect()


def test_doubling_costs_nothing() -> None:
    began = time.perf_counter()
    made = run(b"N" + b"q\x00h\x00\x86" * 5_000)
    assert type(made) is tuple
    assert time.perf_counter() - began < 1


STORAGE = group(text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"), number(4))


def test_a_storage_that_the_archive_holds() -> None:
    assert run(STORAGE + b"Q") == Storage("float32", 4, "0", 4)


@pytest.mark.parametrize(
    "identity",
    [
        number(5),
        group(),
        group(text("module"), *[number(1)] * 4),
        STORAGE.replace(b"FloatStorage", b"load"),
        STORAGE.replace(b"FloatStorage", b"DoubleStorage"),
        STORAGE.replace(text("0"), text("1")),
        STORAGE.replace(text("0"), text("../0")),
        STORAGE.replace(text("0"), number(0)),
        STORAGE.replace(number(4), number(-4)),
        STORAGE.replace(number(4), number(10**9)),
        STORAGE.replace(number(4), number(1 << 64)),
        STORAGE.replace(number(4), b"\x88"),
        STORAGE.replace(number(4), b"G" + struct.pack(">d", 4.0)),
        STORAGE.replace(name("torch", "FloatStorage"), text("FloatStorage")),
        STORAGE.replace(name("torch", "FloatStorage"), name("torch", "Size")),
        STORAGE.replace(text("cpu"), b"N"),
    ],
)
def test_a_storage_that_it_does_not_hold(identity: bytes) -> None:
    assert refused(pickle(identity + b"Q"))
