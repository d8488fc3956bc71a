"""Hostile text stays text in every format: what its reader makes of it is what the data set says, and nothing else."""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.example_changes import EVERY, changed, hostile_everywhere
from tests.example_report import example
from yoloaudit.cli import show
from yoloaudit.findings import Report
from yoloaudit.report import to_github, to_gitlab, to_junit, to_markdown, to_sarif
from yoloaudit.report.escape import code, command_property, prose, raw, sarif_message, uri
from yoloaudit.report.write import FORMATS
from yoloaudit.version import __version__

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
OURS: dict[str, Callable[[Report], Iterator[str]]] = {
    "sarif": to_sarif.lines,
    "junit": to_junit.lines,
    "github": to_github.lines,
    "gitlab": to_gitlab.lines,
    "markdown": to_markdown.lines,
    "summary": to_github.summary,
}


def as_text(report: Report) -> Iterator[str]:
    return iter(show.text(report, {}, most=None, width=200, lively=False))


ALL: dict[str, Callable[[Report], Iterator[str]]] = {**FORMATS, **OURS, "text": as_text}
CONTROL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
COMMAND = re.compile(r"(?m)^\s*::\S|##\[|##vso\[", re.IGNORECASE)
ANY_TEXT = st.text(st.characters(), max_size=30)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("which", [example, changed])
def test_equals_its_golden_file(name: str, which: Callable[[], Report]) -> None:
    """`YOLOAUDIT_GOLDEN=write pytest` writes them anew; look at the difference before keeping it."""
    written = "".join(f"{line}\n" for line in OURS[name](which())).replace(f'"{__version__}"', '"0.0.0"')
    golden = GOLDEN / f"{'report' if which is example else which.__name__}.{name}"
    if os.environ.get("YOLOAUDIT_GOLDEN") == "write":
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_no_format_holds_what_a_terminal_or_a_log_acts_on(name: str) -> None:
    text = "\n".join(ALL[name](hostile_everywhere()))
    assert text.encode("utf-8")
    assert not CONTROL.search(text)
    assert not COMMAND.search(re.sub(r"(?m)^::(error|warning|notice) ", "", text) if name == "github" else text)


@pytest.mark.parametrize("name", ["json", "jsonl", "sarif", "gitlab"])
def test_json_is_strict_and_ascii(name: str) -> None:
    text = "\n".join(ALL[name](hostile_everywhere()))
    assert text.isascii()
    for document in text.splitlines() if name == "jsonl" else [text]:
        json.loads(document, parse_constant=lambda token: pytest.fail(f"{token} is not JSON"))


def test_csv_holds_no_formula() -> None:
    rows = list(csv.reader("\n".join(ALL["csv"](hostile_everywhere())).splitlines(), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+@＝＋－＠]|-\D", cell)]


def test_xml_is_well_formed() -> None:
    etree.fromstring("\n".join(to_junit.lines(hostile_everywhere())).encode("utf-8"))


@given(ANY_TEXT)
def test_a_uri_gives_the_bytes_of_a_name_back(path: str) -> None:
    written = uri(path)
    assert re.fullmatch(r"(file:///([A-Za-z]:)?)?[A-Za-z0-9%/._~-]*", written)
    own = re.sub(rb"^/+", b"", raw(path))
    assert re.sub(rb"^/+", b"", unquote_to_bytes(written.removeprefix("file://"))) == own


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("images/train/0007.jpg", "images/train/0007.jpg"),
        ("a b%20#?.jpg", "a%20b%2520%23%3F.jpg"),
        ("/data/pets/a.jpg", "file:///data/pets/a.jpg"),
        ("//host/a", "file:///host/a"),
        ("C:/data/a.jpg", "file:///C:/data/a.jpg"),
        ("x:y", "x%3Ay"),
        ("犬.jpg", "%E7%8A%AC.jpg"),
        ("\udcff\udcfe", "%FF%FE"),
        ("\ud800", "%ED%A0%80"),
        ("a\nb", "a%0Ab"),
    ],
)
def test_uri(path: str, written: str) -> None:
    assert uri(path) == written


@given(ANY_TEXT)
def test_a_property_of_a_command_never_ends_early(text: str) -> None:
    assert not re.search(r"[\r\n:,]", command_property(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("class 'cat' is rare", "class 'cat' is rare"),
        ("`nc` is <3 & more", "<code>nc</code> is &lt;3 &amp; more"),
        ("the first: x is 320", "the first: x is 320"),
        ("class '@octocat' is rare", "<code>class '&#64;octocat' is rare</code>"),
        ("see #12", "<code>see #12</code>"),
        ("at https://x", "<code>at https://x</code>"),
        ("at 0abcdef1", "<code>at 0abcdef1</code>"),
        ("as GH-12, IMG_1-2", "<code>as GH-12, IMG_1-2</code>"),
        ("centre x is 1.01999998, in photo-12.jpg, 5% of it", "centre x is 1.01999998, in photo-12.jpg, 5% of it"),
    ],
)
def test_prose(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize("text", EVERY)
def test_code_is_one_element_of_one_line(text: str) -> None:
    assert re.fullmatch(r"<code>([^<>\n&@\[\]]|&(lt|gt|amp|#64|#91|#93);)*</code>", code(text))


def test_braces_and_links_are_no_placeholders_and_no_links_in_sarif() -> None:
    assert sarif_message("{0.x}") == "{{0.x}}"
    assert sarif_message("[a](b)") == r"\[a\](b)"
    assert sarif_message("[0, 1]") == "[0, 1]"
