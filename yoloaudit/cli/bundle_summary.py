"""What is known of a run → summary.md of its bundle: what to paste into a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yoloaudit.report.text import show

MOST_LINE = 400
MARKUP = re.compile(r"[\\`*_\[\]<>&|~!#]")
SCORES = {"precision": "precision", "recall": "recall", "map50": "mAP50", "map50_95": "mAP50-95"}


def summary(name: str, run: Mapping[str, Any], findings: Sequence[str]) -> str:
    """Markdown; `run` as show_advice.facts_of has it, `findings` a sentence each."""
    changed = [f"{each['name']}: {each['value']} (default {each['default']})" for each in run["changed"] or []]
    sections = {
        "What was trained": list(_told(run)),
        "Settings that are not the default": changed if run["changed"] is not None else ["not known"],
        "The guide against this run": list(findings),
    }
    lines = [f"# Run {_plain(name)}", "", "## What is asked", "", "(write here)"]
    for title, told in sections.items():
        lines += ["", f"## {title}", "", *(f"- {_plain(line)}" for line in told or ["none"])]
    return "".join(f"{line}\n" for line in lines)


def _plain(text: str) -> str:
    """One line in which nothing is markup or HTML."""
    return MARKUP.sub(r"\\\g<0>", show(" ".join(text.split()), MOST_LINE))


def _told(facts: Mapping[str, Any]) -> Iterator[str]:
    """What became of the run."""
    if facts["imgsz"] is not None:
        yield f"{facts['imgsz']} px" + (f", batch {facts['batch']}" if facts["batch"] else "")
    if facts["epochs"] is not None:
        yield f"{facts['epochs']} epochs" + (f" of {facts['planned']}" if facts["planned"] else "")
    best = facts["best"]
    if best is not None:
        scores = [f"{word} {best[name]:.3f}" for name, word in SCORES.items() if best[name] is not None]
        yield f"best epoch {best['epoch']}: {', '.join(scores)}"
    known = facts["map50"]
    if known is not None:
        yield f"mAP50 {known['low']:.3f} to {known['high']:.3f} (95 %), by {known['images']} images"
