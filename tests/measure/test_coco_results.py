"""COCO results of any detector become predictions; whatever is wrong with them is told in one line, or counted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_detector import photo
from tests.example_tree import grow
from yoloaudit.dataset.coco.document import Budget
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import PREDICTIONS
from yoloaudit.errors import DataError
from yoloaudit.measure import coco_results as module
from yoloaudit.measure import imported
from yoloaudit.measure.coco_results import COCO_IDS, from_coco, to_coco
from yoloaudit.measure.imported import Imported


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """images/train/a.png, 000123.jpg; images/val/b.png, twice.jpg; images/train/twice.jpg. All 96 × 64 px."""
    folder = tmp_path_factory.mktemp("set")
    path = grow(folder)
    for name in ("train/a.png", "train/000123.jpg", "train/twice.jpg", "val/b.png", "val/twice.jpg"):
        (folder / "images" / name).write_bytes(photo())
    return load(path, workers=1)


def entry(**changes: Any) -> dict[str, Any]:
    whole = {"image_id": "a", "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.5}
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


def read(dataset: Dataset, *entries: Any, **options: Any) -> Imported:
    return from_coco(json.dumps(entries).encode(), "results.json", dataset, **options)


def path_of(dataset: Dataset, row: int) -> str:
    return str(dataset.images["path"][row])


def test_a_result_becomes_a_row(dataset: Dataset) -> None:
    found = read(dataset, entry(), entry(score=0.9, bbox=[0, 0, 200, 10.5]))
    assert found.notes == ()
    assert dict(found.table.dtypes.astype(str)) == dict(PREDICTIONS)
    assert found.table["score"].tolist() == [np.float32(0.9), 0.5]
    assert found.table[["x1", "y1", "x2", "y2"]].to_numpy().tolist() == [[0, 0, 96, 10.5], [10, 20, 40, 60]]
    assert set(found.table["source"]) == {"imported"}


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ({"image_id": "a"}, "images/train/a.png"),
        ({"image_id": 123}, "images/train/000123.jpg"),
        ({"image_id": 123.0}, "images/train/000123.jpg"),
        ({"image_id": "000123"}, "images/train/000123.jpg"),
        ({"image_id": "b.png"}, "images/val/b.png"),
        ({"file_name": "images/val/twice.jpg"}, "images/val/twice.jpg"),
        ({"file_name": "./images/val/twice.jpg"}, "images/val/twice.jpg"),
        ({"file_name": "images\\val\\twice.jpg"}, "images/val/twice.jpg"),
        ({"file_name": "b.png"}, "images/val/b.png"),
        ({"file_name": "b.png", "image_id": "a"}, "images/val/b.png"),
    ],
)
def test_images_are_found_by_id_and_by_name(named: dict[str, Any], path: str, dataset: Dataset) -> None:
    found = read(dataset, entry(**{"image_id": ..., **named}))
    assert path_of(dataset, found.table["image"][0]) == path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_id": "c"}, "not in the data set"),
        ({"image_id": 7}, "not in the data set"),
        ({"image_id": -1}, "not in the data set"),
        ({"image_id": ..., "file_name": "train/a.png"}, "not in the data set"),
        ({"image_id": "twice"}, "several images bear the name"),
        ({"image_id": ..., "file_name": "twice.jpg"}, "several images bear the name"),
        ({"image_id": ..., "file_name": 3}, "file_name is no text"),
        ({"image_id": ...}, "neither image_id nor file_name"),
        ({"image_id": None}, "image_id is no id"),
        ({"image_id": True}, "image_id is no id"),
        ({"image_id": 1.5}, "image_id is no id"),
        ({"image_id": [1]}, "image_id is no id"),
        ({"image_id": 10**39}, "image_id is no id"),
        ({"category_id": ...}, "category_id is no whole number"),
        ({"category_id": "1"}, "category_id is no whole number"),
        ({"category_id": 0.5}, "category_id is no whole number"),
        ({"category_id": float("nan")}, "category_id is no whole number"),
        ({"category_id": float("inf")}, "category_id is no whole number"),
        ({"category_id": 2}, "class ids of this data set go from 0 to 1"),
        ({"category_id": -1}, "class ids of this data set go from 0 to 1"),
        ({"bbox": ...}, "bbox is not 4 numbers"),
        ({"bbox": [1, 2, 3]}, "bbox is not 4 numbers"),
        ({"bbox": "1 2 3 4"}, "bbox is not 4 numbers"),
        ({"bbox": [1, 2, 3, None]}, "bbox is not 4 numbers"),
        ({"bbox": {"x": 1}}, "bbox is not 4 numbers"),
        ({"bbox": [1, 2, float("nan"), 4]}, "box is not finite"),
        ({"bbox": [1, 2, float("inf"), 4]}, "box is not finite"),
        ({"bbox": [1e308, 2, 1e308, 4]}, "box is not finite"),
        ({"bbox": [1, 2, -3, 4]}, "no width or no height, or a negative"),
        ({"bbox": [1, 2, 0, 4]}, "no width or no height, or a negative"),
        ({"bbox": [100, 2, 5, 4]}, "outside its image"),
        ({"bbox": [-20, -20, 5, 4]}, "outside its image"),
        ({"score": ...}, "score is no number"),
        ({"score": "0.5"}, "score is no number"),
        ({"score": None}, "score is no number"),
        ({"score": float("nan")}, "score is not between 0 and 1"),
        ({"score": 1.5}, "score is not between 0 and 1"),
        ({"score": -0.1}, "score is not between 0 and 1"),
    ],
)
def test_a_result_that_cannot_be_used_is_counted(changes: dict[str, Any], said: str, dataset: Dataset) -> None:
    found = read(dataset, entry(), entry(**changes), entry(**changes))
    assert len(found.table) == 1
    (note,) = found.notes
    assert note.startswith("2 of 3 detections left out")
    assert said in note
    with pytest.raises(DataError, match="not one of 1 detections can be used"):
        read(dataset, entry(**changes))


@pytest.mark.parametrize("item", [None, 5, "x", [1, 2], True])
def test_an_item_that_is_no_object_is_counted(item: Any, dataset: Dataset) -> None:
    found = read(dataset, entry(), item)
    assert len(found.table) == 1
    assert "an item is no object" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"{}", "holds an object"),
        (b'{"annotations": []}', "holds an object"),
        (b"3", "holds a single value"),
        (b"[1,", "not valid JSON"),
        (b"[" * 100, "nested"),
        (b"\xff\xfe[\0]\0", "NUL"),
        (b"[\xff]", "UTF-8"),
        (b'[{"image_id": ' + b"9" * 50 + b"}]", "digits"),
        (b"\x89PNG\r\n", "UTF-8"),
    ],
)
def test_what_is_no_results_json_is_one_sentence(data: bytes, said: str, dataset: Dataset) -> None:
    with pytest.raises(DataError, match=said) as caught:
        from_coco(data, "results.json", dataset)
    assert "\n" not in str(caught.value)


def test_an_empty_list_is_no_error(dataset: Dataset) -> None:
    assert len(read(dataset).table) == 0


def test_too_many_of_one_image_are_cut_to_the_best(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imported, "MOST_AN_IMAGE", 3)
    found = read(dataset, *(entry(score=number / 10) for number in range(6)), entry(image_id="b"))
    assert [round(score, 1) for score in found.table["score"].tolist()] == [0.5, 0.4, 0.3, 0.5]
    assert "3 of 7 detections left out" in found.notes[0]


def test_budgets_hold(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(bytes=10_000, containers=50, rows=3)
    monkeypatch.setattr(module, "Budget", lambda: budget)
    with pytest.raises(DataError, match="4 detections, above the limit of 3"):
        read(dataset, *[entry()] * 4)
    with pytest.raises(DataError, match="lists and objects, above the limit of 50"):
        read(dataset, *[entry()] * 40)


def test_a_key_that_stands_twice_counts_once(dataset: Dataset) -> None:
    data = b'[{"image_id": "a", "image_id": "b", "category_id": 0, "bbox": [1, 1, 5, 5], "score": 1}]'
    assert path_of(dataset, from_coco(data, "x", dataset).table["image"][0]) == "images/val/b.png"


def test_names_are_not_ids(dataset: Dataset) -> None:
    found = read(dataset, entry(image_id="a"), entry(image_id=..., file_name="a"))
    assert len(found.table) == 1


def test_cocos_own_category_ids(dataset: Dataset) -> None:
    assert len(COCO_IDS) == 80
    assert (COCO_IDS[0], COCO_IDS[11], COCO_IDS[79]) == (1, 13, 90)
    found = read(dataset, entry(category_id=1), entry(category_id=2), entry(category_id=12), coco80to91=True)
    assert sorted(found.table["class_id"]) == [0, 1]
    assert "1 of 3" in found.notes[0]


ROWS = st.tuples(
    st.sampled_from(["images/train/a.png", "images/train/000123.jpg", "images/val/twice.jpg"]),
    st.integers(0, 1),
    st.tuples(st.floats(0, 40), st.floats(0, 30), st.floats(1, 50), st.floats(1, 30)),
    st.floats(0, 1),
)


@given(st.lists(ROWS, max_size=20), st.booleans())
def test_what_is_written_is_read_back(dataset: Dataset, rows: list[Any], coco80to91: bool) -> None:
    items = [
        {"file_name": name, "category_id": number, "bbox": box, "score": score} for name, number, box, score in rows
    ]
    first = read(dataset, *items)
    written = "\n".join(to_coco(first.table, dataset.images["path"].tolist(), coco80to91=coco80to91)).encode()
    again = from_coco(written, "x", dataset, coco80to91=coco80to91)
    assert again.notes == ()
    assert sorted(again.table["class_id"]) == sorted(first.table["class_id"])
    for name, tolerance in (("image", 0), ("score", 1e-5), ("x1", 2e-3), ("x2", 2e-3)):
        np.testing.assert_allclose(sorted(again.table[name]), sorted(first.table[name]), atol=tolerance)


def test_pycocotools_reads_it(dataset: Dataset, tmp_path: Path) -> None:
    table = read(dataset, entry(image_id=123), entry(image_id=123, score=0.25)).table
    entries = json.loads("".join(to_coco(table, dataset.images["path"].tolist())))
    assert [one["image_id"] for one in entries] == [123, 123]
    assert entries[0]["bbox"] == [10, 20, 30, 40]
    from pycocotools.coco import COCO

    truth = COCO()
    truth.dataset = {"images": [{"id": 123}], "categories": [{"id": 1}], "annotations": []}
    truth.createIndex()
    (tmp_path / "results.json").write_text(json.dumps(entries))
    assert len(truth.loadRes(str(tmp_path / "results.json")).getAnnIds()) == 2
