"""What is trained on is what the auditor says is used, and what the trainer keeps."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_samples import golden, planted, rows_of
from yoloaudit.dataset.load import Dataset
from yoloaudit.train.samples import labels

CASES = [case for case in golden("label_validation").get("cases", []) if "label_text" in case]


def rows_in(dataset: Dataset, split: str = "train") -> list[int]:
    return np.flatnonzero(
        ((dataset.images["split"] == split) & (dataset.images["fate"] != "dropped")).to_numpy()
    ).tolist()


@pytest.mark.skipif(not CASES, reason="needs the golden numbers of shared/reference")
def test_equals_the_trainer(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={case["case"]: case["label_text"] for case in CASES})
    rows = rows_in(dataset)
    found = labels.of_images(dataset.boxes, rows)
    names = [Path(dataset.images["path"][row]).stem for row in rows]
    assert sorted(names) == sorted(case["case"] for case in CASES if case["kept"])
    for case in (case for case in CASES if case["kept"]):
        at = names.index(case["case"])
        expected = np.array(case["labels"], np.float32).reshape(-1, 5)
        expected[:, 0] = np.trunc(expected[:, 0])
        np.testing.assert_allclose(found.of(at), expected, rtol=0, atol=1e-7, err_msg=case["case"])
        assert len(found.polygons(at)) == case["n_segments"]


def test_images_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    dataset = planted(tmp_path, 8)
    rows = rows_in(dataset)[::-1]
    found = labels.of_images(dataset.boxes, rows)
    assert len(found) == 8
    for at, number in enumerate(range(7, -1, -1)):
        text = [[float(value) for value in line.split()] for line in rows_of(number).splitlines()]
        assert [row[0] for row in found.of(at).tolist()] == [row[0] for row in text]
        assert bool(found.polygons(at)) == any(len(row) > 5 for row in text)
        for row, polygon in zip(text, found.polygons(at), strict=False):
            np.testing.assert_allclose(polygon.ravel(), row[1:], atol=1e-6)
    assert found.values.dtype == np.float32


def test_repeated_rows_count_once_and_the_rest_is_sorted(tmp_path: Path) -> None:
    texts = {"a": "2 .5 .5 .2 .2\n1 .6 .6 .2 .2\n2 .5 .5 .2 .2\n1 .4 .6 .2 .2\n", "b": "2 .5 .5 .2 .2\n1 .6 .6 .2 .2\n"}
    dataset = planted(tmp_path, texts=texts)
    found = labels.of_images(dataset.boxes, rows_in(dataset))
    np.testing.assert_allclose(found.of(0)[:, :2], [[1, 0.4], [1, 0.6], [2, 0.5]], atol=1e-6)
    np.testing.assert_allclose(found.of(1)[:, :2], [[2, 0.5], [1, 0.6]], atol=1e-6)


def test_classes_beyond_the_last_one_are_told(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={"a": "0 .5 .5 .2 .2\n", "b": "0 .5 .5 .2 .2\n3 .5 .5 .2 .2\n", "c": ""})
    assert labels.beyond(dataset.boxes, rows_in(dataset), 3).tolist() == [False, True, False]
    assert labels.beyond(dataset.boxes, rows_in(dataset), 4).tolist() == [False] * 3


def test_all_classes_may_be_one(tmp_path: Path) -> None:
    dataset = planted(tmp_path, 6)
    found = labels.of_images(dataset.boxes, rows_in(dataset), one_class=True)
    assert set(found.values[:, 0]) == {0}
    assert found.counts(1).sum() == len(found.values)


def test_counts_by_image_and_class(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={"a": "0 .5 .5 .2 .2\n2 .5 .5 .3 .2\n2 .5 .5 .2 .2\n", "b": ""})
    found = labels.of_images(dataset.boxes, rows_in(dataset))
    assert found.counts(3).tolist() == [[1, 0, 2], [0, 0, 0]]


def test_no_rows_at_all(tmp_path: Path) -> None:
    dataset = planted(tmp_path, texts={"a": "", "b": ""})
    found: Any = labels.of_images(dataset.boxes, rows_in(dataset))
    assert [len(found.of(at)) for at in range(len(found))] == [0, 0]
    assert found.counts(3).sum() == 0
