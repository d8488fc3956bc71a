"""The page as a file: alone, inert, complete without its script, and no larger than asked for."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.example_changes import EVERY, changed, hostile_everywhere
from tests.example_report import example
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.findings import Finding, Location, Report, Severity, Suggestion
from yoloaudit.report import to_html
from yoloaudit.report.about import checks
from yoloaudit.report.text import show

INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
LOADING = {"src", "srcset", "poster", "action", "formaction", "background", "data", "ping", "manifest"}
EMPTY = {"meta", "link", "img", "br", "wbr", "input", "rect", "path", "image", "hr"}


class Reader(HTMLParser):
    """Elements, attributes and texts of a page; that elements end in the order in which they began is asserted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.held: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            self.held.setdefault(self.open[-1], []).append(data)
        else:
            self.texts.append(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [
            found
            for name, found in self.elements
            if name == tag and all(found.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def clean(sample_data: Path) -> Dataset:
    return load(str(sample_data / "clean" / "data.yaml"), workers=1)


@pytest.fixture(autouse=True)
def without_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have tests of their own, and take a second."""
    monkeypatch.setattr(to_html, "_plots", lambda *_: ([], "no plots"))


def page(report: Report, dataset: Dataset, **settings: int) -> str:
    return "\n".join(to_html.document(report, dataset, titles=checks(), workers=1, **settings))  # type: ignore[arg-type]  # numbers


def on(dataset: Dataset, count: int, rule: str = "tiny-box", suggestion: Suggestion | None = None) -> list[Finding]:
    """So many findings on images of a data set."""
    paths, labels = dataset.images["path"].tolist(), dataset.labels["path"].tolist()
    boxes = [(10.0, 10.0, 60.0 + number % 9, 50.0) for number in range(count)]
    places = [Location("train", paths[number % 70], labels[number % 70], 1, 0, box) for number, box in enumerate(boxes)]
    return [
        Finding(
            rule,
            Severity.WARNING,
            f"number {number}",
            place,
            suggestion=suggestion,
            fingerprint=f"{rule}{number:04}",
        )
        for number, place in enumerate(places)
    ]


@pytest.mark.parametrize("report", [example(), changed(), hostile_everywhere()], ids=["example", "changed", "hostile"])
def test_loads_and_runs_nothing_but_itself(report: Report, clean: Dataset) -> None:
    text = page(report, clean)
    reader = read(text)
    for tag, attributes in reader.elements:
        assert tag not in ("iframe", "object", "embed", "base", "link", "img", "audio", "video")
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            assert name not in LOADING
            assert name not in ("href", "xlink:href") or value.startswith(("#", "data:image/webp;base64,"))
    assert not INVISIBLE.search(text)
    text.encode("utf-8")


def test_policy_allows_its_own_script_and_style_alone(clean: Dataset) -> None:
    reader = read(page(example(), clean))
    (policy,) = (meta["content"] for meta in reader.all("meta") if "http-equiv" in meta)
    style, script = "".join(reader.held["style"]), reader.held["script"][-1]
    for kind, held in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert [script.get("type") for script in reader.all("script")] == ["application/json", None]


def test_hostile_text_is_text(clean: Dataset) -> None:
    report = hostile_everywhere()
    reader = read(page(report, clean))
    said = "".join(reader.texts)
    for text in EVERY:
        assert show(text, 60) in said
    assert {tag for tag, _ in reader.elements} == {tag for tag, _ in read(page(changed(), clean)).elements} | {"code"}


def test_templates_in_names_are_not_expanded(clean: Dataset) -> None:
    finding = Finding("tiny-box", Severity.INFO, "{{ 7 * 7 }} {% raw %}", Location(image="{{ config }}.jpg"))
    said = "".join(read(page(replace(example(), findings=[finding]), clean)).texts)
    assert "{{ 7 * 7 }} {% raw %}" in said
    assert "{{ config }}.jpg" in said


def test_is_complete_without_its_script(clean: Dataset) -> None:
    report = replace(example(), findings=[*on(clean, 30), *on(clean, 3, "loose-box")])
    reader = read(page(report, clean, thumbnails_per_rule=5))
    said = "".join(reader.texts)
    assert len([found for found in reader.all("li") if "data-row" in found]) == 8
    assert len(reader.all("image")) == 8
    for words in ("number 4", "and 25 more", "What the trainer will do", "cat", "pets"):
        assert words in said, words
    rows = json.loads(reader.held["script"][0])["rows"]
    assert len(rows) == 33


def test_labels_are_drawn_solid_and_what_is_proposed_dashed(clean: Dataset, project: Path) -> None:
    proposed = Suggestion(0, (20.0, 10.0, 80.0, 50.0), 0.9)
    reader = read(page(replace(example(), findings=on(clean, 1, suggestion=proposed)), clean))
    (label,), (dashed,) = (reader.all("rect", class_=f"mark {kind}") for kind in ("label", "proposed"))
    assert (label["x"], label["y"], label["width"], label["height"]) == ("10.0", "10.0", "50.0", "40.0")
    assert (dashed["x"], dashed["width"]) == ("20.0", "60.0")
    style = (project / "yoloaudit" / "report" / "templates" / "page.css").read_text()
    assert re.search(r"\.mark\.proposed \{[^}]*stroke-dasharray: \d", style)
    assert not re.search(r"\.mark\.label \{[^}]*dasharray", style)


def test_keeps_to_its_size(clean: Dataset) -> None:
    report = replace(example(), findings=[each for number in range(9) for each in on(clean, 12, f"rule-{number}")])
    whole = page(report, clean)
    pictures = sum(len(image["href"]) for image in read(whole).all("image"))
    most = len(whole.encode()) - pictures // 2
    small = page(report, clean, most_bytes=most)
    assert len(small.encode()) <= most
    shown = len(read(small).all("image"))
    assert 12 < shown < 108
    assert "the file would be too large" in small
    first = read(small).elements
    rules = [found["id"] for tag, found in first if tag == "section" and found.get("class") == "rule"]
    assert len(rules) == 9


def test_known_findings_are_folded_away(clean: Dataset) -> None:
    reader = read(page(changed(), clean))
    folded = [attributes.get("open") for tag, attributes in reader.elements if attributes.get("class") == "known"]
    assert folded == [None, None, None]
    said = "".join(reader.texts)
    assert "Change since origin/main" in said
    assert "cat: 9,812 → 9,640 instances in train" in said
    assert "line 3 repeats line 1" in said


def test_links_lead_somewhere(clean: Dataset) -> None:
    reader = read(page(example(), clean))
    names = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {attributes["href"] for attributes in reader.all("a")}
    assert targets <= {f"#{name}" for name in names}
    assert "#rule-tiny-box" in targets


def test_a_report_without_findings_is_a_page(clean: Dataset) -> None:
    report = replace(example(), findings=[], runs=[], classes=[], ledger={})
    assert "Nothing was found" in "".join(read(page(report, clean)).texts)


def test_the_same_report_is_the_same_page(clean: Dataset) -> None:
    report = replace(example(), findings=on(clean, 30))
    assert page(report, clean) == page(report, clean)


def test_plots_are_not_missed_where_they_cannot_be_drawn(clean: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setitem(__import__("sys").modules, "yoloaudit.report.plots", None)
    assert "pip install" in page(example(), clean)
