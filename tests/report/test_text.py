"""The output gate lets nothing through that a terminal or a CI log would act on."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.report.text import show

RAW = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
COMMAND = re.compile(r"^\s*::\S|##\[|##vso\[", re.IGNORECASE | re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("images/train/0007.jpg", "images/train/0007.jpg"),
        ("犬 é", "犬 é"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\r\tc", "a\\x0ab\\x0d\\x09c"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("x\u202egnp.exe", "x\\u{202e}gnp.exe"),
        ("a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"),
        ("\ud800", "\\u{d800}"),
        ("\udcff\udcfe", "\\xff\\xfe"),
        ("\uffff\ufffe\u2028", "\\u{ffff}\\u{fffe}\\u{2028}"),
        ("a\u00a0b", "a\\xa0b"),
        ("::error::x", "\\x3a:error\\x3a:x"),
        (":::", "\\x3a\\x3a\\x3a"),
        ("a:", "a\\x3a"),
        ("C:a", "C:a"),
        ("##[error]x", "#\\x23[error]x"),
        ("###VSO[x]", "##\\x23VSO[x]"),
        ("[red]x[/]", "[red]x[/]"),
        ("", ""),
    ],
)
def test_show(text: str, shown: str) -> None:
    assert show(text) == shown


def test_long_text_is_cut_after_it_is_spelt_out() -> None:
    assert show("a" * 1_000_000) == "a" * 199 + "…"
    assert show("\x1b" * 10, most=12) == "\\x1b\\x1b\\x1…"
    assert show("a" * 200) == "a" * 200


@given(st.text(st.characters(), max_size=40), st.integers(1, 60))
def test_nothing_gets_through(text: str, most: int) -> None:
    shown = show(text, most)
    assert len(shown) <= most
    assert not RAW.search(shown)
    assert not COMMAND.search(shown)
    assert all(unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in shown)


@given(st.text(":#[vso \n", max_size=12), st.text(":#[vso ", max_size=6))
def test_no_join_of_two_pieces_begins_a_command(first: str, second: str) -> None:
    for line in (f"{show(first)}:{show(second)}", f"{show(first)} {show(second)}", f"{show(first)}:12: error"):
        assert not COMMAND.search(line)


def test_an_encoding_without_our_signs() -> None:
    assert "≥ 5 … é".encode("ascii", "yoloaudit") == b">= 5 ... \\xe9"
