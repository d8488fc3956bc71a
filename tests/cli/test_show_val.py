"""The facts of a validation in a terminal."""

from typing import Any

import pytest

from yoloaudit.cli.show_val import text


def facts_of(count: int = 2, **changes: Any) -> dict[str, Any]:
    """What `val` hands over."""
    numbers = {"precision": 0.7, "recall": 0.6, "f1": 0.65, "map50": 0.5, "map50_95": 0.25}
    return {
        "dataset": {"root": "/pets", "descriptor": "data.yaml", "split": "val"},
        "model": {"path": "best.pt", "size": "n", "classes": count, "parameters": 1_872_157},
        "settings": {"imgsz": 640, "batch": 32, "device": "cpu (2 threads)"},
        "images": {"evaluated": 128, "backgrounds": 2},
        "instances": 898,
        "metrics": numbers | {"confidence": 0.265},
        "coco": None,
        "classes": [class_of(number) for number in range(count)],
        "left_out": [],
        "foreign_class_ids": {},
        "speed": {"read": 10.0, "prepare": 2.0, "infer": 75.25, "select": 5.0},
        "files": {"folder": "runs/val/exp", "names": ["PR_curve.png"]},
        **changes,
    }


def class_of(number: int) -> dict[str, Any]:
    counts = {"id": number, "name": f"class{number}", "images": 5, "instances": 9}
    return counts | {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "ap50": 0.125, "ap50_95": 0.0625}


def shown(count: int = 2, *, verbose: bool = False, width: int = 80, **changes: Any) -> list[str]:
    made = text(facts_of(count, **changes), verbose=verbose, width=width, lively=False)
    return [" ".join(line.split()) for line in made]


def test_the_table_speed_and_files() -> None:
    lines = shown()
    assert lines[0] == "/pets/data.yaml val"
    assert "class images instances P R mAP50 mAP50-95" in lines
    assert "all 128 898 0.700 0.600 0.500 0.250" in lines
    assert "class1 5 9 0.500 0.250 0.125 0.062" in lines
    assert "P and R at confidence 0.265, where their F1 is highest" in lines
    assert any("infer 75.2" in line for line in lines)
    assert lines[-1] == "written to runs/val/exp: 1 file"


@pytest.mark.parametrize(
    ("classes", "verbose", "listed"), [(1, False, 0), (49, False, 49), (50, False, 0), (50, True, 50)]
)
def test_classes_are_listed_where_they_are_few_or_wanted(classes: int, verbose: bool, listed: int) -> None:
    lines = shown(classes, verbose=verbose)
    assert sum(line.startswith("class") and line[5].isdigit() for line in lines) == listed
    assert any("--verbose lists them" in line for line in lines) is (classes == 50 and not verbose)


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_width_whatever_the_names_are(width: int) -> None:
    long = class_of(0) | {"name": "日本語 name " * 30}
    made = text(facts_of(classes=[long, class_of(1)]), width=width, lively=False)
    assert max(map(len, made[2:])) <= width


def test_names_and_paths_pass_the_gate() -> None:
    hostile = class_of(0) | {"name": "\x1b[31m::error::"}
    left_out = [{"image": "images/\x1b]0;x\x07.png", "why": "ends\nearly"}]
    out = "\n".join(text(facts_of(classes=[hostile, class_of(1)], left_out=left_out), width=80, lively=False))
    assert "\x1b" not in out
    assert "::" not in out
    assert "\x07" not in out


def test_what_did_not_count_is_told() -> None:
    left_out = [{"image": f"images/{number}.png", "why": "ends early"} for number in range(7)]
    lines = shown(left_out=left_out, foreign_class_ids={"9": 3, "12": 1})
    assert "7 images are left out" in lines
    assert "… and 2 more: --format json" in lines
    assert "4 labels have class ids beyond the names (9, 12), and do not count" in lines


def test_coco_scores_where_asked_and_none_where_there_is_none() -> None:
    coco = {"ap": 0.3371, "ap50": 0.5, "ap75": 0.4, "ap_small": None, "ap_medium": 0.2, "ap_large": 0.6}
    assert "AP 0.337 AP50 0.500 AP75 0.400 small – medium 0.200 large 0.600" in shown(coco=coco)


def test_nothing_labelled() -> None:
    none = dict.fromkeys(("precision", "recall", "f1", "map50", "map50_95"))
    lines = shown(0, metrics={**none, "confidence": 0.0}, classes=[])
    assert "all 128 898 – – – –" in lines
    assert "nothing is labelled, so there is nothing to hold the detections against" in lines


def test_no_folder_no_files() -> None:
    assert "written" not in shown(files={"folder": None, "names": []})[-1]
