"""Crops side by side: labels solid, proposals dashed, and any text."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor

from yoloaudit.train.plot.suspect_sheet import GAP, HEADER, LABEL, PROPOSAL, suspects_picture
from yoloaudit.train.plot.suspects import CELL, Box, Suspect

WORDS = ("loose-box · 87%", "labelled cat, other box", "a.png, line 2")


def suspect(label: Box | None = (0.2, 0.2, 0.8, 0.8), proposal: Box | None = None) -> Suspect:
    labels = () if label is None else (label,)
    return Suspect(WORDS, np.full((CELL[1], CELL[0], 3), 128, np.uint8), labels, proposal)


def opened(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


def coloured(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.bool_]:
    """Where the first crop has a colour."""
    crop = pixels[HEADER : HEADER + CELL[1], GAP : GAP + CELL[0]].astype(int)
    return np.asarray(np.abs(crop - ImageColor.getrgb(colour)).max(axis=2) < 50)


@pytest.mark.parametrize(("count", "columns"), [(0, 3), (1, 3), (7, 4), (24, 6), (99, 6)])
def test_any_number_of_crops(count: int, columns: int) -> None:
    pixels = opened(suspects_picture([suspect()] * count))
    assert pixels.shape[1] == columns * (CELL[0] + GAP) + GAP
    assert pixels.shape[0] < 1400


def test_labels_are_solid_and_proposals_dashed() -> None:
    label, proposal = (coloured(opened(suspects_picture([one])), colour) for one, colour in (
        (suspect(), LABEL), (suspect(None, (0.2, 0.2, 0.8, 0.8)), PROPOSAL),
    ))  # fmt: skip
    row, first, last = round(0.2 * CELL[1]), round(0.2 * CELL[0]) + 3, round(0.8 * CELL[0]) - 3
    assert label[row, first:last].mean() > 0.95
    assert 0.3 < proposal[row, first:last].mean() < 0.7
    assert not label[: row - 4].any()


def test_hostile_words_and_boxes(capfd: pytest.CaptureFixture[str]) -> None:
    wild = suspect((-1e30, -5, 1e30, 5), (0.9, 0.9, 0.1, 0.1))
    wild = wild._replace(words=("$\\frac\x1b[31m\n", "日本" * 999, ""), labels=(*wild.labels, (0.5, 0.5, 0.5, 0.5)))
    assert opened(suspects_picture([wild])).size
    assert capfd.readouterr() == ("", "")
