"""Whatever a file or a class is called, what is written bears a tame name, and no other file's."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.train.output.safe_names import MOST_BYTES, Different, safe, stem_of

HOSTILE = [
    "..", ".", "", "...", "/etc/passwd", "../../x", "..\\x", "a/b", "C:x", "CON", "nul.txt", "com1", "-rf", "~root",
    "\x1b[31m", "a\nb", "\u202egpj", "\ud800", "x" * 5000, "名" * 400, " . ", "a\0b", "aux. ", "%s%d", "$(id)", "*?",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_names_lead_nowhere(name: str, tmp_path: Path) -> None:
    made = safe(name, "other")
    assert made
    assert os.path.basename(made) == made
    assert not made.startswith((".", "-", "~", " "))
    assert len(made.encode()) <= MOST_BYTES + 1
    (tmp_path / f"{made}.jpg").write_bytes(b"")
    assert os.listdir(tmp_path) == [f"{made}.jpg"]


@given(st.text())
def test_any_text_becomes_a_name(text: str) -> None:
    made = safe(text, "other")
    assert made.isprintable()
    assert not set(made) & set('<>:"/\\|?*')
    assert safe(made, "other") == made


def test_tame_names_stay() -> None:
    for name in ("bus", "Foto 1", "猫", "a.b-c_d", "Ünï"):
        assert safe(name, "other") == name
    assert safe("..", "class 3") == "class 3"


@given(st.lists(st.sampled_from(["a", "A", "a_2", "A_2", "a_3", "ﬁ", "fi", "é", "e\u0301"]), max_size=30))
def test_names_are_different_on_any_file_system(wanted: list[str]) -> None:
    import unicodedata

    names = Different()
    given_names = [names.name(name) for name in wanted]
    folded = {unicodedata.normalize("NFKC", name).casefold() for name in given_names}
    assert len(folded) == len(wanted)


def test_the_first_keeps_its_name() -> None:
    names = Different()
    assert [names.name("a") for _ in range(3)] == ["a", "a_2", "a_3"]
    assert names.name("a_2") == "a_2_2"
    assert stem_of("some/folder/photo.tar.jpg") == "photo.tar"
