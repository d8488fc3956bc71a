"""Report → text for a person: ledger, guide scorecard, problems, findings by rule, what to type next, the verdict."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.problems import Group, counted, grouped, totals
from yoloaudit.cli.scorecard import print_scorecard
from yoloaudit.findings import Location, Report, Severity
from yoloaudit.report.ranked import LEDGER
from yoloaudit.report.text import show

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MOST_PATH, MOST_MESSAGE, MOST_NAMES = 4096, 400, 8
MOST_LISTED = 20
PLACES_OF_A_FOLD = 3
REMARKS = {
    "images_listed_missing": ("listed image missing", "listed images missing"),
    "images_unreadable": ("image unreadable", "images unreadable"),
    "label_files_orphan": ("label file without an image", "label files without an image"),
    "rows_duplicate": ("duplicate row", "duplicate rows"),
    "boxes_vanishing": ("box too small to train on", "boxes too small to train on"),
}


def text(
    report: Report,
    titles: Mapping[str, str],
    *,
    notes: Sequence[str] = (),
    data: str | None = None,
    most: int | None = MOST_LISTED,
    width: int | None = None,
    lively: bool | None = None,
) -> list[str]:
    """The lines to print. `titles` of checks by name, `most` findings of a rule, `data` as it was typed."""
    sheet = paper(width, lively)
    groups = grouped(report)
    _header(sheet, report, notes)
    _ledger(sheet, report)
    print_scorecard(sheet, report)
    _problems(sheet, groups, titles)
    for group in groups:
        _findings(sheet, group, titles, most)
    _not_run(sheet, report)
    _next_steps(sheet, groups, report, data)
    _verdict(sheet, report, groups)
    return written(sheet)


def _header(sheet: Console, report: Report, notes: Sequence[str]) -> None:
    facts = report.dataset
    path = os.path.join(str(facts.get("root") or ""), str(facts.get("descriptor") or ""))
    sheet.print(Text(show(path, MOST_PATH), "bold"), soft_wrap=True)
    names = [show(str(name), 30) for name in facts.get("names") or []]
    several = f"{len(names):,} class{'' if len(names) == 1 else 'es'}: {', '.join(names[:MOST_NAMES])}"
    lines.paragraph(sheet, several + (", …" if len(names) > MOST_NAMES else "") if names else "no classes")
    kinds = {kind: count for kind, count in (facts.get("kinds") or {}).items() if count}
    if set(kinds) - {"box"}:
        lines.paragraph(sheet, "what the rows look like: " + ", ".join(f"{kinds[kind]:,} {kind}" for kind in kinds))
    for note in notes:
        lines.paragraph(sheet, show(note, MOST_MESSAGE))
    sheet.print()


def _ledger(sheet: Console, report: Report) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("split", no_wrap=True)
    for name in LEDGER:
        table.add_column(name, justify="right")
    for split, counts in report.ledger.items():
        numbers = [Text(f"{sum(counts[key] for key in keys):,}") for keys in LEDGER.values()]
        table.add_row(Text(show(split, 30), "bold"), *numbers)
    if report.ledger:
        sheet.print(table)
    for split, counts in report.ledger.items():
        remarks = [f"{counts[key]:,} {words[counts[key] > 1]}" for key, words in REMARKS.items() if counts[key]]
        if remarks:
            lines.paragraph(sheet, f"{', '.join(remarks)}", indent=2, first=f"{show(split, 30)}: ")
    sheet.print()


def _problems(sheet: Console, groups: Sequence[Group], titles: Mapping[str, str]) -> None:
    lines.heading(sheet, f"Problems: {counted(totals(groups))}" if groups else "Problems: none")
    column = max((len(group.rule) for group in groups), default=0)
    number = max((len(f"{group.found:,}") for group in groups), default=0)
    for group in groups:
        severity = (f"{group.severity.value:<7}", STYLES[group.severity])
        count = f"{group.found:>{number},}"
        title = _title(group, titles) + (" (one cause)" if group.folded else "")
        line = Text.assemble("  ", severity, f"  {show(group.rule):<{column}}  {count}  ", (title, "dim"))
        lines.cropped(sheet, line)
    sheet.print()


def _title(group: Group, titles: Mapping[str, str]) -> str:
    return titles.get(group.check, "").rstrip(".")


def _findings(sheet: Console, group: Group, titles: Mapping[str, str], most: int | None) -> None:
    title = f": {titled}" if (titled := _title(group, titles)) else ""
    name = (show(group.rule), f"bold {STYLES[group.severity].removeprefix('bold ')}")
    lines.paragraph(sheet, Text.assemble(name, title))
    listed = group.findings[:most]
    lines.places(sheet, [(_place(finding.where), show(finding.message, MOST_MESSAGE)) for finding in listed])
    if group.folded:
        examples = [_place(where) for where in listed[0].related[:PLACES_OF_A_FOLD]]
        lines.places(sheet, [(f"  {place}", "") for place in examples if place])
    elif group.found > len(listed):
        lines.paragraph(sheet, f"… and {group.found - len(listed):,} more: --max-per-rule 0 or --format json", indent=2)
    if group.run and group.run.why_skipped:
        lines.paragraph(sheet, show(group.run.why_skipped, MOST_MESSAGE), indent=2)
    sheet.print()


def _place(where: Location) -> str:
    if where.path is None:
        return show(where.split or "")
    return show(where.path, MOST_PATH) + (f":{where.line}" if where.line is not None else "")


def _not_run(sheet: Console, report: Report) -> None:
    crashed = [run for run in report.runs if run.status == "error"]
    skipped = [run for run in report.runs if run.status == "skipped"]
    ignored = [run for run in skipped if not run.guide or (run.why_skipped or "").startswith("ignored")]
    if crashed:
        lines.heading(sheet, "Crashed: these checks are missing from the report, which is a bug of yoloaudit")
        lines.places(sheet, [(show(run.rule), show(run.why_skipped or "", MOST_MESSAGE)) for run in crashed])
    if ignored:
        lines.heading(sheet, "Not looked at")
        lines.places(sheet, [(show(run.rule), show(run.why_skipped or "", MOST_MESSAGE)) for run in ignored])
    if crashed or ignored:
        sheet.print()


def _next_steps(sheet: Console, groups: Sequence[Group], report: Report, data: str | None) -> None:
    if not groups:
        return
    check = shlex.join(["yoloaudit", "check", *([data] if data else []), *report.settings.get("given", ())])
    steps = [(f"yoloaudit explain {groups[0].check}", "what this means and what to do")]
    if report.dataset.get("layout") == "yolo" and (path := _first_file(groups, report)):
        steps.append((f"yoloaudit explain {path}", "what the trainer does with this file, row by row"))
    steps.append((f"{check} --select {groups[0].rule} --max-per-rule 0", "all findings of one rule"))
    steps.append((f"{check} --output json=report.json", "everything, for a program"))
    lines.heading(sheet, "Next")
    lines.places(sheet, [(show(step, MOST_PATH), meaning) for step, meaning in steps])
    sheet.print()


def _first_file(groups: Sequence[Group], report: Report) -> str | None:
    """The first file with a finding that can be named in a shell, as seen from the working folder."""
    for group in groups:
        for where in (place for finding in group.findings for place in (finding.where, *finding.related)):
            path = where.label if where.line is not None and where.label else where.image
            if path is not None and show(path) == path:
                place = os.path.join(str(report.dataset.get("root") or ""), path)
                return shlex.quote(min(os.path.relpath(place), place, key=len))
    return None


def _verdict(sheet: Console, report: Report, groups: Sequence[Group]) -> None:
    fail_on = str(report.settings.get("fail_on", "error"))
    code = report.exit_code(fail_on)
    counts = counted(totals(groups)) if groups else "no problems"
    if code == 3:
        words = f"Incomplete: {len(report.crashed)} of {len(report.runs)} checks crashed; {counts}"
    elif code:
        words = f"Failed at --fail-on {fail_on}: {counts}"
    elif fail_on == "never":
        words = f"Done: {counts}"
    else:
        words = f"Passed at --fail-on {fail_on}: {counts}"
    lines.paragraph(sheet, Text(f"{words} (exit {code})", "bold red" if code else "bold green"))
