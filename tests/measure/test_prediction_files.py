"""Predictions in files: our own Parquet comes back as it was, and is held against the data set as it is now."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.example_detector import photo
from tests.example_tree import grow
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import PREDICTION_SOURCES, PREDICTIONS, Predictions, categorical, table
from yoloaudit.errors import DataError
from yoloaudit.measure import prediction_files as module
from yoloaudit.measure.coco_results import to_coco
from yoloaudit.measure.prediction_files import from_parquet, read_predictions, to_parquet


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    path = grow(tmp_path / "set")
    for name in ("train/a.png", "train/c.jpg", "val/b.png"):
        (tmp_path / "set" / "images" / name).write_bytes(photo())
    (tmp_path / "set" / "images" / "train" / os.fsdecode(b"\xff.jpg")).write_bytes(photo())
    return load(path, workers=1)


def detections(dataset: Dataset, count: int = 40) -> Predictions:
    random = np.random.default_rng(0)
    corners = np.sort(random.uniform(1, 60, (count, 2, 2)), axis=1).reshape(count, 4).astype(np.float32)
    made = table(
        PREDICTIONS,
        {
            "image": random.integers(0, len(dataset.images), count),
            "class_id": random.integers(0, 2, count),
            "score": random.uniform(size=count),
            **{name: corners[:, at] for at, name in enumerate(("x1", "y1", "x2", "y2"))},
            "source": categorical(random.integers(0, 4, count), PREDICTION_SOURCES),
        },
    )
    return made.sort_values(["image", "score"], ascending=[True, False], ignore_index=True)


def paths(dataset: Dataset) -> list[str]:
    return [str(path) for path in dataset.images["path"]]


def test_a_table_comes_back(dataset: Dataset) -> None:
    wanted = detections(dataset)
    found = from_parquet(to_parquet(wanted, paths(dataset)), "x", dataset)
    assert found.notes == ()
    pd.testing.assert_frame_equal(found.table, wanted)
    empty = wanted.iloc[:0]
    assert len(from_parquet(to_parquet(empty, paths(dataset)), "x", dataset).table) == 0


def test_images_that_are_gone_are_told(dataset: Dataset, tmp_path: Path) -> None:
    data = to_parquet(detections(dataset), paths(dataset))
    (tmp_path / "set" / "images" / "train" / "c.jpg").unlink()
    now = load(str(tmp_path / "set" / "data.yaml"), workers=1)
    found = from_parquet(data, "x", now)
    assert 0 < len(found.table) < 40
    assert "not in the data set (the first: images/train/c.jpg)" in found.notes[0]


@pytest.mark.parametrize("kind", ["parquet", "json"])
def test_a_file_is_known_by_its_content(kind: str, dataset: Dataset, tmp_path: Path) -> None:
    wanted = detections(dataset)
    data = (
        to_parquet(wanted, paths(dataset)) if kind == "parquet" else "".join(to_coco(wanted, paths(dataset))).encode()
    )
    (tmp_path / "anything").write_bytes(data)
    assert len(read_predictions(str(tmp_path / "anything"), dataset).table) == len(wanted)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 50, b"{}", b"hello"])
def test_what_is_neither_is_one_sentence(content: bytes, dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_predictions(str(tmp_path / "x.json"), dataset)
    assert "x.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DataError, match="COCO results JSON or a predictions"):
            read_predictions(str(path), dataset)
    os.truncate(_made(tmp_path / "huge.json"), 1 << 40)
    with pytest.raises(DataError, match="above the limit of"):
        read_predictions(str(tmp_path / "huge.json"), dataset)


def _made(path: Path) -> Path:
    path.write_bytes(b"[")
    return path


def test_rows_are_bounded(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    with pytest.raises(DataError, match="40 rows, above the limit of 10"):
        from_parquet(to_parquet(detections(dataset), paths(dataset)), "x", dataset)
