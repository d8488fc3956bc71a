"""Report → Markdown for the comment of a pull request and the summary of a job: what is new first, the rest folded.

Our own words are Markdown; whatever the data set could have a say in stands in HTML blocks, where no Markdown is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from yoloaudit.findings import Change, Finding, Location, Report
from yoloaudit.report.about import NOTHING, About, checks
from yoloaudit.report.escape import MOST_MESSAGE, code, prose
from yoloaudit.report.markup import Page
from yoloaudit.report.place import in_repository
from yoloaudit.report.ranked import LEDGER, WORDS, Tally, fresh, in_words, ranked, stale, tallied

MARK = "<!-- yoloaudit -->"
"""First line: by it a workflow finds the comment that it is to write anew."""
MOST = 65_000
"""Bytes of a comment: GitHub takes 65,536 characters."""
FAILING = {
    "error": "Errors fail the check",
    "warning": "Errors and warnings fail the check",
    "info": "Every finding fails the check",
    "never": "No finding fails the check",
}
OPENED, MOST_RULES, MOST_FACTS, MOST_FOLDED, MOST_PLACE = 10, 15, 5, 50, 200
"""Findings, rules and facts that are not folded, facts that are told at all, characters of a place."""
ONE = {"images": "image", "boxes": "box", "classes": "class"}


def lines(report: Report, about: Mapping[str, About] | None = None) -> Iterator[str]:
    """The lines of a comment; `about` says what checks are about, left out: those that come along."""
    return iter([MARK, *page(report, MOST - len(MARK) - 1, about=about)])


def page(report: Report, most: int, *, about: Mapping[str, About] | None = None, opened: int = OPENED) -> list[str]:
    """The lines, of `most` bytes at most; `opened` new findings are not folded."""
    known_checks = checks() if about is None else about
    sheet, tallies = Page(most), tallied(report)
    new = ranked(finding for finding in report.findings if not finding.known)
    known = ranked(finding for finding in report.findings if finding.known)
    mended = ranked(report.change.mended) if report.change else []
    sheet.add(f"### {_verdict(report)}", "", f"<p>{_sentence(report, tallies)}</p>")
    if stale(report):
        sheet.add(f"<p>{prose(stale(report))}</p>")
    if report.change:
        _changes(sheet, report, report.change)
    cut = {"rules": _rules(sheet, tallies, known_checks, bool(report.change or known))}
    word = "New findings" if report.change or known else "Findings"
    folded = "More new findings" if report.change or known else "More findings"
    cut["findings"] = _listed(sheet, report, new[:opened], word, folded=False)
    cut["findings"] += _listed(sheet, report, new[opened:], folded)
    cut["changed places"] = _places(sheet, report)
    cut["mended findings"] = _listed(sheet, report, mended, "Mended")
    cut["known findings"] = _listed(sheet, report, known, "Known before")
    _not_run(sheet, report)
    _ledger(sheet, report)
    left = ", ".join(f"{count:,} {what}" for what, count in cut.items() if count)
    last = f"<p>Left out, for there is no more room here: {left}. The other reports list them.</p>" if left else ""
    return [*sheet.lines[:-1], *(["", last] if last else [])]


def _verdict(report: Report) -> str:
    fail_on = str(report.settings.get("fail_on", "error"))
    words = {0: "Data set check passed", 1: "Data set check failed", 3: "Data set check is incomplete"}
    return "Data set check done" if fail_on == "never" and not report.crashed else words[report.exit_code(fail_on)]


def _sentence(report: Report, tallies: Sequence[Tally]) -> str:
    counts, known = fresh(report), sum(each.old for each in tallies)
    among = report.change is not None or known > 0
    parts = [f"<b>{in_words(counts) or 'nothing'}{' new' if among else ' found'}</b>"]
    if report.change:
        parts.append(f"{len(report.change.mended):,} mended")
    if known:
        parts.append(f"{known:,} known before")
    than = f", compared with {code(report.change.base, MOST_PLACE)}" if report.change else ""
    return f"{', '.join(parts)}{than}. {FAILING[str(report.settings.get('fail_on', 'error'))]}."


def _changes(sheet: Page, report: Report, change: Change) -> None:
    counts = ", ".join(f"{count:,} {prose(_singular(what, count))}" for what, count in change.counts.items() if count)
    sheet.add(f"<p>Changed: {counts or 'no image and no box'}.</p>")
    moved = [f"{WORDS[grade][1]} {change.before[grade]:,} → {report.count(grade):,}" for grade in change.before]
    if moved:
        sheet.add(f"<p>Before and now: {', '.join(moved)}.</p>")
    facts = [f"<li>{prose(fact)}</li>" for fact in change.deltas]
    if len(facts) > MOST_FACTS:
        title = f"<summary>Facts of the whole data set that moved: {len(facts):,}</summary>"
        sheet.add("<details>", title, "<ul>", *facts[:MOST_FOLDED], "</ul>", "</details>")
    elif facts:
        sheet.add("<ul>", *facts, "</ul>")


def _singular(what: str, count: int) -> str:
    """`images added` as `image added` for one."""
    noun, _, verb = what.partition(" ")
    return f"{ONE.get(noun, noun)} {verb}" if count == 1 and verb else what


def _rules(sheet: Page, tallies: Sequence[Tally], about: Mapping[str, About], compared: bool) -> int:
    head = ["severity", "rule", "what it is", *(["before", "now", "new", "mended"] if compared else ["found"])]
    moved: list[list[str]] = []
    still: list[list[str]] = []
    for each in tallies:
        check = (each.run.check if each.run else None) or each.rule
        title = prose(about.get(check, NOTHING).title) + (" (one cause)" if each.folded else "")
        numbers = (each.before, each.found, each.new, each.mended) if compared else (each.found,)
        row = [each.severity.value, code(each.rule), title, *(f"{number:,}" for number in numbers)]
        (still if compared and not each.new and not each.mended else moved).append(row)
    cut, more = sheet.table(head, moved[:MOST_RULES]), moved[MOST_RULES:]
    cut += sheet.table(head, more, title=f"More rules: {len(more):,}", folded=True)
    return cut + sheet.table(head, still, title=f"Rules without a change: {len(still):,}", folded=True)


def _listed(sheet: Page, report: Report, findings: Sequence[Finding], title: str, *, folded: bool = True) -> int:
    if not findings:
        return 0
    rows = (
        [
            finding.severity.value,
            code(finding.rule),
            _place(finding.where, report),
            prose(finding.message, MOST_MESSAGE),
        ]
        for finding in findings
    )
    title = f"{title}: {len(findings):,}" if folded else title
    return sheet.table(["severity", "rule", "where", "what"], rows, title=title, folded=folded)


def _places(sheet: Page, report: Report) -> int:
    """What changed, and where."""
    change = report.change
    if change is None or not change.places:
        return 0
    rows = ([prose(what), _place(where, report), _origin(where, report, change)] for what, where in change.places)
    title = f"Changed places: {len(change.places):,}"
    return sheet.table(["what", "where", "from"], rows, title=title, folded=True)


def _origin(where: Location, report: Report, change: Change) -> str:
    path = change.moves.get(where.image or "")
    return code(in_repository(path, report), MOST_PLACE) if path else ""


def _place(where: Location, report: Report) -> str:
    path, line = where.path, where.line
    if path is None:
        return prose(where.split or "", MOST_PLACE)
    return code(in_repository(path, report) + (f":{line}" if line is not None else ""), MOST_PLACE)


def _not_run(sheet: Page, report: Report) -> None:
    crashed = [run for run in report.runs if run.status == "error"]
    skipped = [run for run in report.runs if run.status == "skipped"]
    for runs, title in ((crashed, "Crashed, which is a bug of yoloaudit"), (skipped, "Not looked at")):
        rows = [[code(run.rule), prose(run.why_skipped or "", MOST_MESSAGE)] for run in runs]
        sheet.table(["rule", "why"], rows, title=f"{title}: {len(runs):,}", folded=runs is skipped)


def _ledger(sheet: Page, report: Report) -> None:
    rows = [
        [prose(split), *(f"{sum(counts[key] for key in keys):,}" for keys in LEDGER.values())]
        for split, counts in report.ledger.items()
    ]
    sheet.table(["split", *LEDGER], rows, title="What the trainer makes of the data set", folded=True)
