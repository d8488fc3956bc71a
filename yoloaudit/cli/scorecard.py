"""The guide, sentence by sentence: measured number, limit, what is missing, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.findings import Finding, Report, RuleRun
from yoloaudit.report.text import show

STYLES = {"met": "green", "short": "yellow", "over": "yellow", "ignored": "dim", "crashed": "red", "unknown": "dim"}
MOST_SENTENCE = 300


def print_scorecard(sheet: Console, report: Report) -> None:
    """Nothing where no rule stands for a sentence of the guide."""
    runs = [run for run in report.runs if run.guide]
    if not runs:
        return
    measured = [run for run in runs if verdict(run) != "unknown"]
    unknown = [run for run in runs if verdict(run) == "unknown"]
    met = sum(verdict(run) == "met" for run in measured)
    lines.heading(sheet, f"Guide: {met} of {len(runs)} sentences met, {len(unknown)} not measurable here")
    for run in measured:
        _sentence(sheet, run, report)
    if unknown:
        sheet.print(Text("  not measurable here (`yoloaudit rules` says why)"))
    for run in unknown:
        lines.cropped(sheet, Text(f"         {show(run.guide or '', MOST_SENTENCE)}", "dim"))
    sheet.print()


def verdict(run: RuleRun) -> str:
    """`met`, `short`, `over`, `ignored`, `crashed` or `unknown`."""
    if run.status == "skipped":
        return "ignored" if (run.why_skipped or "").startswith("ignored") else "unknown"
    if run.status == "error":
        return "crashed"
    if run.status == "pass":
        return "met"
    return "over" if run.measured is not None and run.limit is not None and run.measured > run.limit else "short"


def _sentence(sheet: Console, run: RuleRun, report: Report) -> None:
    word = verdict(run)
    first = Text.assemble((f"{word:<7}", STYLES[word]))
    sentence, number = show(run.guide or "", MOST_SENTENCE), measurement(run, report)
    if number and 2 + 7 + cell_len(sentence) + 3 + cell_len(number) > sheet.width:
        lines.paragraph(sheet, sentence, indent=2, first=first)
        lines.paragraph(sheet, Text(number, "bold"), indent=9)
    else:
        said = Text.assemble(sentence, (f" | {number}" if number else "", "bold"))
        lines.paragraph(sheet, said, indent=2, first=first)


def measurement(run: RuleRun, report: Report) -> str:
    """`least 61 (skis), 1,439 short of 1,500; 80 of 80 classes short`."""
    if run.status in ("skipped", "error"):
        return show(run.why_skipped or "", 100)
    if run.measured is None:
        return ""
    names = [str(name) for name in report.dataset.get("names") or []]
    own = [finding for finding in report.findings if finding.rule == run.rule]
    by_class = [finding for finding in own if finding.where.class_id is not None]
    worst = _class_of(run, by_class, names)
    parts = [f"least {_number(run.measured, run.limit)} ({worst})" if worst else _number(run.measured, run.limit)]
    if run.limit:
        gap = abs(run.limit - run.measured)
        away = {"short": "short of", "over": "over"}.get(verdict(run))
        limit = _number(run.limit, run.limit)
        missing = _number(gap, run.limit).replace(" %", " points")
        parts.append(f"{missing} {away} {limit}" if away else f"limit {limit}")
    text = ", ".join(parts)
    return f"{text}; {run.found:,} of {len(names):,} classes {verdict(run)}" if by_class and len(names) > 1 else text


def _class_of(run: RuleRun, findings: Sequence[Finding], names: Sequence[str]) -> str | None:
    for finding in findings:
        number = finding.where.class_id
        if number is not None and finding.value == run.measured and number < len(names):
            return show(names[number], 40)
    return None


def _number(value: float, limit: float | None) -> str:
    """A share as a percentage, anything else as a number."""
    if limit is not None and 0 <= limit < 1:
        return f"{value * 100:.3g} %"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
