"""Whatever is named, its format is told and its layout found."""

import json
from pathlib import Path

import pytest

from tests.example_tree import grow
from yoloaudit.dataset.find import find
from yoloaudit.errors import DataError


def test_a_yaml_comes_first(tmp_path: Path) -> None:
    grow(tmp_path, more="{}")
    (tmp_path / "instances.json").write_text("{}")
    assert find(str(tmp_path)).descriptor.layout == "yolo"


def test_a_coco_json_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    images = [{"id": 1, "file_name": "a.png", "width": 10, "height": 10}]
    content = {"images": images, "annotations": [], "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "_annotations.coco.json").write_text(json.dumps(content))
    assert find(str(tmp_path)).descriptor.layout == "coco"
    assert find(str(tmp_path / "_annotations.coco.json")).descriptor.layout == "coco"


def test_nothing_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no YAML file"):
        find(str(tmp_path))


def test_a_descriptor_deep_down_is_found_where_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "release" / "x64" / "data").mkdir(parents=True)
    grow(tmp_path / "release" / "x64" / "data" / "pets")
    assert find(str(tmp_path)).descriptor.path == "data.yaml"


def test_a_folder_that_only_wraps_another_stands_for_it(tmp_path: Path) -> None:
    home = tmp_path / "VOCdevkit" / "VOC2007"
    for name, text in (("Annotations/a.xml", "<annotation/>"), ("JPEGImages/a.jpg", "")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    layout = find(str(tmp_path))
    assert (layout.descriptor.layout, len(layout.images)) == ("voc", 1)
