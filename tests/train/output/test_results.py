"""Detections of an evaluation as a table and as label files."""

import numpy as np

from tests.example_detections import rows, seen
from yoloaudit.train.output.results import label_files, predictions_of
from yoloaudit.train.score.evaluate import evaluate

FOUND = evaluate(
    [seen(1, (0, 0, 50, 100, 0.5, 1)), seen(0, (10, 20, 30, 60, 0.75, 0), (0, 0, 100, 100, 0.25, 1)), seen(2)],
    rows(),
    ["cat", "dog"],
)


def test_the_table_is_sorted_by_image() -> None:
    table = predictions_of(FOUND)
    assert table["image"].tolist() == [0, 0, 1]
    assert table["class_id"].tolist() == [0, 1, 1]
    np.testing.assert_allclose(table[["x1", "y1", "x2", "y2"]].to_numpy()[0], [10, 20, 30, 60])


def test_label_files_hold_shares_and_scores_if_wanted() -> None:
    plain = dict(label_files(FOUND, ["images/a.png", "images/b.png", "images/c.png"]))
    assert plain == {"a.txt": b"0 0.2 0.4 0.2 0.4\n1 0.5 0.5 1 1\n", "b.txt": b"1 0.25 0.5 0.5 1\n"}
    scored = dict(label_files(FOUND, ["images/a.png", "images/b.png", "images/c.png"], scores=True))
    assert scored["b.txt"] == b"1 0.25 0.5 0.5 1 0.5\n"


def test_two_images_of_one_name_have_two_files_and_none_leads_elsewhere() -> None:
    names = [name for name, _ in label_files(FOUND, ["one/a.png", "two/a.png", "c.png"])]
    assert len(set(names)) == 2
    hostile = [name for name, _ in label_files(FOUND, ["x/...png", "x/-\x1b[31m\\..\\a.png", "c.png"])]
    assert not [name for name in hostile if "/" in name or "\\" in name or name.startswith((".", "-"))]
    assert all(name.isprintable() for name in hostile)


def test_nothing_seen_makes_no_file() -> None:
    assert list(label_files(evaluate([seen(0)], rows(), ["cat"]), ["a.png"])) == []
    assert len(predictions_of(evaluate([], rows(), ["cat"]))) == 0
