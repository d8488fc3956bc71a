"""A judged run → text for a person, and the JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from yoloaudit.cli import lines
from yoloaudit.cli.console import paper, written
from yoloaudit.cli.problems import counted, grouped, totals
from yoloaudit.cli.scorecard import STYLES as VERDICTS
from yoloaudit.cli.scorecard import measurement, verdict
from yoloaudit.cli.show import STYLES
from yoloaudit.findings import FORMAT, Finding, Report, RuleRun
from yoloaudit.report import to_json
from yoloaudit.report.text import show
from yoloaudit.training_run import Run
from yoloaudit.version import __version__

MOST_PATH, MOST_MESSAGE, MOST_LISTED = 4096, 400, 20
LEAST_WORDS = 24
"""Columns that a sentence takes at least to stand beside a name."""
UNKNOWN = "unknown"


class Advice(NamedTuple):
    """A run, judged."""

    run: Run
    report: Report
    data: str | None
    """The data set that was read; None where there is none."""
    notes: list[str]
    """What the user should know, a sentence each."""


def text(advice: Advice, *, width: int | None = None, lively: bool | None = None) -> list[str]:
    """The lines to print."""
    sheet = paper(width, lively)
    sheet.print(Text(show(advice.run.folder, MOST_PATH), "bold"), soft_wrap=True)
    for line in told(advice.run):
        lines.paragraph(sheet, line)
    for note in advice.notes:
        lines.paragraph(sheet, Text(show(note, MOST_MESSAGE), "yellow"))
    sheet.print()
    runs = advice.report.runs
    _guide(sheet, [run for run in runs if run.guide], advice)
    _beyond(sheet, [run for run in runs if not run.guide], advice.report)
    _verdict(sheet, advice.report)
    return written(sheet)


def told(run: Run) -> Iterator[str]:
    """What became of a run."""
    facts = [] if run.imgsz is None else [f"{run.imgsz:,} px"]
    facts += [] if run.batch is None else [f"batch {run.batch:,}"]
    if facts:
        yield ", ".join(facts)
    epochs = run.epochs
    if epochs is None:
        return
    taken = f"{len(epochs):,}" + (f" of {run.planned:,}" if run.planned and run.planned != len(epochs) else "")
    if epochs.best is None:
        yield f"{taken} epochs, none of which found anything"
        return
    at = epochs.best
    scores = f"mAP50 {epochs.map50[at]:.3f}, mAP50-95 {epochs.map50_95[at]:.3f}"
    yield f"{taken} epochs, the best number {at + 1:,}: {scores}"
    if run.map50 is not None:
        known = run.map50
        yield f"mAP50 lies between {known.low:.3f} and {known.high:.3f} (95 %), by {known.images:,} images"


def _guide(sheet: Console, runs: Sequence[RuleRun], advice: Advice) -> None:
    report, trained = advice.report, advice.run
    several = sum(verdict(run) == "met" for run in runs)
    unknown = sum(verdict(run) == UNKNOWN for run in runs)
    rest = f", {unknown} not measurable" if unknown else ""
    lines.heading(sheet, f"Training settings: {several} of {len(runs)} sentences of the guide met{rest}")
    for run in runs:
        word = verdict(run)
        first = Text.assemble((f"{'?' if word == UNKNOWN else word:<7}", VERDICTS[word]))
        lines.paragraph(sheet, show(run.guide or "", MOST_MESSAGE), indent=2, first=first)
        number = met(run, trained) if word == "met" else measurement(run, report)
        if word in ("met", "ignored", "crashed", UNKNOWN) and number:
            lines.paragraph(sheet, Text(number, "dim"), indent=9)
        _findings(sheet, [finding for finding in report.findings if finding.rule == run.rule])
    sheet.print()


def met(run: RuleRun, trained: Run) -> str:
    """What was found where a sentence is met, in words."""
    epochs, value = trained.epochs, run.measured
    if run.check == "non-default-baseline":
        return f"{'the earlier run' if trained.baseline else 'it'} has default settings"
    if run.check in ("overfit-run", "undertrained-run") and epochs is not None and epochs.best is not None:
        return f"epoch {epochs.best + 1:,} of {len(epochs):,} was the best"
    if run.check == "mismatched-image-size":
        return f"{trained.imgsz:,} px throughout"
    if run.check == "image-size-too-small" and value is not None:
        return f"{value:.1%} of the boxes are small, up to {run.limit:.0%} may be"
    if run.check == "small-batch" and value is not None:
        room = f", and up to {trained.most_batch:,} fit" if trained.most_batch else ""
        return f"batch {value:,.0f}{room}"
    return "" if value is None else f"{value:,.4g}"


def _findings(sheet: Console, findings: Sequence[Finding]) -> None:
    for finding in findings[:MOST_LISTED]:
        lines.paragraph(sheet, Text(show(finding.message, MOST_MESSAGE), "bold"), indent=9)
    if len(findings) > MOST_LISTED:
        lines.paragraph(sheet, f"… and {len(findings) - MOST_LISTED:,} more: --format json", indent=9)


def _beyond(sheet: Console, runs: Sequence[RuleRun], report: Report) -> None:
    """What the guide does not speak of."""
    if not runs:
        return
    lines.heading(sheet, "Beyond the guide")
    column = max(len(run.rule) for run in runs)
    for run in runs:
        own = [finding for finding in report.findings if finding.rule == run.rule]
        word, style = _word(run, own)
        first = Text.assemble((f"{word:<7}", style), f"  {show(run.rule):<{column}}  ")
        said = [show(finding.message, MOST_MESSAGE) for finding in own] or [_number(run, report)]
        beside = 4 + cell_len(first.plain) + LEAST_WORDS <= sheet.width
        lines.paragraph(sheet, said[0] if beside else "", indent=2, first=first)
        for more in said[1:] if beside else said:
            lines.paragraph(sheet, more, indent=2 + cell_len(first.plain) if beside else 11)
    sheet.print()


def _word(run: RuleRun, findings: Sequence[Finding]) -> tuple[str, str]:
    if findings:
        return findings[0].severity.value, STYLES[findings[0].severity]
    words = {"pass": ("fine", "green"), "skipped": ("?", "dim"), "error": ("crashed", "red")}
    return words.get(run.status, ("", ""))


def _number(run: RuleRun, report: Report) -> str:
    return measurement(run, report) if run.status == "pass" else show(run.why_skipped or "", MOST_MESSAGE)


def _verdict(sheet: Console, report: Report) -> None:
    groups = grouped(report)
    if groups:
        steps = [(f"yoloaudit explain {groups[0].check}", "what this means and what to do")]
        lines.heading(sheet, "Next")
        lines.places(sheet, steps)
        sheet.print()
    fail_on = str(report.settings.get("fail_on", "error"))
    code = report.exit_code(fail_on)
    counts = counted(totals(groups)) if groups else "no problems"
    words = "Incomplete: a check crashed" if code == 3 else f"{'Failed' if code else 'Passed'} at --fail-on {fail_on}"
    lines.paragraph(sheet, Text(f"{words}: {counts} (exit {code})", "bold red" if code else "bold green"))


def document(advice: Advice) -> Iterator[str]:
    """The lines of the JSON document: rules and findings as in the report of an audit, and the run itself."""
    report, dump = advice.report, to_json.dump
    yield '{"format": ' + dump(FORMAT) + ","
    yield '"tool": ' + dump({"name": "yoloaudit", "version": __version__}) + ","
    yield '"run": ' + dump(facts_of(advice.run)) + ","
    yield '"dataset": ' + ("null" if advice.data is None else dump(to_json.dataset_facts(report))) + ","
    yield '"notes": ' + dump(advice.notes) + ","
    yield from _list("rules", [to_json.run_line(run) for run in report.runs])
    yield from _list("findings", [dump(to_json.finding_facts(finding)) for finding in report.findings])
    yield '"summary": ' + dump(to_json.summary(report)) + "}"


def facts_of(run: Run) -> dict[str, Any]:
    """What is known of a run, as plain values."""
    epochs = run.epochs
    best = None if epochs is None else epochs.best
    scores = None
    if epochs is not None and best is not None:
        names = ("precision", "recall", "map50", "map50_95")
        scores = {name: _finite(float(getattr(epochs, name)[best])) for name in names} | {"epoch": best + 1}
    return {
        "folder": run.folder,
        "imgsz": run.imgsz,
        "batch": run.batch,
        "planned": run.planned,
        "epochs": None if epochs is None else len(epochs),
        "best": scores,
        "map50": None if run.map50 is None else run.map50._asdict(),
        "baseline": None if run.baseline is None else run.baseline.folder,
        "difference": None if run.difference is None else run.difference._asdict(),
        "changed": None if run.changed is None else [setting._asdict() for setting in run.changed],
        "problems": list(run.problems),
    }


def _finite(value: float) -> float | None:
    return value if value == value else None


def _list(name: str, entries: Sequence[str]) -> Iterator[str]:
    """A key whose value is a list, an entry a line."""
    yield f'"{name}": [' + ("" if entries else "],")
    for position, entry in enumerate(entries, 1):
        yield entry + ("," if position < len(entries) else "],")
