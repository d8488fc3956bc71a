"""What the sentences of the rows checks share: how rows of keypoints are named, with and without visibility."""

import pytest

from yoloaudit.checks.base import Check, Example
from yoloaudit.checks.poses import pose_sentence
from yoloaudit.checks.rows.broken_polygon import BrokenPolygon
from yoloaudit.checks.rows.wrong_field_count import WrongFieldCount
from yoloaudit.testing import run

BOX = "0 0.5 0.5 0.2 0.2"


def pose(points: int, tail: str) -> str:
    return " ".join([BOX, *(f"0.5 0.4{tail}" for _ in range(points))])


@pytest.mark.parametrize(
    ("points", "tail", "tokens"),
    [(17, " 2", 56), (17, " 0.000000", 56), (12, "", 29), (12, " 1", 41), (17, "", 39), (21, " 1.0", 68)],
)
def test_keypoints_are_counted(points: int, tail: str, tokens: int) -> None:
    row = pose(points, tail)
    assert len(row.split()) == tokens
    assert pose_sentence(tokens, row) == f"row looks like a box with {points} keypoints ({tokens} values)"


@pytest.mark.parametrize(
    ("check", "points", "tail", "fate"),
    [(BrokenPolygon, 17, " 2", "drops the image"), (WrongFieldCount, 12, "", "takes all of it for a polygon")],
)
def test_a_pose_data_set_is_named(check: type[Check], points: int, tail: str, fate: str) -> None:
    text = pose(points, tail)
    defects = run(check, Example({"labels/train/a.txt": f"{text}\n", "labels/val/b.txt": f"{text}\n"}))
    assert len(defects) == 2
    sentence = check().describe({str(name): fact for name, fact in defects.iloc[0].items()})
    assert f"{points} keypoints" in sentence
    assert sentence.endswith(fate)
