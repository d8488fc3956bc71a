"""The page as a person meets it, in a real Chromium: nothing is loaded, filters, search, links and keys work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser import FAINT, Browser, browser, chromium
from tests.example_changes import changed
from tests.example_report import example
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.findings import Finding, Fix, Location, Severity, Suggestion
from yoloaudit.report.about import checks
from yoloaudit.report.to_html import document

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
MANY, SOON = 10_000, 10
"""Findings, and the seconds in which they have to be a page."""
BOX = (10.0, 10.0, 80.0, 60.0)
SHOWN = "[...document.querySelectorAll('.finding')].filter((node) => !node.closest('[hidden], details:not([open])'))"
TITLE = "Failed: pets, audited by yoloaudit"
FAST_MS = 500
"""Of a filter over ten thousand findings on a busy machine; a quiet one takes a tenth of it."""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def clean(sample_data: Path) -> Dataset:
    return load(str(sample_data / "clean" / "data.yaml"), workers=1)


@pytest.fixture(scope="module")
def page(clean: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand findings of thirty rules, one of them on a class of a hostile name."""
    paths, labels = clean.images["path"].tolist(), clean.labels["path"].tolist()
    findings = [
        Finding(
            f"rule-{number % 30:02}",
            list(Severity)[number % 30 % 3],
            f"finding number {number}" if number else f"class {EVIL!r} is odd",
            Location(("train", "val")[number % 2], paths[number % 70], labels[number % 70], 1, number % 3, BOX),
            suggestion=Suggestion(1, (20.0, 20.0, 90.0, 70.0), 0.9) if number % 2 else None,
            fix=Fix("clip", True),
            fingerprint=f"{number:016x}",
            known=number % 100 == 99,
        )
        for number in range(MANY)
    ]
    names = [EVIL, "nut", "washer"]
    classes = [{**facts, "name": name} for facts, name in zip(example().classes, names, strict=False)]
    facts = {**example().dataset, "names": names}
    report = replace(example(), dataset=facts, findings=findings, classes=classes, runs=[])
    place = tmp_path_factory.mktemp("page") / "report.html"
    began = time.perf_counter()
    written(place, report, replace(clean, names=tuple(names)))
    assert time.perf_counter() - began < SOON
    return place


def written(place: Path, report: object, dataset: Dataset) -> Path:
    lines = document(report, dataset, titles=checks(), workers=1)  # type: ignore[arg-type]  # a Report
    place.write_text("\n".join(lines), encoding="utf-8")
    return place


@pytest.fixture
def opened(window: Browser, page: Path) -> Browser:
    window.open(page)
    return window


