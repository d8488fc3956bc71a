"""Defects as findings: places without a label, and what tells them apart."""

from pathlib import Path

from pandas import DataFrame

from yoloaudit.checks.base import Example
from yoloaudit.checks.model.missed_label import MissedLabel
from yoloaudit.findings import Suggestion
from yoloaudit.packs import Rule
from yoloaudit.stamp import Stamp
from yoloaudit.testing import lay_out


def test_objects_without_a_label_are_told_apart_by_where_they_are(tmp_path: Path) -> None:
    stamp, rule = Stamp(lay_out(str(tmp_path), Example())), Rule("missed-label", MissedLabel())

    def fingerprint(*box: float) -> str:
        proposed = Suggestion(1, (1.0, 2.0, 3.0, 4.0), 0.5)
        rows = DataFrame({"image": [0], "row": [-1], "box": [box], "message": ["no label"], "suggestion": [proposed]})
        (finding,) = stamp.findings(rule, MissedLabel(), rows)
        assert (finding.where.box, finding.where.line) == (box, None)
        assert finding.where.label == "labels/train/a.txt"
        assert finding.suggestion == proposed
        return finding.fingerprint

    assert fingerprint(0, 0, 40, 40) == fingerprint(1, 2, 42, 41) != fingerprint(200, 0, 240, 40)


def test_what_is_no_box_and_no_proposal(tmp_path: Path) -> None:
    stamp = Stamp(lay_out(str(tmp_path), Example()))
    nan = float("nan")
    rows = DataFrame({"image": [0, 0], "box": [(nan, 0, 1, 1), nan], "suggestion": [nan, None], "folded": [nan, 3]})
    found = list(stamp.findings(Rule("missed-label", MissedLabel()), MissedLabel(), rows.assign(message="no label")))
    assert [finding.where.box for finding in found] == [None, None]
    assert [finding.suggestion for finding in found] == [None, None]
    assert [finding.folded for finding in found] == [1, 3]
