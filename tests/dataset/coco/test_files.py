"""Where COCO annotations and their images lie: every common layout is found, and nothing outside is opened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.coco_documents import annotation, document, image, load, write
from yoloaudit.dataset.coco import find as coco
from yoloaudit.dataset.ledger import class_counts
from yoloaudit.errors import DataError

FULL = document(annotation())


@pytest.mark.parametrize(
    "files",
    [
        {"train/a.png": None, "train/_annotations.coco.json": FULL},
        {"annotations/instances_train2017.json": FULL, "train2017/a.png": None},
        {"annotations/train.json": FULL, "images/train/a.png": None},
        {"annotations/train.json": FULL, "images/a.png": None},
        {"annotations/train.json": FULL, "train/images/a.png": None},
        {"labels.json": FULL, "data/a.png": None},
        {"result.json": document(annotation(), images=[image(name="images/a.png")]), "images/a.png": None},
        {"images/train/a.png": None, "train.json": document(annotation(), images=[image(name="images\\train\\a.png")])},
        {"export/annotations.json": FULL, "export/images/a.png": None},
        {"train/a.png": None, "train.json": document(annotation(), images=[image(name="old/place/a.png")])},
    ],
)
def test_layouts_that_are_found(tmp_path: Path, files: Mapping[str, Any]) -> None:
    write(tmp_path, files)
    assert coco.looks_like(str(tmp_path))
    dataset = load(tmp_path)
    assert dataset.root == str(tmp_path)
    assert dataset.splits == ("train",)
    assert dataset.images["label"].tolist() == [0]
    assert dataset.images["path"].tolist() == [name for name in files if name.endswith(".png")]
    assert len(dataset.boxes) == 1


def test_splits_and_the_json_beside_its_images(tmp_path: Path) -> None:
    other = document(annotation(), annotation(2))
    write(tmp_path, {f"{split}/a.png": None for split in ("train", "valid", "test")})
    write(tmp_path, {f"{split}/_annotations.coco.json": FULL for split in ("train", "valid", "test")})
    write(tmp_path, {"annotations/train.json": other, "annotations/captions_val.json": {}, "notes.json": {}})
    dataset = load(tmp_path)
    assert dataset.splits == ("train", "val", "test")
    assert dataset.labels["path"].tolist() == [f"{name}/_annotations.coco.json" for name in ("train", "valid", "test")]
    assert load(tmp_path, splits=["val"]).splits == ("val",)
    assert load(tmp_path / "annotations" / "train.json").root == str(tmp_path)
    with pytest.raises(DataError, match="no split 'dev'"):
        load(tmp_path, splits=["dev"])


def test_images_of_another_json_are_no_backgrounds(tmp_path: Path) -> None:
    second = document(images=[image(name="b.png")])
    write(tmp_path, {"images/a.png": None, "images/b.png": None, "images/c.png": None})
    write(tmp_path, {"annotations/train.json": FULL, "annotations/val.json": second})
    assert load(tmp_path).images["path"].tolist() == ["images/a.png", "images/b.png"]
    alone = load(tmp_path / "annotations" / "train.json")
    assert alone.images["path"].tolist() == ["images/a.png", "images/c.png"]


def test_a_broken_json_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"train/a.png": None, "train/_annotations.coco.json": b"{", "val/a.png": None})
    write(tmp_path, {"val/_annotations.coco.json": FULL})
    dataset = load(tmp_path)
    assert dataset.splits == ("train", "val")
    assert dataset.descriptor.path == "train/_annotations.coco.json"
    assert "is not valid JSON" in str(dataset.descriptor.problem)
    assert len(dataset.images) == 1


def test_names_of_all_splits_are_joined(tmp_path: Path) -> None:
    write(tmp_path, {"train/a.png": None, "train/_annotations.coco.json": FULL, "val/a.png": None})
    write(tmp_path, {"val/_annotations.coco.json": document(annotation(), categories=[{"id": 3, "name": "cat"}])})
    dataset = load(tmp_path)
    assert dataset.names == ("cat", "dog")
    assert [counted["splits"]["val"]["instances"] for counted in class_counts(dataset)] == [1, 0]


def test_a_contained_run_says_how_to_reach_images(tmp_path: Path) -> None:
    write(tmp_path, {"annotations/train.json": FULL, "images/a.png": None})
    path = tmp_path / "annotations" / "train.json"
    assert "the root" in str(load(path, untrusted=True).descriptor.problem)
    assert load(path, untrusted=True, root_dir=str(tmp_path)).images["path"].tolist() == ["images/a.png"]


def test_no_data_set(tmp_path: Path) -> None:
    assert not coco.looks_like(str(tmp_path))
    with pytest.raises(DataError, match="holds no COCO annotations"):
        coco.find(str(tmp_path))
    with pytest.raises(DataError, match="does not exist"):
        coco.find(str(tmp_path / "annotations.json"))
    (tmp_path / "link.json").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="link to outside"):
        coco.find(str(tmp_path / "link.json"), untrusted=True)
