"""Text, fonts and colours of pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.train.plot.ink import COLOURS, MOST_LETTERS, colour_of, fitted, legible, letters

PROJECT = Path(__file__).resolve().parents[3]


@given(st.text(), st.integers(3, 40))
def test_legible_text_is_one_line_of_printable_letters(text: str, most: int) -> None:
    drawn = legible(text, most)
    assert drawn.isprintable()
    assert 0 < len(drawn) <= most


def test_a_long_name_keeps_both_its_ends() -> None:
    assert legible("pedestrian_crossing_left", 11) == "pedes…_left"
    assert legible("short") == "short"


@given(st.text(max_size=80), st.floats(2, 20))
def test_fitted_text_is_no_wider_than_asked(text: str, width: float) -> None:
    drawn = fitted(text, width)
    assert len(drawn) <= MOST_LETTERS
    narrow = "".join(letter for letter in drawn if letter < "\u2e80")
    assert letters(64).getlength(narrow) <= 64 * width or len(drawn) <= 2


def test_neighbouring_classes_differ_in_colour() -> None:
    colours = [colour_of(number) for number in range(len(COLOURS))]
    assert len(set(colours)) == len(COLOURS)
    assert colour_of(len(COLOURS)) == colours[0]
    assert all(0 <= part < 256 for colour in colours for part in colour)


@pytest.mark.parametrize("kind", ["settings", "pipe"])
def test_a_settings_file_of_the_working_folder_is_not_read(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "matplotlibrc"
    if kind == "pipe":
        os.mkfifo(place)
    else:
        place.write_text("font.size: 77\nno.such.key: 1\n")
    code = "from yoloaudit.train.plot import ink\nwith ink.drawing():\n import matplotlib as m\n"
    code += "print(m.rcParams['font.size'])"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    run = [sys.executable, "-c", code]
    ran = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert float(ran.stdout) < 20
