"""Safetensors are read within bounds, lies in the header are refused, and our own metadata must fit the tensors."""

import builtins
import json
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.example_checkpoints import tensors_of
from yoloaudit.errors import CheckpointError, MissingPackage
from yoloaudit.train.checkpoint import tensor_file
from yoloaudit.train.checkpoint.tensor_file import looks_like, metadata, read

save = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed").save
ONE = {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
ANCHORS = np.arange(1, 19, dtype=np.float32).reshape(3, 3, 2)
STATE: dict[str, NDArray[Any]] = {
    **tensors_of("n"),
    "model.24.anchors": (ANCHORS / np.array([8, 16, 32])[:, None, None]).astype(np.float16),
}


def written(header: dict[str, Any] | bytes, body: bytes = b"", length: int | None = None) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + body


def refused(data: bytes) -> str:
    with pytest.raises(CheckpointError) as caught:
        read(data)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    return str(caught.value)


def ours(**changes: str | None) -> bytes:
    said = metadata("n", ["a", "b", "c"], (8, 16, 32), ANCHORS, {"epochs": 3})
    kept = {key: value for key, value in {**said, **changes}.items() if value is not None}
    made: bytes = save(STATE, kept)
    return made


def test_a_file_of_anybody() -> None:
    made = read(save(STATE, {"format": "pt"}))
    assert (made.layout, made.size, made.version, made.classes, made.names) == (
        "safetensors",
        "n",
        "v6.0 or later",
        3,
        (),
    )
    assert {name: array.tolist() for name, array in made.state.items()} == {
        name: array.tolist() for name, array in STATE.items()
    }
    assert all(array.flags.writeable for array in made.state.values())


def test_a_file_of_ours() -> None:
    made = read(ours())
    assert (made.layout, made.size, made.names, made.settings) == ("yoloaudit", "n", ("a", "b", "c"), {"epochs": 3})
    assert made.anchors is not None
    assert made.anchors.tolist() == ANCHORS.tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"yoloaudit": "2"}, "later yoloaudit"),
        ({"yoloaudit": "\x1b[31m"}, "later yoloaudit"),
        ({"size": '"s"'}, "not of the same model"),
        ({"size": None}, "not of the same model"),
        ({"names": '["a"]'}, "not of the same model"),
        ({"names": '["a", "b", 3]'}, "not of the same model"),
        ({"names": '{"0": "a"}'}, "not of the same model"),
        ({"names": "[1"}, "not valid JSON"),
        ({"names": ""}, "is empty"),
        ({"names": "[" * 100}, "deep"),
        ({"strides": "[8, 16]"}, "not of the same model"),
        ({"strides": '[8, 16, "32"]'}, "not of the same model"),
        ({"strides": "8"}, "not of the same model"),
        ({"anchors": "[[[1, 2]]]"}, "not of the same model"),
        ({"anchors": "[[1, 2], [3]]"}, "not of the same model"),
        ({"anchors": json.dumps((ANCHORS * 2).tolist())}, "not of the same model"),
        ({"anchors": json.dumps((ANCHORS * np.nan).tolist())}, "not of the same model"),
        ({"anchors": '"x"'}, "not of the same model"),
        ({"anchors": json.dumps((ANCHORS.astype(float) * 1e300).tolist())}, "not of the same model"),
        ({"settings": "[]"}, "not of the same model"),
        ({"settings": '{"a": 1, "a": 2}'}, "twice"),
    ],
)
def test_metadata_that_do_not_fit(change: dict[str, str | None], said: str) -> None:
    assert said in refused(ours(**change))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1234567",
        written(ONE, bytes(4), 1 << 63),
        written(b"{}", b"", 100_000_000),
        written(b"", bytes(20)),
        written(b"[]", bytes(4)),
        written(b"1", bytes(4)),
        written(b"{", bytes(4)),
        written(b"\xff\xfe{}", bytes(4)),
        written(ONE, bytes(3)),
        written(ONE, bytes(5)),
        written(ONE | {"b": ONE["a"]}, bytes(4)),
        written({"a": ONE["a"] | {"data_offsets": [-4, 0]}}, bytes(4)),
        written({"a": ONE["a"] | {"data_offsets": [4, 0]}}, bytes(4)),
        written({"a": ONE["a"] | {"data_offsets": [0]}}, bytes(4)),
        written({"a": ONE["a"] | {"data_offsets": [0, 4096]}}, bytes(4)),
        written({"a": ONE["a"] | {"data_offsets": [8, 12]}}, bytes(12)),
        written({"a": ONE["a"] | {"shape": [4194305, 4194305, 211106198978564]}}, bytes(16)),
        written({"a": ONE["a"] | {"shape": [2]}}, bytes(4)),
        written({"a": ONE["a"] | {"shape": [-1]}}, bytes(4)),
        written({"a": ONE["a"] | {"shape": "x"}}, bytes(4)),
        written({"a": ONE["a"] | {"shape": [1] * 30}}, bytes(4)),
        written({"a": ONE["a"] | {"dtype": "OBJ"}}, bytes(4)),
        written({"a": ONE["a"] | {"dtype": "U32"}}, bytes(4)),
        written({"a": ONE["a"] | {"dtype": "\x7fF32\x1b\u202e"}}, bytes(4)),
        written({"a": ONE["a"] | {"dtype": "F8_E4M3", "data_offsets": [0, 1]}}, bytes(1)),
        written({"a": {}}, bytes(4)),
        written({"a" * 100_000: ONE["a"] | {"data_offsets": [0, 4096]}}, bytes(4)),
        written({"a": None}, bytes(4)),
        written(ONE | {"__metadata__": 1}, bytes(4)),
        written(ONE | {"__metadata__": {"a": 1}}, bytes(4)),
        written(b'{"a":1,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
        written(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', bytes(4)),
        written(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        written(b'{"\x1b[31m\\n::error::":' + json.dumps(ONE["a"] | {"dtype": "OBJ"}).encode() + b"}", bytes(4)),
    ],
)
def test_lies_in_the_header(data: bytes) -> None:
    assert "corrupt" in refused(data) or "no detector has" in refused(data)


def test_types() -> None:
    bits = (np.array([1.5, -2], np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    header = {"b": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    header |= {"c": {"dtype": "BOOL", "shape": [], "data_offsets": [4, 5]}}
    made = read(written(header, bits + b"\1")).state
    assert (made["b"].tolist(), str(made["b"].dtype)) == ([1.5, -2.0], "float32")
    assert made["c"].tolist() is True


def test_what_looks_like_one() -> None:
    good = written(ONE, bytes(4))
    assert looks_like(good, len(good))
    assert not looks_like(good, 10)
    assert not looks_like(good[:8], 8)
    assert not looks_like(written(b"[]"), 10)
    assert not looks_like(b"PK\3\4" + bytes(20), 24)


def test_a_header_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensor_file, "MOST_HEADER", 10)
    assert "header" in refused(written(ONE, bytes(4)))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name == "safetensors":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingPackage, match="pip install"):
        read(written(ONE, bytes(4)))
