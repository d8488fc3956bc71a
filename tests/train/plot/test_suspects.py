"""Which findings are shown, what is cut out of their images, and what is said of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yoloaudit.checks.base import Example, Picture
from yoloaudit.findings import Finding, Location, Severity, Suggestion
from yoloaudit.testing import lay_out
from yoloaudit.train.plot.suspects import CELL, MOST, Box, boxes_of, cut, most_certain, suspects, words_of

BOX = (100.0, 200.0, 180.0, 260.0)
NAMES = ("cat", "dog")


def finding(
    rule: str = "loose-box",
    score: float | None = 0.87,
    *,
    line: int | None = 2,
    box: Box | None = BOX,
    class_id: int | None = 0,
    proposed: tuple[int, Box] | None = None,
    image: str | None = "images/train/a.png",
    related: Sequence[Location] = (),
) -> Finding:
    suggestion = None if proposed is None else Suggestion(*proposed, 0.9)
    where = Location("train", image, "labels/train/a.txt" if line else None, line, class_id, box)
    return Finding(rule, Severity.WARNING, "", where, score=score, suggestion=suggestion, related=tuple(related))


def test_the_most_certain_of_each_rule() -> None:
    many = [finding("a", score / 100) for score in range(40)]
    few = [finding("b", 0.1), finding("b", 0.2)]
    others = [finding("c"), finding("a", 1.0, image=None), finding("a", 1.0, box=None)]
    chosen = most_certain([*few, *many, *others], {"a", "b"})
    assert [each.rule for each in chosen] == ["a"] * (MOST - 2) + ["b"] * 2
    assert [each.score for each in chosen][:3] == [0.39, 0.38, 0.37]
    assert [each.score for each in chosen][-2:] == [0.2, 0.1]
    rules = [finding(f"r{number:02}", None) for number in range(40)]
    assert [each.rule for each in most_certain(rules, {each.rule for each in rules})] == [
        f"r{n:02}" for n in range(MOST)
    ]
    assert most_certain([], {"a"}) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (finding(proposed=(0, (0.0, 0.0, 9.0, 9.0))), ("loose-box · 87%", "labelled cat, other box", "a.png, line 2")),
        (finding(proposed=(1, BOX)), ("loose-box · 87%", "labelled cat, proposed dog", "a.png, line 2")),
        (finding("spurious-label", None), ("spurious-label", "labelled cat, nothing proposed", "a.png, line 2")),
        (finding(line=None, class_id=1, proposed=(1, BOX)), ("loose-box · 87%", "no label: dog", "a.png")),
        (finding(line=None, class_id=None), ("loose-box · 87%", "no label: object", "a.png")),
        (finding(class_id=9), ("loose-box · 87%", "labelled class 9, nothing proposed", "a.png, line 2")),
    ],
)
def test_in_words(given: Finding, words: tuple[str, str, str]) -> None:
    assert words_of(given, NAMES) == words


def test_boxes() -> None:
    other = (90.0, 190.0, 170.0, 260.0)
    assert boxes_of(finding(proposed=(0, other))) == ([BOX], other)
    assert boxes_of(finding(proposed=(1, (100.4, 200.2, 180.0, 260.9)))) == ([BOX], None), "the same box"
    assert boxes_of(finding(line=None, proposed=(1, BOX))) == ([], BOX)
    beside = [Location(image="images/train/a.png", box=other), Location(image="images/train/b.png", box=other)]
    assert boxes_of(finding(related=[*beside, Location(image="images/train/a.png")])) == ([BOX, other], None)


@pytest.mark.parametrize("part", [(0, 0, 616, 480), (-50, -500, 900, 240), (-900, -900, -300, -400), (2, 2, 3, 3)])
def test_a_part_of_a_picture(part: Box) -> None:
    picture = np.full((240, 308, 3), (10, 20, 200), np.uint8)
    made = cut(picture, part)
    assert made.shape == (CELL[1], CELL[0], 3)
    if part[2] > 0:
        assert (made == (200, 20, 10)).all(axis=2).any()


def test_beyond_the_edges_it_is_grey() -> None:
    made = cut(np.full((240, 308, 3), (10, 20, 200), np.uint8), (0, 0, 616, 480))
    assert (made[:120, :154] == (200, 20, 10)).all()
    assert (made[121:] == 234).all()


def test_crops_of_a_data_set(tmp_path: Path) -> None:
    files: dict[str, Any] = {"images/train/a.png": Picture(seed=1), "images/train/b.png": b"not an image"}
    dataset = lay_out(str(tmp_path), Example(files))
    gone = [finding(image="images/train/b.png"), finding(image="images/train/c.png"), finding(image="../../c.png")]
    wild = [finding(box=(-1e9, -1e9, 1e9, 1e9)), finding(box=(5.0, 5.0, 5.0, 5.0)), finding(box=(9e5, 9e5, 9e6, 9e6))]
    found = list(suspects([*gone, finding(proposed=(1, (90.0, 190.0, 170.0, 260.0))), *wild], dataset))
    assert len(found) == 4
    first = found[0]
    assert first.pixels.shape == (CELL[1], CELL[0], 3)
    assert first.pixels.std() > 0
    assert first.proposal is not None
    for box in (*first.labels, first.proposal):
        assert all(0 < share < 1 for share in box)
    x1, y1, x2, y2 = first.labels[0]
    assert (x2 - x1) * CELL[0] / ((y2 - y1) * CELL[1]) == pytest.approx(80 / 60), "shapes are kept"
