"""A script is told apart from an address, and weighs more where the data set is not trusted."""

from pathlib import Path

import pytest

from tests.example_tree import CLEAN, grow, told
from yoloaudit.checks.data.executable_download import ExecutableDownload


@pytest.mark.parametrize(
    ("text", "own", "foreign", "words"),
    [
        ("|\n  import os\n  os.remove('x')", "warning", "error", "script that the trainer runs as Python"),
        ("bash x.sh", "warning", "error", "as a shell line"),
        ("https://example.org/pets.tar", "warning", "error", "as Python"),
        ("https://example.org/pets.zip", "info", "warning", "fetches"),
        ("[a, b]", "warning", "error", "a list"),
    ],
)
def test_grades(tmp_path: Path, text: str, own: str, foreign: str, words: str) -> None:
    path = grow(tmp_path, f"{CLEAN}download: {text}\n")
    for untrusted, grade in ((False, own), (True, foreign)):
        ((severity, sentence),) = told(ExecutableDownload(), path, untrusted=untrusted)
        assert severity == grade
        assert words in sentence
        assert "\n" not in sentence
