"""Files of settings: their entries with their lines, and one line for what is wrong. More of it is in test_config."""

from pathlib import Path

import pytest

from yoloaudit.errors import UsageError
from yoloaudit.train.yaml_file import MOST_BYTES, entries


def test_entries_have_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb: [2,\n  three]\n")
    found = entries(str(path), "numbers")
    assert {key: (entry.value, entry.line) for key, entry in found.items()} == {"a": (1, 1), "b": ([2, "three"], 2)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: is empty: a YAML mapping of numbers is expected"),
        ("a: 1\na: 2", "line 2: 'a' stands twice"),
        ("a: &x 1", "anchor or alias"),
        ("a: " + "1" * MOST_BYTES, "above the limit"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        entries(str(path), "numbers")
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_comes_with_advice() -> None:
    with pytest.raises(UsageError, match=r"file of numbers 'none.yaml' does not exist\. Look elsewhere"):
        entries("none.yaml", "numbers", " Look elsewhere")
