"""The facts of a proposed split in a terminal and as JSON."""

import json
from typing import Any

import pytest

from yoloaudit.cli.show_split import document, text


def facts_of(**changes: Any) -> dict[str, Any]:
    """What `split` hands over, for 100 images of three classes."""
    return {
        "dataset": {"root": "/pets", "descriptor": "data.yaml"},
        "seed": 0,
        "images": 100,
        "groups": {"count": 60, "largest": 12},
        "splits": {
            "train": split_of(0.8, 81, 90),
            "val": split_of(0.2, 19, 10),
        },
        "leaks": {"before": leaks_of(10, 7), "after": leaks_of(19, 0)},
        "classes": [class_of("cat", 81, 19), class_of("dog", 30, 0), class_of(None, 4, 1)],
        "numbered": {},
        "left_out": [],
        "files": {
            "descriptor": "/pets/data-split.yaml",
            "lists": {"train": "/pets/data-split-train.txt", "val": "/pets/data-split-val.txt"},
            "absolute_lines": 0,
        },
        **changes,
    }


def split_of(asked: float, images: int, before: int) -> dict[str, Any]:
    return {
        "asked": asked,
        "share": images / 100,
        "images": images,
        "images_before": before,
        "groups": images // 2,
        "backgrounds": images // 10,
    }


def leaks_of(images: int, leaking: int) -> dict[str, Any]:
    return {"val": {"images": images, "leaking": leaking}}


def class_of(name: str | None, train: int, val: int) -> dict[str, Any]:
    splits = {"train": {"images": train, "instances": 2 * train}, "val": {"images": val, "instances": 2 * val}}
    return {"id": 7, "name": name, "groups": train + val, "splits": splits}


def shown(**changes: Any) -> str:
    return "\n".join(text(facts_of(**changes), width=80, lively=False))


def test_numbers_of_splits_leaks_and_classes() -> None:
    lines = [" ".join(line.split()) for line in shown().splitlines()]
    assert "val 10 19 19.0 % 20.0 % 9 1" in lines
    assert "before 7 of 10 in val" in lines
    assert "after 0 of 19 in val" in lines
    assert lines[lines.index("class images in val instances in val groups") + 1].startswith("dog 30 0.0 % 60 0.0 %")
    assert "class 7, which has no name 5 20.0 % 10 20.0 % 5" in lines
    assert "not in val, as too few groups hold them: 1 (dog)" in lines
    assert lines[-3:-1] == ["Next", "yoloaudit check /pets/data-split.yaml"]


@pytest.mark.parametrize(("images", "explained"), [(16, False), (14, True)])
def test_a_split_far_from_what_was_asked_is_explained(images: int, explained: bool) -> None:
    splits = {"train": split_of(0.8, 80, 80), "val": split_of(0.2, images, 20)}
    assert ("val is far from the share asked for" in shown(splits=splits)) is explained


def test_many_classes_and_left_out_images_are_cut() -> None:
    classes = [class_of(f"name{number}", 80 + number, 20) for number in range(14)]
    left_out = [{"image": f"images/{number}.png", "why": "ends early"} for number in range(7)]
    out = shown(classes=classes, left_out=left_out)
    assert "… and 4 more, within " in out
    assert "name13" in out
    assert "name0 " not in out
    assert "7 images are left out" in out
    assert "images/4.png" in out
    assert "images/5.png" not in out
    assert "… and 2 more: --format json" in out


def test_names_are_data() -> None:
    evil = "\x1b[31m\n::error::x"
    files = {**facts_of()["files"], "descriptor": f"/pets/{evil}-split.yaml", "absolute_lines": 3}
    left_out = [{"image": evil, "why": evil}]
    out = shown(classes=[class_of(evil, 1, 1)], numbered={evil: 3}, left_out=left_out, files=files)
    assert "\x1b" not in out
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert "3 lines are absolute paths" in out
    assert "3 images have running numbers" in out
    assert "yoloaudit check" not in out
    json_lines = "\n".join(document(facts_of(numbered={evil: 3})))
    assert json.loads(json_lines)["numbered"] == {evil: 3}
    assert "\x1b" not in json_lines


def test_every_line_fits() -> None:
    classes = [class_of("a very long name of a class, longer than any column", 81, 19)]
    assert max(map(len, shown(classes=classes, numbered={"a" * 99: 5}).splitlines())) <= 80
