"""The engine: scope, severities, folding, tolerances, crashes and the order of findings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pandas import DataFrame

from tests.example_checks import Crash, EveryBox, FirstRowOfAll, Guard, LeakedImage, NeedsModel, NeedsPixels, Opinion
from yoloaudit.checks.base import Check, Example, Picture
from yoloaudit.checks.boxes.tiny_box import TinyBox
from yoloaudit.checks.classes.few_images_per_class import FewImagesPerClass
from yoloaudit.checks.data.same_split_twice import SameSplitTwice
from yoloaudit.checks.rows.undecodable_label import UndecodableLabel
from yoloaudit.checks.training.poor_anchor_fit import PoorAnchorFit
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.engine import NO_MODEL, audit
from yoloaudit.findings import Fix, Severity, Suggestion
from yoloaudit.packs import Rule
from yoloaudit.testing import lay_out
from yoloaudit.training_run import Run

TINY = "0 .5 .5 .2 .2\n1 .2 .2 .1 .0042\n"


def _set(tmp_path: Path, images: int = 1, text: str = TINY) -> Dataset:
    files: dict[str, Any] = {}
    for number in range(images):
        files[f"images/train/n{number:02d}.png"] = Picture(64, 64)
        files[f"labels/train/n{number:02d}.txt"] = text
    return lay_out(str(tmp_path), Example(files))


def _rule(check: Check, **settings: Any) -> Rule:
    return Rule(check.name(), check, **settings)


def test_a_defect_becomes_a_finding_at_its_row(tmp_path: Path) -> None:
    report = audit(_set(tmp_path), [_rule(EveryBox())])
    finding = next(
        found for found in report.findings if found.where.label == "labels/train/n00.txt" and found.where.line == 2
    )
    assert finding.message == "row says 1 .2 .2 .1 .0042"
    assert (finding.where.split, finding.where.image, finding.where.class_id) == ("train", "images/train/n00.png", 1)
    assert finding.where.box == pytest.approx((9.6, 12.67, 16.0, 12.93), abs=0.01)
    assert finding.value == pytest.approx(6.4)
    assert finding.fix == Fix("clip", safe=True)
    assert report.runs[0].found == 4
    assert report.exit_code() == 0
    assert report.exit_code("warning") == 1


def test_scope_keeps_splits_classes_and_ignored_images_out(tmp_path: Path) -> None:
    dataset = _set(tmp_path)

    def found(**settings: Any) -> int:
        return audit(dataset, [_rule(EveryBox(), **settings)]).runs[0].found

    assert found(splits=("val",)) == 1
    assert found(classes=("dog",)) == 2
    assert found(ignore=("images/train/n*",)) == 2
    assert found(splits=("train",), classes=("cat",), ignore=("**/a.png",)) == 1


def test_a_rule_grades_over_the_checks_own_severity(tmp_path: Path) -> None:
    report = audit(_set(tmp_path), [_rule(TinyBox(min_side=4), severity=Severity.ERROR)])
    assert {found.severity for found in report.findings} == {Severity.ERROR}
    assert report.exit_code() == 1


def test_what_most_images_show_is_one_finding(tmp_path: Path) -> None:
    report = audit(_set(tmp_path, images=12), [_rule(EveryBox())])
    (finding,) = report.findings
    assert finding.folded == report.runs[0].found == 26
    assert "26 times, in 14 of 14 images" in finding.message
    assert len(finding.related) == 20
    assert finding.related[0].label is not None


def test_consequences_are_folded_into_their_root_cause(tmp_path: Path) -> None:
    report = audit(_set(tmp_path), [_rule(EveryBox()), _rule(FirstRowOfAll())])
    by_rule = {run.rule: run for run in report.runs}
    assert by_rule["first-row-of-all"].found == 2
    assert by_rule["every-box"].found == 2
    assert by_rule["every-box"].why_skipped == "2 more follow from first-row-of-all"
    assert [found.rule for found in report.findings].count("first-row-of-all") == 1


def test_tolerances_let_a_rule_pass_and_still_count(tmp_path: Path) -> None:
    dataset = _set(tmp_path)
    for rule in (_rule(EveryBox(), max_count=4), _rule(EveryBox(), max_share=2.0)):
        report = audit(dataset, [rule])
        assert (report.runs[0].status, report.runs[0].found, report.findings) == ("pass", 4, [])
    assert audit(dataset, [_rule(EveryBox(), max_count=3)]).runs[0].status == "fail"


def test_a_crash_is_reported_and_the_others_stand(tmp_path: Path) -> None:
    report = audit(_set(tmp_path), [_rule(Crash()), _rule(EveryBox()), _rule(NeedsPixels())])
    assert [run.status for run in report.runs] == ["error", "fail", "skipped"]
    assert "ZeroDivisionError" in (report.runs[0].why_skipped or "")
    assert "no pixel was looked at" in (report.runs[2].why_skipped or "")
    assert report.exit_code() == 3
    assert report.findings


def test_findings_come_in_the_promised_order_and_within_bounds(tmp_path: Path) -> None:
    rules = [_rule(TinyBox(min_side=4)), _rule(EveryBox()), _rule(FirstRowOfAll())]
    findings = audit(_set(tmp_path, images=3), rules).findings
    keys = [
        (found.severity.rank, found.rule, found.where.split or "", found.where.image or "", found.where.line or 0)
        for found in findings
    ]
    assert keys == sorted(keys)
    assert audit(_set(tmp_path, images=3), rules, max_per_rule=1).runs[1].found > 1
    assert len(audit(_set(tmp_path, images=3), rules, max_per_rule=1).findings) == 3


def test_fingerprints_follow_the_row_and_not_its_number(tmp_path: Path) -> None:
    first = audit(_set(tmp_path / "a", text=TINY), [_rule(TinyBox(min_side=4))]).findings[0]
    moved = audit(_set(tmp_path / "b", text="\n0 .1 .1 .1 .1\n" + TINY), [_rule(TinyBox(min_side=4))]).findings[0]
    other = audit(_set(tmp_path / "c", text=TINY.replace(".0042", ".0043")), [_rule(TinyBox(min_side=4))]).findings[0]
    assert first.where.line != moved.where.line
    assert first.fingerprint == moved.fingerprint != other.fingerprint


def test_a_defect_of_a_label_file_points_at_that_file(tmp_path: Path) -> None:
    dataset = lay_out(str(tmp_path), Example({"labels/train/a.txt": "0 .5 .5 .2 .2\n".encode("utf-16")}))
    (finding,) = audit(dataset, [_rule(UndecodableLabel())]).findings
    assert finding.where.path == "labels/train/a.txt"
    assert finding.where.image == "images/train/a.png"


def test_a_cause_explains_every_rule_of_a_check_and_tolerances_count_again(tmp_path: Path) -> None:
    rules = [
        _rule(FirstRowOfAll()),
        Rule("other-cause", FirstRowOfAll(), splits=("val",)),
        _rule(EveryBox()),
        Rule("every-box-again", EveryBox(), max_count=2),
    ]
    runs = {run.rule: run for run in audit(_set(tmp_path), rules).runs}
    assert runs["every-box"].found == runs["every-box-again"].found == 2
    assert (runs["every-box"].status, runs["every-box-again"].status) == ("fail", "pass")


def test_a_share_is_one_of_images_not_of_defects(tmp_path: Path) -> None:
    dataset = _set(tmp_path, images=2)
    status = [
        audit(dataset, [Rule("tiny-box", TinyBox(min_side=4), max_share=share)]).runs[0].status
        for share in (0.4, 0.5, 1.0)
    ]
    assert status == ["fail", "pass", "pass"]


def test_a_guide_rule_without_anything_to_measure_does_not_pass(tmp_path: Path) -> None:
    dataset = _set(tmp_path, text="0 .5 .5 .2 .2\n")
    (run,) = audit(dataset, [Rule("tiny-box", TinyBox(), guide="A sentence.")]).runs
    assert (run.status, run.why_skipped) == ("skipped", "there is nothing to measure it on")


def test_a_rule_of_a_class_that_is_not_there_says_so(tmp_path: Path) -> None:
    (run,) = audit(_set(tmp_path), [_rule(TinyBox(), classes=("horse",))]).runs
    assert (run.status, run.why_skipped) == ("skipped", "no class is called 'horse'")


def test_a_check_is_skipped_where_its_split_was_left_out(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    rules = [_rule(FewImagesPerClass()), _rule(EveryBox())]
    narrowed = audit(load(str(tmp_path), splits=["val"], workers=1), rules).runs
    assert [(run.rule, run.status) for run in narrowed] == [("few-images-per-class", "skipped"), ("every-box", "fail")]
    assert audit(load(str(tmp_path), workers=1), rules).runs[0].status == "fail"


def test_a_cause_that_names_images_explains_what_is_found_at_them(tmp_path: Path) -> None:
    yaml = "path: .\ntrain: images/train\nval: [images/train, images/val]\nnames: [cat, dog]\n"
    dataset = lay_out(str(tmp_path), Example({"data.yaml": yaml}))
    report = audit(dataset, [_rule(SameSplitTwice()), _rule(LeakedImage())])
    assert [found.where.image for found in report.findings if found.rule == "leaked-image"] == ["images/val/b.png"]
    assert report.runs[1].why_skipped == "2 more follow from same-split-twice"


def test_a_rule_of_a_run_is_skipped_without_one_and_where_the_run_tells_nothing(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    dataset = load(str(tmp_path / "data.yaml"))
    rule = Rule("anchors", PoorAnchorFit())
    for measures, said in (({}, "--run DIR"), ({"run": Run("exp", imgsz=640)}, "no weights")):
        (run,) = audit(dataset, [rule], measures=measures).runs
        assert run.status == "skipped"
        assert said in str(run.why_skipped)
    held = Run("exp", imgsz=640, anchors=np.array([[[128, 128]]], np.float32))
    (run,) = audit(dataset, [rule], measures={"run": held}).runs
    assert (run.status, run.measured) == ("pass", 1.0)


def test_what_a_weak_model_says_is_withheld(tmp_path: Path) -> None:
    dataset = _set(tmp_path)
    report = audit(dataset, [_rule(Opinion()), _rule(Guard()), _rule(EveryBox())])
    assert {finding.rule for finding in report.findings} == {"guard", "every-box"}
    run = report.runs[0]
    assert (run.status, run.found, run.why_skipped) == ("skipped", 0, "withheld by guard: the model is weak")
    for guard in (_rule(Guard(weak=False)), _rule(Guard(), max_count=1)):
        assert audit(dataset, [_rule(Opinion()), guard]).runs[0].status == "fail"


def test_opinions_of_a_model_are_not_folded_and_the_surest_are_kept(tmp_path: Path) -> None:
    dataset = _set(tmp_path, images=30)
    found = audit(dataset, [_rule(Opinion())]).findings
    assert len(found) == len(dataset.boxes)
    proposed = [finding for finding in found if finding.suggestion]
    assert [finding.suggestion for finding in proposed] == [Suggestion(1, (1.0, 2.0, 3.0, 4.0), 0.5)]
    assert [finding.folded for finding in proposed] == [7]
    kept = audit(dataset, [_rule(Opinion())], max_per_rule=3).findings
    scores = sorted((finding.score or 0 for finding in found), reverse=True)
    assert sorted((finding.score or 0 for finding in kept), reverse=True) == scores[:3]


def test_why_there_is_no_table_of_a_model(tmp_path: Path) -> None:
    dataset, rules = _set(tmp_path), [_rule(NeedsModel())]
    assert audit(dataset, rules).runs[0].why_skipped == NO_MODEL
    seen = {"predictions": DataFrame({"image": [0]})}
    assert audit(dataset, rules, measures=seen, without={"crops": "no crops"}).runs[0].why_skipped == "no crops"
    (run,) = audit(dataset, rules, measures=seen | {"crops": DataFrame()}).runs
    assert (run.status, run.why_skipped) == ("skipped", "there is nothing to measure it on")
