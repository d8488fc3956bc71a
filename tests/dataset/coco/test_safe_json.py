"""JSON within bounds: what is read, and what is refused with which words."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.dataset.coco.safe_json import JsonRefused, read_json, shown

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_reads_what_json_reads(value: object) -> None:
    text = json.dumps([value]).encode()
    assert read_json(text, 1000).value == json.loads(text)


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (b"", "is empty", 1),
        (b" \n ", "is empty", 1),
        (b'{"a": 1,\n "b": }', "is not valid JSON: Expecting value (column 7)", 2),
        (b"[" * 100_000, "nested more than 64 levels", 1),
        (b'{"a":' * 100_000, "nested more than 64 levels", 1),
        (b'["]]]]",' * 100_000, "nested more than 64 levels", 1),
        (b"[" + b"9" * 41 + b"]", "integer of 41 digits", 1),
        (b"[" + b"9" * 5000 + b"]", "integer of 5,000 digits", 1),
        ("[1]".encode("utf-16"), "UTF-16 or binary", 1),
        (b"[1, \0]", "NUL", 1),
        (b'["\n\xff"]', "is not UTF-8, so no JSON: byte 0xff", 2),
        (b"[" + b"[]," * 200_000 + b"[]]", "200,002 lists and objects, above the limit of 200,000", 1),
        (b"[" + b"1," * 2_000_000 + b"1]", "2,000,000 values, above the limit of 1,600,000", 1),
        (b"[1] [2]", "is not valid JSON: Extra data", 1),
    ],
)
def test_refused(data: bytes, words: str, line: int) -> None:
    began = time.process_time()
    with pytest.raises(JsonRefused) as caught:
        read_json(data, 200_000)
    assert words in str(caught.value)
    assert caught.value.line == line
    assert time.process_time() - began < 1


def test_bounds_that_hold() -> None:
    assert read_json(b"\xef\xbb\xbf[1]", 1).value == [1]
    assert read_json(b"[" * 64 + b"]" * 64, 64).value
    assert read_json(b"[" + b"9" * 40 + b"]", 1).value == [int("9" * 40)]
    assert read_json(b'["' + b"9" * 500 + b'", 0.' + b"1" * 60 + b"]", 1).value[0] == "9" * 500


def test_repeated_keys_are_told() -> None:
    document = read_json(b'{"a": 1, "a": 2, "b": {"c": 1, "c": 1}}', 10)
    assert document.value == {"a": 2, "b": {"c": 1}}
    assert set(document.repeated) == {"a", "c"}


def test_shown_on_one_line() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "…"
    assert shown({"a": "x\ny"}) == '{"a":"x\\ny"}'
    assert len(shown("x" * 1000)) == 200
