"""Columns survive a Parquet file, and a file that lies or is damaged is refused in one sentence."""

import io
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from yoloaudit.train.output import parquet as module
from yoloaudit.train.output.parquet import NotParquet, from_parquet, to_parquet

KINDS = {"n": "int32", "x": "float32"}


def file(texts: list[str], **numbers: Any) -> bytes:
    columns = {name: np.asarray(numbers.get(name, np.zeros(len(texts))), KINDS[name]) for name in KINDS}
    return to_parquet({"t": texts}, columns)


def foreign(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def why_not(data: bytes, most: int = 1000) -> str:
    with pytest.raises(NotParquet) as caught:
        from_parquet(data, ["t"], KINDS, most)
    return str(caught.value)


@given(st.lists(st.tuples(st.binary(max_size=8), st.integers(-(2**31), 2**31 - 1), st.floats(width=32)), max_size=30))
def test_columns_come_back(rows: list[tuple[bytes, int, float]]) -> None:
    texts = [row[0].decode("utf-8", "surrogateescape") for row in rows]
    numbers = np.array([row[1] for row in rows], np.int32), np.array([row[2] for row in rows], np.float32)
    found: dict[str, Any] = from_parquet(file(texts, n=numbers[0], x=numbers[1]), ["t"], KINDS, 1000)
    assert [found["t"][code] for code in found["t#"].tolist()] == texts
    np.testing.assert_array_equal(found["n"], numbers[0])
    np.testing.assert_array_equal(found["x"], numbers[1])
    assert found["x"].dtype == np.float32


def test_others_can_read_it() -> None:
    table = parquet.read_table(io.BytesIO(file(["a/ä.jpg", "b"], n=[1, 2]))).to_pydict()
    assert table["t"] == ["a/ä.jpg", "b"]
    assert table["n"] == [1, 2]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"t": ["a"], "n": [1]}, "no column 'x'"),
        ({"t": [1], "n": [1], "x": [1.0]}, "'t' that is not text"),
        ({"t": ["a"], "n": ["1"], "x": [1.0]}, "'n' of another type"),
        ({"t": ["a"], "n": [1.5], "x": [1.0]}, "'n' of another type"),
        ({"t": ["a"], "n": [[1]], "x": [1.0]}, "'n' of another type"),
        ({"t": [None], "n": [1], "x": [1.0]}, "'t' that is not text"),
        ({"t": [None, "a"], "n": [1, 2], "x": [1.0, 1.0]}, "without t"),
        ({"t": ["a", "b"], "n": [1, None], "x": [1.0, 1.0]}, "without n"),
        ({"t": ["a"] * 1001, "n": [1] * 1001, "x": [1.0] * 1001}, "1,001 rows, above the limit of 1,000"),
    ],
)
def test_files_of_another_kind_are_refused(columns: dict[str, Any], said: str) -> None:
    assert said in why_not(foreign(**columns))


def test_wider_numbers_of_others_are_taken() -> None:
    found = from_parquet(foreign(t=["a"], n=[7], x=[0.5]), ["t"], KINDS, 10)
    assert (found["n"][0], found["x"][0]) == (7, 0.5)


def test_what_unpacks_to_too_much_is_refused_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNPACKED", 100)
    assert "unpacked, above the limit of 100" in why_not(file(["a"] * 500))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 100, b"PAR1" + bytes(1000) + b"PAR1", b"x" * 5000])
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    assert why_not(data)


def test_flipped_and_cut_bytes_are_refused_or_harmless() -> None:
    whole = file([f"{number}.jpg" for number in range(50)], n=np.arange(50), x=np.arange(50))
    random = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(whole)
        for place in random.integers(0, len(whole), random.integers(1, 4)).tolist():
            changed[place] ^= int(random.integers(1, 256))
        cut = bytes(changed[: random.integers(0, len(whole))]) if random.random() < 0.2 else bytes(changed)
        try:
            found = from_parquet(cut, ["t"], KINDS, 1000)
        except NotParquet:
            continue
        assert len(found["n"]) == len(found["x"]) == len(found["t#"])
