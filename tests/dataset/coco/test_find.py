"""COCO JSON: the same tables as from a YOLO data set, whatever is wrong with it."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coco_documents import annotation, document, flaw_of, image, one, write
from yoloaudit.dataset.ledger import ledger


def test_boxes_become_shares_and_classes_numbers(tmp_path: Path) -> None:
    dataset = one(tmp_path, document(annotation(), annotation(2, [0, 0, 100, 50], category_id=7)))
    assert dataset.names == ("cat", "dog")
    assert dataset.splits == ("train",)
    assert dataset.boxes["class_id"].tolist() == [0, 1]
    shares = dataset.boxes[["cx", "cy", "w", "h"]].to_numpy()
    assert shares == pytest.approx(np.array([[0.2, 0.3, 0.2, 0.2], [0.5, 0.5, 1, 1]]))
    assert dataset.boxes[["x1", "y1", "x2", "y2"]].round(3).iloc[0].tolist() == [10, 10, 30, 20]
    assert dataset.boxes["raw"].tolist() == ["3 10 10 20 10", "7 0 0 100 50"]
    assert dataset.boxes["line"].tolist() == [1, 2]
    assert dataset.labels["path"].tolist() == ["annotations.json"]
    assert dataset.facts()["layout"] == "coco"
    assert dataset.descriptor.path == "annotations.json"
    assert dataset.descriptor.problem is None
    assert [(path.split, path.found) for path in dataset.descriptor.splits] == [("train", ".")]


def test_images_without_annotations_and_images_not_listed(tmp_path: Path) -> None:
    write(tmp_path, {"b.png": None, "c.png": None})
    dataset = one(tmp_path, document(annotation(), images=[image(2, "b.png"), image(), image(3, "no.png")]))
    assert dataset.images[["path", "label"]].to_numpy().tolist() == [["a.png", 0], ["b.png", 1], ["c.png", -1]]
    assert dataset.labels["lines"].tolist() == [1, 0]
    assert dataset.images["fate"].tolist() == ["used", "background", "background"]
    assert dataset.listed[["file", "line", "text", "path", "problem"]].to_numpy().tolist() == [
        ["annotations.json", 1, "b.png", "b.png", None],
        ["annotations.json", 1, "a.png", "a.png", None],
        ["annotations.json", 1, "no.png", "no.png", "missing"],
    ]
    assert ledger(dataset)["train"]["images_listed_missing"] == 1


@pytest.mark.parametrize(
    ("change", "error", "raw"),
    [
        ({"bbox": None}, "non-numeric-value", "3 null"),
        ({"bbox": "1,2,3,4"}, "non-numeric-value", '3 "1,2,3,4"'),
        ({"bbox": [[1], [2], {}, "x"]}, "non-numeric-value", '3 [1] [2] {} "x"'),
        ({"bbox": [1, 2, True, 4]}, "non-numeric-value", "3 1 2 true 4"),
        ({"bbox": [1, 2, 3]}, "wrong-field-count", "3 1 2 3"),
        ({"bbox": [1, 2, 3, 4, 5, 6, 7, 8]}, "wrong-field-count", "3 1 2 3 4 5 6 7 8"),
        ({"bbox": []}, "wrong-field-count", "3"),
        ({"bbox": [float("nan"), 1, 2, 2]}, "non-finite-value", "3 nan 1 2 2"),
        ({"bbox": [1, 1, float("inf"), 2]}, "non-finite-value", "3 1 1 inf 2"),
        ({"bbox": [1, 1, 1e39, 2]}, "non-finite-value", "3 1 1 1e+39 2"),
        ({"category_id": {"a": 1}}, "non-numeric-value", '{"a":1} 10 10 20 10'),
        ({"category_id": None}, "non-numeric-value", "null 10 10 20 10"),
        ({"category_id": "fish"}, "non-numeric-value", '"fish" 10 10 20 10'),
    ],
)
def test_broken_annotations_stay_as_rows(tmp_path: Path, change: dict[str, Any], error: str, raw: str) -> None:
    dataset = one(tmp_path, document(annotation(), annotation(2) | change))
    assert dataset.boxes["error"].astype(object).tolist()[1] == error
    assert dataset.boxes["raw"].tolist()[1] == raw
    assert dataset.boxes["tokens"].max() <= 6, "more would pass for a polygon"
    assert ledger(dataset)["train"]["rows_broken"] == 1
    assert ledger(dataset)["train"]["rows"] == 2


@pytest.mark.parametrize(("category", "class_id"), [(9, 9), (0, 2), (1, 2), (-1, -1), (2**63, 2), (7.0, 1), (3.5, 2)])
def test_categories_that_nobody_lists_are_out_of_range(tmp_path: Path, category: Any, class_id: int) -> None:
    assert one(tmp_path, document(annotation(category_id=category))).boxes["class_id"].tolist() == [class_id]


def test_no_row_is_lost(tmp_path: Path) -> None:
    rows = [5, None, annotation(3, image_id=99), annotation(4, image_id=[1]), annotation(5, image_id=2), annotation(6)]
    dataset = one(tmp_path, document(*rows, images=[image(), image(2, "gone.png")]))
    assert sorted(dataset.boxes["line"]) == [1, 2, 3, 4, 5, 6]
    assert (dataset.boxes["fate"] == "orphan").sum() == 5
    assert dataset.labels["image"].tolist() == [0, -1]
    assert dataset.descriptor.problem is not None
    assert "4 annotations of an image_id that no image has" in dataset.descriptor.problem


def test_crowds_are_rows_of_their_own_kind(tmp_path: Path) -> None:
    dataset = one(tmp_path, document(annotation(), annotation(2, [1, 1, 2, 2], iscrowd=1)))
    assert dataset.boxes["kind"].tolist() == ["box", "polygon"]
    assert dataset.boxes["error"].isna().all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "nested more than 64 levels deep"),
        (b'{"images": [{"id": 1,', "is not valid JSON"),
        (b"", "is empty"),
        ([1, 2], "is no JSON object"),
        ({"train": "images"}, "has no list of images"),
        (b'{"images": [' + b"0," * 1_000_000 + b"0]}", "is JSON of 1,000,001 images, above the limit of 1,000,000"),
        (b'{"images":[],"images":[],"annotations":[],"categories":[]}', "has the key 'images' twice"),
        (document(annotations=None), "has no list of annotations, but null"),
        ({"images": [image()], "annotations": []}, "has no list of categories"),
        (document(annotation(), annotation()), "1 annotation with the id of an earlier one; the first is annotation 2"),
        (document(images=[image(), image(name="b.png")]), "1 image with the id of an earlier one"),
        (document(categories=[{"id": 1, "name": "a"}] * 2), "1 category with the id of an earlier one"),
        (document(images=[image(number=[1])]), "1 image without an id; the first is image 1"),
    ],
)
def test_what_is_wrong_with_the_whole_is_said(tmp_path: Path, content: Any, words: str) -> None:
    problem = one(tmp_path, content, untrusted=True).descriptor.problem
    assert problem is not None
    assert words in problem


def test_the_line_of_a_syntax_error_is_that_of_the_file(tmp_path: Path) -> None:
    text = b'{"images": [],\n"annotations": [{"segmentation": [\n1,\n2\n]}],\n"categories": }'
    assert one(tmp_path, text).descriptor.problem_line == 6


@pytest.mark.parametrize(
    ("segmentation", "words"),
    [
        ([[1, 1, 9, 1, 9, 9]], None),
        ([], None),
        (None, None),
        ({"size": [50, 100], "counts": [0, 10**12]}, None),
        ([[1, 1, 9, 1, 9, 9], [0.5] * 1001], "an odd number of coordinates"),
        ({"size": [10**6, 10**6], "counts": "o" * 4000}, "1,000,000 × 1,000,000 px in an image of 100 × 50"),
        ({"counts": []}, "a segmentation of no size"),
        ("abc", "neither polygons nor a mask"),
    ],
)
def test_segmentations_are_looked_at_but_never_drawn(tmp_path: Path, segmentation: Any, words: str | None) -> None:
    dataset = one(tmp_path, document(annotation(segmentation=segmentation)))
    assert dataset.boxes["error"].isna().all()
    flaw = flaw_of(dataset)
    assert flaw is None if words is None else words in str(flaw)


@pytest.mark.parametrize("size", [(10**9, 10**9), (0, 0), ("x", None), (-5, 10)])
def test_a_size_that_is_none_is_said_and_taken_from_the_image(tmp_path: Path, size: tuple[Any, Any]) -> None:
    dataset = one(tmp_path, document(annotation(), images=[image(width=size[0], height=size[1])]))
    assert dataset.boxes["w_px"].tolist() == [20]
    assert "no size of an image" in str(flaw_of(dataset))


def test_a_size_that_nobody_says_is_taken_from_the_image(tmp_path: Path) -> None:
    dataset = one(tmp_path, document(annotation(), images=[{"id": 1, "file_name": "a.png"}]))
    assert dataset.boxes["w_px"].tolist() == [20]
    assert dataset.labels["flaw"].isna().all()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../outside/secret.png", "outside"),
        ("/outside/secret.png", "outside"),
        ("http://127.0.0.1:1/a.png", "remote"),
        ("\\\\host\\share\\a.png", "remote"),
        ("//host/share/a.png", "remote"),
        ("a\0.png", "undecodable"),
        ("\ud800.png", "undecodable"),
        (5, "undecodable"),
        ("", "undecodable"),
        ("x" * 5000, "missing"),
        ("\x1b[31m\n::error::x", "missing"),
    ],
)
def test_names_that_lead_nowhere(tmp_path: Path, name: Any, problem: str) -> None:
    write(tmp_path, {"outside/secret.png": None})
    content = document(annotation(), images=[image(name=name), image(2, "a.png")])
    dataset = one(tmp_path / "data", content, untrusted=True)
    assert dataset.listed["problem"].tolist() == [problem, None]
    assert dataset.images["path"].tolist() == ["a.png"]


def test_a_file_listed_twice_is_one_image(tmp_path: Path) -> None:
    dataset = one(tmp_path, document(annotation(), annotation(2, image_id=2), images=[image(), image(2)]))
    assert len(dataset.images) == 1
    assert dataset.listed["problem"].tolist() == [None, "repeated"]
    assert dataset.boxes["image"].tolist() == [0, 0]


def test_too_many_annotations_of_one_image(tmp_path: Path) -> None:
    dataset = one(tmp_path, document(*(annotation(number) for number in range(10_001))), untrusted=True)
    assert "10,001 annotations of one image" in str(flaw_of(dataset))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([1, 3, "a.png"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, st.dictionaries(st.sampled_from(["id", "file_name", "width", "height"]), JSON), st.data())
def test_nothing_in_a_json_raises(value: Any, change: dict[str, Any], data: st.DataObject) -> None:
    keys = st.sampled_from(["id", "image_id", "category_id", "bbox", "iscrowd", "segmentation"])
    broken = annotation() | data.draw(st.dictionaries(keys, JSON))
    category = {"id": 3, "name": "cat"} | data.draw(st.dictionaries(st.sampled_from(["id", "name"]), JSON))
    content = document(
        annotation(), broken, value, images=[image(), image() | change, value], categories=[category, value]
    )
    content |= data.draw(st.dictionaries(st.sampled_from(["images", "annotations", "categories"]), JSON, max_size=1))
    with tempfile.TemporaryDirectory() as folder:
        dataset = one(Path(folder), content, untrusted=True)
        usable = isinstance(content["images"], list) and isinstance(content["annotations"], list)
        assert len(dataset.boxes) == (len(content["annotations"]) if usable else len(dataset.boxes))
