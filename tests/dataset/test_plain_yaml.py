"""YAML as data sets need it: typed as YAML 1.1 has it, lines kept, everything else refused quickly."""

import math
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.dataset import plain_yaml
from yoloaudit.dataset.plain_yaml import YamlRefused, read_yaml, typed

NEST = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


def refused(data: bytes) -> YamlRefused:
    with pytest.raises(YamlRefused) as caught:
        read_yaml(data)
    return caught.value


def line_of_refusal(data: bytes) -> int:
    try:
        read_yaml(data)
    except YamlRefused as error:
        return error.line
    return 1


def test_entries_keep_their_lines() -> None:
    entries = read_yaml(b"# pets\ntrain:\n- a\n- b\nnames:\n  0: cat\n  1: dog\nnc: 2\n").entries
    assert entries["train"].value == ["a", "b"]
    assert (entries["train"].line, entries["train"].lines) == (2, (3, 4))
    assert entries["names"].value == {0: "cat", 1: "dog"}
    assert entries["names"].lines == (6, 7)
    assert (entries["nc"].value, entries["nc"].line) == (2, 8)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("", None), ("~", None), ("Null", None), ("yes", True), ("OFF", False), ("y", "y"), ("nO", "nO")),
        *(
            ("12", 12),
            ("-0", 0),
            ("1_000", 1000),
            ("010", 8),
            ("0x1F", 31),
            ("-0b11", -3),
            ("0o7", "0o7"),
            ("08", "08"),
        ),
        *(("1.5", 1.5), (".5", 0.5), ("1e3", "1e3"), ("1.0e+3", 1000.0), ("-.inf", -math.inf)),
        *(
            ("2024-01-01", "2024-01-01"),
            ("2001-99-99", "2001-99-99"),
            ("<<", "<<"),
            ("1:30", "1:30"),
            ("9" * 60, "9" * 60),
        ),
    ],
)
def test_scalars_are_typed(text: str, value: Any) -> None:
    assert typed(text) == value
    assert type(typed(text)) is type(value)


def test_not_a_number_is_a_number() -> None:
    assert math.isnan(typed(".NaN"))


@given(st.one_of(st.integers(-(10**39), 10**39), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_what_yaml_writes_is_read_back(value: Any) -> None:
    assert read_yaml(yaml.safe_dump({"a": value}).encode()).entries["a"].value == value


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))))
def test_texts_are_read_back(values: dict[str, str]) -> None:
    data = yaml.safe_dump(values, allow_unicode=True, default_style='"').encode()
    assert {key: entry.value for key, entry in read_yaml(data).entries.items()} == values


def test_quoted_scalars_stay_text() -> None:
    assert read_yaml(b"names: ['0', \"yes\", no]\n").entries["names"].value == ["0", "yes", False]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert list(read_yaml(b"\xef\xbb\xbftrain: a\n").entries) == ["train"]


def test_the_last_of_two_keys_counts_and_is_told() -> None:
    document = read_yaml(b"train: a\nnames: {0: x, 0: y}\ntrain: b\n")
    assert document.entries["train"].value == "b"
    assert document.entries["names"].value == {0: "y"}
    assert document.repeated == (("names.0", 2), ("train", 3))


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("", "is empty", 1),
        ("# nothing\n", "is empty", 1),
        ("- a\n- b\n", "is a list", 1),
        ("just words\n", "is a single value", 1),
        ("a: 1\n---\nb: 1\n", "several YAML documents", 2),
        ('a: 1\nb: "abc\n', "not valid YAML", 2),
        ("a: 1\n b: 2\n", "not valid YAML", 2),
        ("a: [1\nb: 2\n", "not valid YAML", 2),
        ("x: !!python/module:antigravity\n", "tag", 1),
        ("a: 1\nnc: !!int abc\n", "tag", 2),
        ("a: !local b\n", "tag", 1),
        ("%TAG ! tag:x,2000:\n---\na: !b c\n", "tag", 3),
        ("a: &n [1]\n", "anchor", 1),
        ("a: 1\nb: *n\n", "alias", 2),
        ("a: &n [cat, *n]\n", "anchor", 1),
        ("a: 1\n<<: {b: 1}\n", "merge key", 2),
        ("? [a, b]\n: 1\n", "as a key", 1),
        ("a: " + "[" * 30 + "]" * 30, "more than 20 levels", 1),
        ("a: [" + "x," * 10_001 + "]\n", "more than 10,000 values", 1),
        ("a: \x07\n", "not valid YAML", 1),
    ],
)
def test_all_else_is_refused_with_a_reason_and_a_line(text: str, why: str, line: int) -> None:
    error = refused(text.encode())
    assert why in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    ("data", "why", "line"),
    [
        (b"a: 1\nb: \xe9\n", "is not UTF-8: byte 0xe9", 2),
        (b"a: 1\nb: \x00\n", "holds NUL bytes", 2),
        ("train: a\n".encode("utf-16"), "UTF-16", 1),
        (b"a: 1\n" + b"#" * 1_000_001, "larger than 1,000,000 bytes", 1),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, why: str, line: int) -> None:
    error = refused(data)
    assert why in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    "text",
    [
        NEST,
        "names: " + "[" * 400_000,
        "names: " + "{a: " * 200_000,
        "\n".join(" " * depth + f"k{depth}:" for depth in range(1300)),
        "- " * 400_000,
        "? " * 400_000,
        "a: '" + "''" * 450_000 + "'",
        "a: " + "x" * 999_000,
        "a: [" + ",".join(f"c{number}" for number in range(150_000)) + "]",
        "\n" * 990_000,
        "a: |\n" + "  x\n" * 240_000,
        "%YAML " + "9" * 900_000 + ".1\n---\na: 1\n",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_bombs_cost_next_to_nothing(text: str) -> None:
    began = time.process_time()
    line_of_refusal(text.encode()[:1_000_000])
    assert time.process_time() - began < 1.0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert line_of_refusal(data) >= 1


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n\t0.~<", max_size=60))
def test_any_text_of_marks_is_read_or_refused(text: str) -> None:
    assert line_of_refusal(text.encode()) >= 1


def test_the_python_loader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"path: .\ntrain: [a, 'b']\nnames: {0: no, 1: 1.5}\n"
    fast = read_yaml(text)
    monkeypatch.setattr(plain_yaml, "LOADER", yaml.SafeLoader)
    assert read_yaml(text) == fast
    assert refused(b"a: [\n").line >= 1
