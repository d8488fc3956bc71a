"""The file of accepted findings: what it accepts, what is stale in it, and files that are none."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.errors import UsageError
from yoloaudit.findings import Finding, Location, Report, RuleRun, Severity
from yoloaudit.ratchet.accepted import Ratchet, apply, document, ratchet_of, read
from yoloaudit.ratchet.keys import EVERYWHERE

A, B, C = (letter * 16 for letter in "abc")
HALVES = [letter * 12 for letter in "abcd"]


def report(*rules: str, folded: int = 1, ran: Sequence[str] = ("tiny-box", "leaked-image")) -> Report:
    findings = [Finding(rule, Severity.ERROR, "", Location(), folded=folded) for rule in rules]
    runs = [RuleRun(rule, rule, None, Severity.ERROR, "fail" if rule in rules else "pass") for rule in ran]
    return Report({}, {}, [], findings, runs, {"fail_on": "error"})


def known(ratchet: Ratchet, found: Sequence[str], folded: int = 1, rule: str = "tiny-box") -> list[bool]:
    applied = apply(report(*[rule] * len(found), folded=folded), ratchet, found)
    return [finding.known for finding in applied.report.findings]


def pair(one: int, other: int) -> str:
    return "-".join(sorted((HALVES[one], HALVES[other])))


def test_equal_findings_are_counted() -> None:
    ratchet = Ratchet({"tiny-box": {A: 2, B: 1}})
    assert known(ratchet, [A, A, A, B, C]) == [True, True, False, True, False]
    assert known(ratchet, [A], rule="leaked-image") == [False]


def test_a_root_cause_is_known_up_to_its_count() -> None:
    assert known(Ratchet({"tiny-box": {EVERYWHERE: 40}}), [EVERYWHERE], folded=40) == [True]
    assert known(Ratchet({"tiny-box": {EVERYWHERE: 40}}), [EVERYWHERE], folded=41) == [False]
    assert known(Ratchet({"tiny-box": {A: 1, B: 39}}), [EVERYWHERE], folded=40) == [True]
    assert known(Ratchet({"tiny-box": {EVERYWHERE: 2}}), [A, B, C]) == [True, True, False]


def test_of_several_copies_another_may_be_the_first() -> None:
    """B and C were held against A; renamed, A and B are held against C. A fourth copy is new."""
    ratchet = Ratchet({"near-duplicate": {pair(0, 1): 1, pair(0, 2): 1}})
    assert known(ratchet, [pair(0, 2), pair(1, 2)], rule="near-duplicate") == [True, True]
    assert known(ratchet, [pair(0, 1), pair(0, 2), pair(0, 3)], rule="near-duplicate") == [True, True, False]
    assert known(ratchet, [pair(0, 1), pair(0, 2), pair(1, 2)], rule="near-duplicate") == [True, True, False]
    same = Ratchet({"identical-image": {pair(0, 0): 1}})
    assert known(same, [pair(0, 0), pair(0, 0)], rule="identical-image") == [True, False]


def test_stale_entries_are_those_of_rules_that_ran() -> None:
    ratchet = Ratchet({"tiny-box": {A: 2, B: 1}, "leaked-image": {C: 3}, "off": {A: 1}})
    applied = apply(report("tiny-box"), ratchet, [A])
    assert applied.stale == {"tiny-box": 2, "leaked-image": 3}
    assert apply(report("tiny-box"), ratchet, [A], narrowed=True).stale == {}


def test_nothing_is_stale_of_a_rule_whose_findings_were_cut() -> None:
    cut = report("tiny-box")
    runs = [RuleRun("tiny-box", "tiny-box", None, Severity.ERROR, "fail", found=7)]
    applied = apply(Report({}, {}, [], cut.findings, runs), Ratchet({"tiny-box": {B: 6}}), [A])
    assert applied.stale == {}


def test_exit_code_is_that_of_what_is_new() -> None:
    accepted = apply(report("tiny-box"), Ratchet({"tiny-box": {A: 1}}), [A]).report
    assert accepted.exit_code("error") == 0
    assert apply(report("tiny-box"), Ratchet(), [A]).report.exit_code("error") == 1


def test_the_file_keeps_what_was_not_looked_at(tmp_path: Path) -> None:
    before = Ratchet({"tiny-box": {A: 5, B: 1}, "off": {C: 1}})
    path = tmp_path / "accepted.json"
    path.write_text(document(report("tiny-box"), [A], before))
    assert read(str(path)).known == {"tiny-box": {A: 1}, "off": {C: 1}}
    path.write_text(document(report("tiny-box"), [A], before, narrowed=True))
    assert read(str(path)).known == before.known


@given(st.lists(st.tuples(st.sampled_from(["tiny-box", "leaked-image"]), st.sampled_from([A, B, C, pair(0, 1)]))))
def test_what_is_written_is_read_and_accepts_everything(entries: list[tuple[str, str]]) -> None:
    found = [key for _, key in entries]
    made = report(*(rule for rule, _ in entries))
    text = document(made, found)
    assert text == document(report(*(rule for rule, _ in entries[::-1])), found[::-1]), (
        "the order of findings is no matter"
    )
    assert json.loads(text)["known"] == ratchet_of(made.findings, found).known
    applied = apply(made, ratchet_of(made.findings, found), found)
    assert all(finding.known for finding in applied.report.findings)
    assert applied.stale == {}


def test_the_file_is_a_line_an_entry() -> None:
    text = document(report("tiny-box", "tiny-box", "leaked-image"), [B, A, pair(0, 1)])
    assert text.splitlines() == [
        *("{", ' "format": 1,', ' "known": {'),
        *('  "leaked-image": {', f'   "{pair(0, 1)}": 1', "  },"),
        *('  "tiny-box": {', f'   "{A}": 1,', f'   "{B}": 1', "  }"),
        *(" }", "}"),
    ]
    assert json.loads(document(report(), [])) == {"format": 1, "known": {}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("[]", "is no ratchet"),
        ("{}", "is no ratchet"),
        ('{"format": 2, "known": {}}', "is of format 2"),
        ('{"format": 1, "known": {"a": []}}', "are damaged"),
        ('{"format": 1, "known": {"a": {"x": 1}}}', "are damaged"),
        ('{"format": 1, "known": {"a": {"*": -1}}}', "are damaged"),
        ('{"format": 1, "known": {"a": {"*": true}}}', "are damaged"),
        ('{"format": 1, "known": {"a": {"*": 1e400}}}', "are damaged"),
        ('{"format": 1, "known": {"\\u001b[31m\\n": 5}}', "are damaged"),
        ("{" * 100_000, "nested|limit"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
        ("\0", "NUL"),
        ("{'a'}", "is not valid JSON"),
    ],
)
def test_what_is_no_ratchet(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        read(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not exist\. --write-ratchet writes it"):
        read(str(tmp_path / "accepted.json"))
    with pytest.raises(UsageError, match="is a folder"):
        read(str(tmp_path))