def choose(window: Browser, menu: str, option: int) -> None:
    window.ask(
        f"(() => {{ const menu = document.querySelector('select[name={menu}]'); menu.selectedIndex = {option};"
        " menu.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def status(window: Browser) -> str:
    window.settle()
    return str(window.ask("document.querySelector('.filter .status').textContent"))


def search(window: Browser, text: str) -> None:
    window.ask("document.querySelector('input[type=search]').focus()")
    window.type(text)


def test_opens_in_silence_and_alone(opened: Browser, page: Path) -> None:
    opened.settle()
    assert opened.complaints() == []
    assert opened.requests() == []
    assert page.stat().st_size < 15_000_000
    assert opened.ask("document.querySelectorAll('.picture image').length") == 30 * 12
    assert status(opened) == "10,000 listed"


def test_a_hostile_name_stays_text(opened: Browser) -> None:
    assert opened.ask("document.title") == TITLE
    assert opened.ask("document.querySelectorAll('img, script:not([type])').length") == 1
    assert EVIL in opened.ask("document.querySelector('table.classes tbody tr .name').textContent")
    search(opened, "is odd")
    assert status(opened) == "1 of 10,000"
    assert EVIL[:30] in opened.ask(f"{SHOWN}[0].textContent")
    opened.press("Escape")
    search(opened, "document.title")
    assert status(opened) == "3,334 of 10,000"
    assert opened.ask("document.title") == TITLE
    assert opened.complaints() == []


def test_search_filters_at_once(opened: Browser) -> None:
    search(opened, "NUMBER 1234")
    assert status(opened) == "1 of 10,000"
    assert opened.ask(f"{SHOWN}.length") == 1
    assert opened.ask(f"{SHOWN}[0].querySelector('.message').textContent") == "finding number 1234"
    assert opened.ask("[...document.querySelectorAll('section.rule')].filter((node) => !node.hidden).length") == 1
    opened.press("Escape")
    assert status(opened) == "10,000 listed"
    assert opened.ask("document.activeElement.tagName") == "BODY"


def test_menus_and_severities_filter(opened: Browser) -> None:
    choose(opened, "rule", 1)
    assert status(opened) == "334 of 10,000"
    choose(opened, "rule", 0)
    choose(opened, "split", 1)
    assert status(opened) == "5,000 of 10,000"
    choose(opened, "class", 2)
    assert status(opened).split()[0] in ("1,666", "1,667")
    opened.press("Escape")
    opened.ask("document.querySelector('input[name=severity]').click()")
    assert status(opened) == "6,666 of 10,000"
    assert not opened.ask(f"{SHOWN}.some((node) => node.querySelector('.dot.error'))")
    opened.ask("document.querySelector('button.clear').click()")
    assert status(opened) == "10,000 listed"


def test_a_filter_is_fast(opened: Browser) -> None:
    took = opened.ask(
        "(async () => { const box = document.querySelector('input[type=search]'); const all = [];"
        " for (const text of ['f', 'fi', 'number 9', 'val', 'zzz', '']) {"
        " box.value = text; const began = performance.now(); box.dispatchEvent(new Event('input', {bubbles: true}));"
        " await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
        " all.push(performance.now() - began); } return Math.max(...all); })()"
    )
    assert took < FAST_MS


def test_a_link_leads_to_a_finding_that_is_not_in_the_page_yet(window: Browser, page: Path) -> None:
    anchor = f"f-{9001:016x}"
    window.open(f"{page.as_uri()}#{anchor}")
    window.settle()
    assert window.ask("document.activeElement.id") == anchor
    top, bottom = window.ask("(({top, bottom}) => [top, bottom])(document.activeElement.getBoundingClientRect())")
    assert 0 < top < bottom < 900
    search(window, "number 77")
    window.ask(f"location.hash = 'f-{9002:016x}'")
    window.wait(f"document.activeElement.id === 'f-{9002:016x}'")
    assert status(window) == "10,000 listed"


def test_a_link_leads_into_what_is_folded_away(window: Browser, page: Path) -> None:
    window.open(f"{page.as_uri()}#f-{99:016x}")
    window.settle()
    assert window.ask("document.activeElement.closest('details').open") is True
    window.ask("document.querySelector('.problems a').click()")
    window.settle()
    assert window.ask("Math.abs(document.querySelector(location.hash).getBoundingClientRect().top) < 200") is True


def test_keys_lead_from_finding_to_finding(opened: Browser) -> None:
    for key in "jj":
        opened.press(key)
    second = opened.ask("document.activeElement.id")
    opened.press("j")
    assert opened.ask("document.activeElement.matches('.finding')") is True
    assert opened.ask("document.activeElement.id") != second
    opened.press("k")
    assert opened.ask("document.activeElement.id") == second
    outline = opened.ask("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    opened.press("J")
    assert opened.ask("document.activeElement.matches('section.rule')") is True
    opened.press("/")
    assert opened.ask("document.activeElement.type") == "search"
    opened.press("j")
    assert opened.ask("document.activeElement.value") == "j"
    opened.press("Escape")
    opened.press("/")
    opened.press("Tab")
    assert opened.ask("document.activeElement.name") == "severity"
    opened.press("?")
    assert opened.ask("document.querySelector('dialog').open") is True
    opened.ask("document.querySelector('dialog button').click()")
    assert opened.ask("document.querySelector('dialog').open") is False
    assert opened.complaints() == []


def test_more_are_shown_when_asked_for(opened: Browser) -> None:
    button = "document.querySelector('section.rule button.show-more')"
    before = opened.ask(f"{SHOWN}.length")
    assert opened.ask(f"{button}.textContent").startswith("Show 100 more of 3")
    opened.ask(f"{button}.click()")
    assert opened.ask(f"{SHOWN}.length") == before + 100


def test_tab_reaches_the_skip_link_first(opened: Browser) -> None:
    opened.press("Tab")
    assert opened.ask("document.activeElement.className") == "skip"
    opened.press("Enter")
    opened.wait("location.hash === '#findings'")


def test_classes_are_sorted_by_keyboard(opened: Browser) -> None:
    names = "[...document.querySelectorAll('table.classes tbody tr')].map((row) => row.cells[2].dataset.key).join()"
    opened.ask("document.querySelectorAll('table.classes th button')[2].focus()")
    opened.press("Enter")
    assert opened.ask(names) == "1500,254"
    assert opened.ask("document.querySelectorAll('table.classes th')[2].getAttribute('aria-sort')") == "descending"
    opened.press("Enter")
    assert opened.ask(names) == "254,1500"


@pytest.mark.parametrize("width", [390, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_and_can_be_read(window: Browser, page: Path, width: int, scheme: str) -> None:
    window.open(page, width=width, scheme=scheme)
    assert window.ask("document.documentElement.scrollWidth") == width
    assert window.ask(FAINT) == []


def test_the_switch_turns_dark_and_light(opened: Browser) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = opened.ask(ground)
    opened.press("t")
    opened.press("t")
    assert opened.ask("document.documentElement.dataset.theme") == "dark"
    assert opened.ask(ground) != light
    opened.press("t")
    assert opened.ask(ground) == light


def test_all_is_there_without_scripts(window: Browser, page: Path) -> None:
    window.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        window.open(page)
        assert window.ask("document.querySelector('.filter').getClientRects().length") == 0
        assert window.ask(f"{SHOWN}.length") == 30 * 12
    finally:
        window.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_page_of_a_change_opens_in_silence(window: Browser, clean: Dataset, tmp_path: Path) -> None:
    window.open(written(tmp_path / "changed.html", changed(), clean))
    window.settle()
    assert window.complaints() == []
    assert "Change since origin/main" in window.ask("document.querySelector('#change h2').textContent")
    assert window.ask(f"{SHOWN}.length") == 2
    nothing = replace(example(), findings=[], runs=[])
    window.open(written(tmp_path / "nothing.html", nothing, clean))
    window.settle()
    assert window.complaints() == []
