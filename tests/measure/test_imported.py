"""Images are found by what others call them; what is left out is counted, with its first example."""

from pathlib import Path

import numpy as np
import pytest

from tests.example_tree import grow
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.errors import DataError
from yoloaudit.measure.imported import AMBIGUOUS, IMPORTED, UNKNOWN, ImageNames, Notes, Raw, judged


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    more = ("images/train/7.png", "images/val/007.png", "images/val/12.jpg", "images/val/x.tar.jpg", "images/val/a.png")
    return load(grow(tmp_path, None, *more) and _yaml(tmp_path), workers=1, headers=None)


def _yaml(folder: Path) -> str:
    (folder / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n")
    return str(folder / "data.yaml")


def test_names(dataset: Dataset) -> None:
    names = ImageNames(dataset)
    rows = {path: row for row, path in enumerate(names.paths)}
    assert names.by_path("images/val/a.png") == rows["images/val/a.png"]
    assert names.by_path("a.png") == AMBIGUOUS
    assert names.by_path("b.png") == rows["images/val/b.png"]
    assert names.by_path("val/b.png") == UNKNOWN
    assert names.by_id("b") == rows["images/val/b.png"]
    assert names.by_id("x.tar") == rows["images/val/x.tar.jpg"]
    assert names.by_id(12) == rows["images/val/12.jpg"]
    assert names.by_id(7) == AMBIGUOUS
    assert names.by_id("007") == rows["images/val/007.png"]
    assert names.by_id(0) == UNKNOWN


def raw(**changes: object) -> Raw:
    whole = {
        "image": np.zeros(2, np.int64),
        "class_id": np.zeros(2, np.int64),
        "score": np.array([0.25, 0.5]),
        "boxes": np.array([[0.0, 0, 5, 5], [1, 1, 9999, 9999]]),
        "names": ["one", "two"],
        "source": np.full(2, IMPORTED, np.int8),
    }
    return Raw(**(whole | changes))  # type: ignore[arg-type]  # a test may say anything


def test_boxes_of_an_image_of_unknown_size_are_not_cut(dataset: Dataset) -> None:
    found = judged(raw(), dataset, Notes(2))
    assert found.notes == ()
    assert found.table["x2"].tolist() == [9999, 5]


def test_each_is_counted_once_by_its_first_flaw(dataset: Dataset) -> None:
    bad = raw(image=np.array([UNKNOWN, 0]), score=np.array([7.0, 0.5]))
    notes = Notes(2)
    assert len(judged(bad, dataset, notes).table) == 1
    assert notes.counts == {"their image is not in the data set": 1}
    assert notes.sentences() == ("1 of 2 detections left out: their image is not in the data set (the first: one)",)


def test_nothing_left_is_an_error_unless_there_was_nothing(dataset: Dataset) -> None:
    with pytest.raises(DataError, match="not one of 2 detections"):
        judged(raw(image=np.full(2, UNKNOWN)), dataset, Notes(2))
    nothing = raw(
        image=np.zeros(0, np.int64),
        class_id=np.zeros(0, np.int64),
        score=np.zeros(0),
        boxes=np.zeros((0, 4)),
        names=[],
        source=np.zeros(0, np.int8),
    )
    assert len(judged(nothing, dataset, Notes(0)).table) == 0


def test_examples_are_cut(dataset: Dataset) -> None:
    notes = Notes(1)
    notes.add("it is odd", "x" * 5000)
    assert len(notes.sentences()[0]) < 200
