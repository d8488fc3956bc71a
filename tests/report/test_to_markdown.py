"""The comment of a pull request, rendered as GitHub renders it: what is new first, within its length, data as text."""

import re
from dataclasses import replace

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tests.example_changes import EVERY, changed, hostile_everywhere
from tests.example_report import example, hostile
from yoloaudit.findings import Change, Finding, Location, Report, Severity
from yoloaudit.report import to_markdown
from yoloaudit.report.text import show

ALLOWED = {"div", "h3", "p", "b", "ul", "li", "table", "tbody", "tr", "th", "td", "code", "details", "summary"}
LINKED = re.compile(r"@\w|#\d|://|www\.|\b(?=\d*[a-f])[0-9a-f]{7}|GH-\d|:\w+:|\$\w")
"""What GitHub's filters look for in text that stands in no <code>."""


def rendered(report: Report) -> html.HtmlElement:
    text = "\n".join(to_markdown.lines(report))
    markup = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    page: html.HtmlElement = html.fragment_fromstring(markup, create_parent="div")
    return page


def words(page: html.HtmlElement) -> str:
    return " ".join(page.text_content().split())


def test_says_the_verdict_what_changed_and_the_counts_before_and_now() -> None:
    page = rendered(changed())
    text = words(page)
    assert text.startswith("Data set check failed 1 error, 1 warning new, 1 mended, 403 known before")
    assert "compared with origin/main" in text
    assert "Changed: 3 images added, 2 boxes moved." in text
    assert "Before and now: errors 0 → 1, warnings 4 → 4, info 23 → 23." in text
    places = [[cell.text_content() for cell in row] for row in page.xpath("details[2]//tr")]
    assert places[2] == ["image moved", "pets/images/train/0901.jpg", "pets/images/val/0901.jpg"]
    assert "cat: 9,812 → 9,640 instances in train" in text
    rows = [[cell.text_content() for cell in row] for row in page.findall(".//table")[0].iter("tr")]
    assert rows[0] == ["severity", "rule", "what it is", "before", "now", "new", "mended"]
    assert [row[1:2] + row[3:] for row in rows[1:3]] == [
        ["missing-split-path", "0", "1", "1", "0"],
        ["swapped-label", "0", "1", "1", "0"],
    ]
    assert ["duplicate-row", "1", "0", "0", "1"] in [row[1:2] + row[3:] for row in rows]


def test_new_findings_come_first_and_open_the_rest_is_folded() -> None:
    page = rendered(changed())
    folded = [element.text_content() for element in page.iter("summary")]
    assert folded[:3] == ["Rules without a change: 3", "Changed places: 2", "Mended: 1"]
    assert "pets/labels/train/0007.txt:4" in [element.text_content() for element in page.findall("./table//code")]


@pytest.mark.parametrize("report", [example(), changed(), hostile(), hostile_everywhere()])
def test_nothing_but_our_own_elements_and_no_attribute_of_the_data(report: Report) -> None:
    page = rendered(report)
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= ALLOWED
    assert {value for element in page.iter() for value in element.attrib.values()} <= {"left", "right"}


def test_nothing_is_linked_mentioned_or_drawn() -> None:
    page = rendered(hostile_everywhere())
    for element in list(page.iter("code")):
        element.text = ""
    assert not [text for text in page.itertext() if LINKED.search(text)]


@given(
    st.text(st.sampled_from("<>&`*_~[]()!|\\#@$:/-.\n\r\t \"'{}^=+0aA\u202e\ud800\udcffé"), max_size=40), st.booleans()
)
def test_no_text_makes_markup(text: str, known: bool) -> None:
    finding = Finding(text, Severity.ERROR, text, Location(split=text, label=text if known else None), known=known)
    change = Change(text, {text: 1}, [text], {}, [finding], [(text, Location(text, text))], {text: text})
    report = replace(example(), findings=[finding], runs=[], change=change, settings={"base": "/data"})
    page = rendered(report)
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= ALLOWED
    assert {value for element in page.iter() for value in element.attrib.values()} <= {"left", "right"}
    for element in list(page.iter("code")):
        element.text = ""
    assert not [part for part in page.itertext() if LINKED.search(part)]


def test_data_come_through_as_text() -> None:
    report = replace(changed(), findings=[Finding("x", Severity.ERROR, text, Location(label=text)) for text in EVERY])
    shown = rendered(report).text_content()
    assert not [text for text in EVERY if show(text, 200) not in shown]


def test_a_comment_is_no_longer_than_github_takes_and_says_what_was_cut() -> None:
    place = Location(label="labels/" + "é" * 300, line=1)
    findings = [Finding(f"rule-{n}", Severity.ERROR, "<&" * 300, place, known=n % 2 == 0) for n in range(3000)]
    text = "\n".join(to_markdown.lines(replace(changed(), findings=findings)))
    assert 60_000 < len(text.encode("utf-8")) <= 65_000
    assert re.search(r"Left out, for there is no more room here: [\d,]+ rules, 1,500 findings", text)
    assert rendered(replace(changed(), findings=findings)).findall(".//table")


def test_many_facts_are_folded_and_one_image_is_one() -> None:
    change = Change("main", {"images added": 1, "boxes moved": 2}, [f"class {n}: 1 → 2 images" for n in range(60)])
    page = rendered(replace(changed(), change=change))
    assert "Changed: 1 image added, 2 boxes moved." in words(page)
    (folded,) = [element for element in page.iter("details") if element[0].text_content().startswith("Facts")]
    assert len(folded.findall(".//li")) == 50


def test_accepted_findings_that_are_gone_are_told() -> None:
    settings = {"fail_on": "error", "stale": 3}
    text = words(rendered(replace(example(), findings=[], runs=[], settings=settings)))
    assert text.startswith("Data set check failed nothing found")
    assert "3 accepted findings are gone" in text


def test_nothing_found_is_said() -> None:
    text = words(rendered(replace(example(), findings=[], runs=[])))
    assert text.startswith("Data set check passed nothing found")
