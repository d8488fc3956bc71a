"""Proposals of a report are written into labels: the right row, in the style of the file, and none that changed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.example_mending import HEIGHT, NAMES, WIDTH, grow, report, tree
from yoloaudit.dataset.load import load
from yoloaudit.engine import audit
from yoloaudit.errors import DataError, UsageError
from yoloaudit.packs import load_rules
from yoloaudit.repair.accept import fingerprint
from yoloaudit.repair.fixing import Fixed, accept_report, undo_last

LABEL, IMAGE = "labels/train/a.txt", "images/train/a.png"
ROWS = b"0 0.50 0.5 0.2 0.2\r\n\r\n1 0.25 0.25 0.1 0.1\r\n2 0.75 0.75 0.1 0.1"
BOX = [10.0, 8.0, 30.0, 24.0]


def finding(rule: str, line: int | None, raw: str = "", **facts: Any) -> dict[str, Any]:
    known = {"rule": rule, "image": IMAGE, "label": LABEL, "line": line, "score": 0.95, "folded": 1, "suggestion": None}
    mark = fingerprint(rule, LABEL, raw) if line is not None else f"{rule}-somewhere"
    return known | {"fingerprint": mark} | facts


def proposed(class_id: int = 1, box: list[float] = BOX) -> dict[str, Any]:
    return {"class_id": class_id, "box": box, "score": 0.8}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return grow(tmp_path / "set", {"train/a": ROWS, "train/b": None})


def accept(folder: Path, *findings: dict[str, Any], **options: Any) -> Fixed:
    (folder.parent / "report.json").write_text(json.dumps(report(list(findings))))
    rules = sorted({finding["rule"] for finding in findings})
    return accept_report(str(folder), str(folder.parent / "report.json"), **{"rules": rules, **options})


def label(folder: Path, name: str = "a") -> bytes:
    return (folder / f"labels/train/{name}.txt").read_bytes()


def test_the_fingerprint_is_that_of_the_report(folder: Path) -> None:
    (folder / LABEL).write_bytes(b"0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n")
    found = audit(load(str(folder), workers=1), load_rules(select=["duplicate-row"])).findings[0]
    assert found.fingerprint == fingerprint("duplicate-row", LABEL, "0 0.5 0.5 0.2 0.2")


def test_each_kind_of_proposal_does_what_it_says(folder: Path) -> None:
    fixed = accept(
        folder,
        finding("missed-label", None, suggestion=proposed(2)),
        finding("loose-box", 1, "0 0.50 0.5 0.2 0.2", suggestion=proposed(0, [42.0, 32.0, 60.0, 48.0])),
        finding("swapped-class", 3, "1 0.25 0.25 0.1 0.1", suggestion=proposed(2)),
        finding("spurious-label", 4, "2 0.75 0.75 0.1 0.1"),
    )
    assert (
        label(folder)
        == b"0 0.510000 0.5 0.180000 0.2\r\n\r\n2 0.25 0.25 0.1 0.1\r\n2 0.200000 0.200000 0.200000 0.200000\r\n"
    )
    assert not fixed.plan.left
    assert {mend.words for mend in fixed.plan.mends} == {"box added", "box redrawn", "class changed", "row dropped"}


def test_undo_gives_every_byte_back(folder: Path) -> None:
    before = tree(folder)
    accept(
        folder,
        finding("missed-label", None, suggestion=proposed()),
        finding("spurious-label", 3, "1 0.25 0.25 0.1 0.1"),
    )
    assert tree(folder) != before
    undo_last(str(folder))
    assert tree(folder) == before


def test_a_second_time_changes_nothing(folder: Path) -> None:
    wanted = (
        finding("missed-label", None, suggestion=proposed()),
        finding("swapped-class", 3, "1 0.25 0.25 0.1 0.1", suggestion=proposed(2)),
    )
    accept(folder, *wanted)
    after = label(folder)
    again = accept(folder, *wanted)
    assert label(folder) == after
    assert not again.plan.edits
    assert sorted(left.kind for left in again.plan.left) == ["changed", "done"]


def test_an_image_without_a_label_file_gets_one(folder: Path) -> None:
    fixed = accept(folder, finding("missed-label", None, image="images/train/b.png", label=None, suggestion=proposed()))
    assert label(folder, "b") == b"1 0.200000 0.200000 0.200000 0.200000\n"
    assert [edit.path for edit in fixed.plan.edits] == ["labels/train/b.txt"]


def test_a_new_row_has_as_many_decimals_as_the_file(folder: Path) -> None:
    (folder / LABEL).write_bytes(b"0 0.12345678 0.5 0.2 0.2\n")
    accept(folder, finding("missed-label", None, suggestion=proposed()))
    assert label(folder).splitlines()[1] == b"1 0.20000000 0.20000000 0.20000000 0.20000000"


def test_a_box_among_polygons_is_written_as_one(folder: Path) -> None:
    polygon = b"0 0.1 0.1 0.3 0.1 0.3 0.3 0.2 0.4\n"
    (folder / LABEL).write_bytes(polygon)
    fixed = accept(
        folder,
        finding("missed-label", None, suggestion=proposed()),
        finding("loose-box", 1, polygon.decode().strip(), suggestion=proposed()),
    )
    assert label(folder) == polygon + b"1 0.100000 0.100000 0.300000 0.100000 0.300000 0.300000 0.100000 0.300000\n"
    assert [left.rule for left in fixed.plan.left] == ["loose-box"]


def test_a_row_that_changed_is_refused_and_one_that_moved_is_found(folder: Path) -> None:
    (folder / LABEL).write_bytes(b"1 0.25 0.25 0.1 0.1\n0 0.51 0.5 0.2 0.2\n")
    fixed = accept(
        folder,
        finding("swapped-class", 3, "1 0.25 0.25 0.1 0.1", suggestion=proposed(2)),
        finding("loose-box", 1, "0 0.50 0.5 0.2 0.2", suggestion=proposed()),
    )
    assert label(folder) == b"2 0.25 0.25 0.1 0.1\n0 0.51 0.5 0.2 0.2\n"
    assert [(left.rule, left.kind) for left in fixed.refused] == [("loose-box", "changed")]


def test_the_surer_of_two_proposals_for_a_row_is_taken(folder: Path) -> None:
    raw = "1 0.25 0.25 0.1 0.1"
    fixed = accept(
        folder,
        finding("spurious-label", 3, raw, score=0.91),
        finding("swapped-class", 3, raw, score=0.96, suggestion=proposed(0)),
        finding("shifted-box", 3, raw, score=0.93, suggestion=proposed(1)),
        finding("loose-box", 3, raw, score=0.92, suggestion=proposed(1, [0.0, 0.0, 9.0, 9.0])),
    )
    assert label(folder).splitlines()[2] == b"0 0.200000 0.200000 0.200000 0.200000"
    assert [(left.rule, left.kind) for left in fixed.plan.left] == [
        ("loose-box", "conflict"),
        ("spurious-label", "conflict"),
    ]
    assert not fixed.refused


def test_one_of_two_boxes_is_dropped_but_never_the_last_one(folder: Path) -> None:
    first, second = "0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.21 0.2"
    (folder / LABEL).write_text(f"{first}\n{second}\n")
    twice = finding("duplicate-box", 2, second), finding("duplicate-box", 1, first)
    fixed = accept(folder, *twice)
    assert len(label(folder).splitlines()) == 1
    assert len(fixed.plan.left) == 1


def test_what_is_not_sure_enough_is_left_out(folder: Path) -> None:
    unsure = finding("missed-label", None, score=0.5, suggestion=proposed())
    assert not accept(folder, unsure).plan.edits
    assert accept(folder, unsure, min_score=0.5).plan.edits
    nothing = finding("spurious-label", 3, "1 0.25 0.25 0.1 0.1", score=None)
    assert not accept(folder, nothing).plan.edits


@pytest.mark.parametrize(
    "facts",
    [
        {"suggestion": proposed(class_id=len(NAMES))},
        {"suggestion": proposed(box=[-50.0, -50.0, -10.0, -10.0])},
        {"suggestion": proposed(box=[10.0, 10.0, 10.0, 30.0])},
        {"image": "../../etc/passwd"},
        {"image": "images/train/none.png"},
        {"label": "data.yaml"},
    ],
)
def test_what_cannot_be_is_refused(folder: Path, facts: dict[str, Any]) -> None:
    before = tree(folder)
    fixed = accept(folder, finding("missed-label", None, **{"suggestion": proposed(), **facts}))
    assert len(fixed.refused) == 1
    assert tree(folder) == before


@pytest.mark.parametrize(
    "facts",
    [
        {"suggestion": None},
        {"suggestion": {"class_id": True, "box": BOX}},
        {"suggestion": {"class_id": 1, "box": [1, 2, 3]}},
        {"suggestion": {"class_id": 1, "box": [1, 2, 3, "4"]}},
        {"suggestion": {"class_id": -1, "box": BOX}},
        {"image": None},
        {"image": 7},
        {"fingerprint": None},
        {"folded": 3},
    ],
)
def test_what_proposes_nothing_is_passed_over(folder: Path, facts: dict[str, Any]) -> None:
    fixed = accept(folder, finding("missed-label", None, **{"suggestion": proposed(), **facts}))
    assert not fixed.plan.edits
    assert fixed.chosen is not None
    assert fixed.chosen.empty == 1


def test_boxes_are_clipped_to_the_image(folder: Path) -> None:
    (folder / LABEL).write_bytes(b"")
    accept(folder, finding("missed-label", None, suggestion=proposed(box=[-10.0, 0.0, WIDTH / 2, HEIGHT + 9.0])))
    np.testing.assert_allclose([float(field) for field in label(folder).split()], [1, 0.25, 0.5, 0.5, 1])


def test_only_labels_of_yolo_are_mended(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(report([])))
    coco = {"images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}], "annotations": [], "categories": []}
    (tmp_path / "set").mkdir()
    (tmp_path / "set/instances.json").write_text(json.dumps(coco))
    with pytest.raises(DataError, match="COCO"):
        accept_report(str(tmp_path / "set/instances.json"), str(tmp_path / "report.json"), rules=["missed-label"])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"format": 1}', '{"format": 2, "rules": [], "findings": []}', "not JSON", "[" * 100],
)
def test_what_is_no_report_is_refused_in_a_line(folder: Path, text: str) -> None:
    (folder.parent / "report.json").write_text(text)
    with pytest.raises(UsageError, match="--accept") as caught:
        accept_report(str(folder), str(folder.parent / "report.json"), rules=["missed-label"])
    assert "\n" not in str(caught.value)


def test_a_rule_that_proposes_nothing_is_said(folder: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'missed-label'"):
        accept(folder, finding("missed-label", None), rules=["missed-lable"])
    with pytest.raises(UsageError, match="propose nothing"):
        accept(folder, finding("tiny-box", None), rules=["tiny-box"])


def test_a_rule_of_another_name_is_known_by_its_check(folder: Path) -> None:
    own = finding("unlabelled-cats", None, suggestion=proposed())
    (folder.parent / "report.json").write_text(json.dumps(report([own], {"unlabelled-cats": "missed-label"})))
    for name in ("unlabelled-cats", "missed-label"):
        fixed = accept_report(str(folder), str(folder.parent / "report.json"), rules=[name], dry=True)
        assert len(fixed.plan.edits) == 1
