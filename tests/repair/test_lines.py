"""Lines of a file are changed one by one; all others keep their bytes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.repair.lines import Lines

TEXTS = st.binary(max_size=80).map(lambda data: data.replace(b"x", b"\n").replace(b"y", b"\r"))


@given(TEXTS)
def test_what_is_not_edited_keeps_every_byte(data: bytes) -> None:
    assert Lines.of(data).data() == data


@given(TEXTS, st.integers(0, 9))
def test_a_dropped_line_goes_with_its_end_and_nothing_else(data: bytes, place: int) -> None:
    lines = Lines.of(data)
    number = min(place + 1, len(lines.texts))
    gone = (lines.texts[number - 1] or b"") + lines.ends[number - 1]
    lines.drop(number)
    assert lines.text(number) is None
    assert len(lines.data()) == len(data) - len(gone)


@given(TEXTS)
def test_a_new_row_stands_after_the_last_one_and_the_others_stay(data: bytes) -> None:
    lines = Lines.of(data)
    lines.add("new")
    after = [line for line in re.split(rb"\r\n|\r|\n", lines.data().removeprefix(b"\xef\xbb\xbf")) if line.strip()]
    assert after == [*(text for text in lines.texts if text is not None and text.strip()), b"new"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"", b"new\n"),
        (b"\n", b"new\n\n"),
        (b"a", b"a\nnew"),
        (b"a\n", b"a\nnew\n"),
        (b"a\r\nb", b"a\r\nb\r\nnew"),
        (b"a\rb\r", b"a\rb\rnew\r"),
        (b"a\n\n \n", b"a\nnew\n\n \n"),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfa\nnew\n"),
    ],
)
def test_a_new_row_ends_as_the_others_do(old: bytes, new: bytes) -> None:
    lines = Lines.of(old)
    lines.add("new")
    assert lines.data() == new


def test_lines_are_numbered_as_reports_number_them() -> None:
    lines = Lines.of(b"\xef\xbb\xbfa\r\n\rb\n\xff")
    assert [lines.text(number) for number in range(7)] == [None, "a", "", "b", "\udcff", None, None]
    lines.put(3, "c")
    assert lines.data() == b"\xef\xbb\xbfa\r\n\rc\n\xff"
