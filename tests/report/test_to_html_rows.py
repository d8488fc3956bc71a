"""Rows for the page's script: all findings in order, as many as fit, in JSON that ends no element."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.example_changes import changed, hostile_everywhere
from tests.example_report import example
from yoloaudit.findings import Finding, Location, Severity
from yoloaudit.report.page_findings import grouped
from yoloaudit.report.to_html_rows import as_json, listed

PLENTY = 10**9
ANYTHING = st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=4), max_leaves=8)


@given(ANYTHING | st.text(alphabet="<>&/!-scriptSCRIPT]\u2028\ud800"))
def test_json_survives_a_page(value: object) -> None:
    text = as_json(value)
    assert json.loads(text) == value
    assert text.isascii()
    assert not set("<>&\n") & set(text)


def test_new_findings_come_before_known_ones_rule_by_rule() -> None:
    groups = grouped(changed(), {})
    made = listed(groups, ["cat", "dog"], PLENTY)
    data = json.loads(made.text)
    assert data["groups"] == [group.rule for group in groups]
    assert [(row[0], row[8]) for row in data["rows"]] == sorted((row[0], row[8]) for row in data["rows"])
    for (fresh, known), group in zip(made.parts, groups, strict=True):
        assert (len(fresh.items), len(known.items)) == (len(group.fresh), len(group.known))
        for part in (fresh, known):
            rows = data["rows"][part.first : part.first + len(part.items)]
            assert [row[5] for row in rows] == [item.message for item in part.items]


def test_splits_and_classes_are_named_once() -> None:
    data = json.loads(listed(grouped(example(), {}), ["cat", "dog"], PLENTY).text)
    assert data["splits"] == ["", "test", "train"]
    assert set(data["classes"]) == {"", "cat", "dog"}
    assert {data["classes"][row[3]] for row in data["rows"] if data["groups"][row[0]] == "tiny-box"} == {"dog"}


def test_of_too_many_findings_each_rule_keeps_some() -> None:
    findings = [
        Finding(f"rule-{number % 7}", Severity.INFO, f"finding {number}", Location(image=f"images/{number}.jpg"))
        for number in range(20_000)
    ]
    groups = grouped(replace(example(), findings=findings, runs=[]), {})
    made = listed(groups, [], 300_000)
    assert len(made.text) < 330_000
    kept = [len(fresh.items) for fresh, _ in made.parts]
    assert min(kept) == max(kept) > 100
    assert all(
        len(fresh.items) + fresh.left_out == len(group.fresh)
        for (fresh, _), group in zip(made.parts, groups, strict=True)
    )


def test_hostile_text_is_data() -> None:
    made = listed(grouped(hostile_everywhere(), {}), ["</script>"], PLENTY)
    assert "<" not in made.text
    assert "</script>" in json.loads(made.text)["classes"]
