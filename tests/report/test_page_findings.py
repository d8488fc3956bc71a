"""Findings by rule, and each in words: the worst first, what is proposed, how edges move, an anchor of its own."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_changes import changed
from tests.example_report import example
from yoloaudit.findings import Finding, Fix, Location, Report, Severity, Suggestion
from yoloaudit.report.about import About, checks
from yoloaudit.report.page_findings import Group, Item, Items, grouped, moves, problems

BOXES = st.tuples(*[st.floats(0, 4000, allow_nan=False).map(lambda side: round(side, 2))] * 4)


def report_of(*findings: Finding) -> Report:
    return replace(example(), findings=list(findings), runs=[])


def one(**facts: object) -> Finding:
    where = Location("train", "images/a.jpg", "labels/a.txt", 4, 0, (10.0, 20.0, 110.0, 220.0))
    return replace(Finding("loose-box", Severity.WARNING, "said", where, fingerprint="0123456789abcdef"), **facts)  # type: ignore[arg-type]  # any of its fields


def in_words(finding: Finding) -> Item:
    (group,) = grouped(report_of(finding), {})
    return Items(["cat", "dog"]).of(finding, group)


def test_the_worst_rule_comes_first_and_root_causes_before_what_is_frequent() -> None:
    groups = grouped(example(), checks())
    assert [group.rule for group in groups] == [
        *("missing-split-path", "pixel-coordinates", "few-images-per-class", "swapped-label", "tiny-box"),
    ]
    assert [group.found for group in groups] == [1, 4000, 2, 1, 400]
    assert [group.problems for group in groups] == [1, 1, 2, 1, 400]


def test_rules_of_which_all_is_known_come_last() -> None:
    groups = grouped(changed(), {})
    assert [bool(group.fresh) for group in groups] == [True, True, False, False, False]
    assert {severity.value: count for severity, count in problems(groups).items()} == {
        "error": 1,
        "warning": 1,
        "info": 0,
    }


def test_the_surest_finding_of_a_rule_comes_first() -> None:
    unsure, sure, worst = one(score=0.2), one(score=0.9), one(severity=Severity.ERROR)
    (group,) = grouped(report_of(unsure, sure, worst), {})
    assert group.fresh == (worst, sure, unsure)


def test_a_rule_is_explained_and_its_mend_named() -> None:
    about = {"loose-box": About("Title.", "Why it\nmatters.\n\nWhat to do.", "model")}
    (group,) = grouped(report_of(one(fix=Fix("clip", True)), one(fix=Fix("clip", True))), about)
    assert (group.title, group.why, group.kind) == ("Title", ("Why it matters.", "What to do."), "model")
    assert group.mend == "clip (safe)"
    assert "fix" not in " ".join(in_words(one(fix=Fix("clip", True))).notes)
    (group,) = grouped(report_of(one(fix=Fix("clip", True)), one(fix=None)), about)
    assert "fix: clip" in Items([]).of(one(fix=Fix("clip", True)), group).notes


@pytest.mark.parametrize(
    ("finding", "note"),
    [
        (one(score=0.914), "score 0.91"),
        (one(related=(Location("train", "a", "labels/a.txt", 9), Location("val", "b.jpg"))), "with line 9, b.jpg"),
        (
            one(suggestion=Suggestion(0, (14.0, 20.2, 100.0, 232.0), 0.87)),
            "proposed: left 4 px in, right 10 px in, bottom 12 px out, score 0.87",
        ),
        (one(suggestion=Suggestion(1, (10.0, 20.0, 110.0, 220.0), 0.87)), "proposed: dog, score 0.87"),
        (
            one(where=Location("train", "a.jpg", box=(1, 2, 3, 4)), suggestion=Suggestion(1, (10, 20, 40, 60), 0.0)),
            "proposed: dog, 30 × 40 px",
        ),
        (one(folded=4000, related=(Location(label="l.txt", line=2),)), "in l.txt:2"),
        (one(related=tuple(Location(image=f"{n}.jpg") for n in range(5))), "with 0.jpg, 1.jpg, 2.jpg and 2 more"),
    ],
)
def test_facts_of_a_finding_in_words(finding: Finding, note: str) -> None:
    assert note in in_words(finding).notes


def test_what_the_message_says_is_not_said_again() -> None:
    said = "the model sees 'dog' with score 0.87; 4 px of space on the left (probability 0.91)"
    assert in_words(one(message=said, score=0.914, suggestion=Suggestion(1, (14, 20, 110, 220), 0.87))).notes == ()


@given(BOXES, BOXES)
def test_edges_move_in_where_the_box_becomes_smaller(old: tuple[float, ...], new: tuple[float, ...]) -> None:
    told = moves(old, new)
    for side, before, after, sign in zip(("left", "top", "right", "bottom"), old, new, (1, 1, -1, -1), strict=True):
        far = (after - before) * sign
        assert (f"{side} " in told) == (abs(far) >= 1)
        if abs(far) >= 1:
            assert f"{side} {abs(far):.0f} px {'in' if far > 0 else 'out'}" in told


def test_every_anchor_is_one_alone_and_plain() -> None:
    (group,) = grouped(report_of(one()), {})
    words = Items([])
    anchors = [words.of(one(fingerprint=text), group).anchor for text in ("abcd", "abcd", '"><script>', "", "abcd")]
    assert anchors == ["f-abcd", "f-abcd.2", "f-none", "f-none.2", "f-abcd.3"]


def test_a_rule_with_an_odd_name_has_a_plain_anchor() -> None:
    groups: tuple[Group, ...] = grouped(report_of(one(rule='"><b>'), one(rule="tiny-box")), {})
    assert [(group.rule, group.anchor) for group in groups] == [('"><b>', "rule.0"), ("tiny-box", "rule-tiny-box")]


def test_class_ids_without_a_name() -> None:
    assert in_words(one(where=Location("val", class_id=7))).class_name == "class 7"
    assert in_words(one(where=Location("val", class_id=1))).class_name == "dog"
    assert in_words(one(where=Location("val"))).place == "val"
