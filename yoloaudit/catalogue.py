"""Checks and packs → what people read of them: a check's page, rules/README.md and rules/schema.json.

`page(check, width)` is the text of `yoloaudit explain NAME`; `check_named(name)` finds the class, or says which name
was probably meant; `readme()` and `schema_text()` are what `yoloaudit rules --markdown` and `--schema` print.
`python -m yoloaudit.catalogue` writes both files anew, as `make generated` does.
"""

from __future__ import annotations

import html
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from yoloaudit.checks.base import SEEN, Check, Judged, Looked, Picture, Training
from yoloaudit.checks.discover import all_checks
from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten
from yoloaudit.mistakes import meant
from yoloaudit.pack_files import packs_folder
from yoloaudit.pack_schema import schema_text
from yoloaudit.packs import Rule, load_rules

FAMILIES = {
    "data": "the descriptor and the layout of files",
    "rows": "the text of label files",
    "images": "integrity and quality of image files",
    "boxes": "one by one and side by side",
    "classes": "how the classes are filled",
    "backgrounds": "images without objects",
    "model": "what a trained model says of the labels",
    "training": "a run of training, its settings, its epochs and its labels at its image size",
}
KINDS = {"sure": "certain", "heuristic": "a heuristic: look first", "model": "needs a trained model"}
EXAMPLE_LINES, EXAMPLE_WIDTH = 8, 100


class Parameter(NamedTuple):
    """A parameter of a check, in words."""

    name: str
    default: str
    bounds: str
    description: str


def check_named(name: str, plugins: bool = False) -> type[Check]:
    """The check of this name; an unknown one is an error that names the nearest."""
    checks = all_checks(plugins)
    if name not in checks:
        raise UsageError(f"no check is called {shorten(name)!r}.{meant(name, checks)} `yoloaudit rules` lists them all")
    return checks[name]


def parameters(check: type[Check]) -> list[Parameter]:
    """The parameters of a check as its class declares them."""
    declared: Mapping[str, Any] = check.model_json_schema().get("properties", {})
    return [
        Parameter(name, _plain(facts.get("default")), _bounds(facts), facts.get("description", ""))
        for name, facts in declared.items()
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _bounds(facts: Mapping[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    parts = [f"{word} {_plain(facts[key])}" for key, word in words.items() if key in facts]
    if "enum" in facts:
        parts.append(f"one of {_plain(facts['enum'])}")
    return " and ".join(parts)


def mend(check: type[Check]) -> str:
    """What `yoloaudit fix` can do about a defect, in words."""
    if check.fix is None:
        return "none"
    return f"{check.fix.kind} ({'safe: keeps what a label says' if check.fix.safe else 'unsafe: only when asked for'})"


def page(check: type[Check], width: int = 88) -> str:
    """A check's page as plain text, wrapped to a width."""
    lines = [f"{check.name()} · family {check.family()} · {check.severity} · {KINDS[check.kind]}", ""]
    lines += [_wrapped(check.title(), width), "", *_paragraphs(check.why(), width)]
    lines += [_wrapped(f"Fix: {mend(check)}", width), ""]
    if given := parameters(check):
        lines.append("Parameters")
        for name, default, bounds, description in given:
            lines.append(f"  {name} = {default}{f'  ({bounds})' if bounds else ''}")
            lines.append(_wrapped(description, width, "      "))
        lines.append("")
    lines += ["Example of the defect", *(f"  {line}" for line in example(check)), ""]
    lines += ["In a rule pack", f"  {_in_a_pack(check)}"]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(text, max(width, 20), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _paragraphs(text: str, width: int) -> list[str]:
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return [line for part in parts if part for line in (_wrapped(part, width), "")]


def _in_a_pack(check: type[Check]) -> str:
    given = parameters(check)
    return f"{check.name()}: {{{f'{given[0].name}: {given[0].default}' if given else 'severity: error'}}}"


def example(check: type[Check]) -> list[str]:
    """The first bad example of a check, as lines that are safe to print."""
    first = next(iter(check.bad), None)
    if first is None:
        return []
    if isinstance(first, str):
        return ["labels/train/a.txt", *_content(first)]
    lines = [line for path, content in first.files.items() for line in (_heading(path, content), *_content(content))]
    settings = [f"with {name} = {value}" for name, value in first.settings.items()]
    if "run" in check.inputs():
        lines += _runs(first.run, first.baseline)
    if not set(SEEN).isdisjoint(check.inputs()):
        lines += _seen(first.model)
    return [*([first.title] if first.title else []), *(lines or ["two images, one in train and one in val"]), *settings]


def _heading(path: str, content: str | bytes | Picture | None) -> str:
    if content is None:
        return f"{_shown(path)} is missing"
    if isinstance(content, Picture):
        return f"{_shown(path)}: {_picture(content)}"
    return _shown(path) if content else f"{_shown(path)} is empty"


def _picture(picture: Picture) -> str:
    facts = [f"{picture.format} of {picture.width} × {picture.height} px, mode {picture.mode}"]
    facts += [f"EXIF orientation {picture.orientation}"] if picture.orientation != 1 else []
    facts += [f"last {picture.cut:,} bytes cut off"] if picture.cut else []
    facts += [f"{len(picture.append):,} bytes appended"] if picture.append else []
    return ", ".join(facts)


def _runs(run: Training, baseline: Training | None) -> list[str]:
    """The runs of an example, in words."""
    return [f"run: {_run(run)}", *([f"baseline: {_run(baseline)}"] if baseline else [])]


def _run(run: Training) -> str:
    facts = [f"{run.epochs:,} epochs, number {run.best + 1:,} the best"]
    facts += [f"validation losses up by {run.rise:.0%} since"] if run.rise else []
    facts += [f"{run.right:.0%} of the detections on {run.images:,} images right"]
    given = {**run.options, **run.hyper, **run.record}
    return ", ".join(facts + [f"{name}: {_plain(value)}" for name, value in given.items()])


def _seen(model: Looked) -> list[str]:
    """What the model of an example sees, in words."""
    ap50 = ", ".join("none" if each != each else f"{each:.6g}" for each in model.ap50)
    lines = [f"model: AP50 by class {ap50}; {model.confident:,} sure detections of each"]
    for path, class_id, score, *box in model.detections[:EXAMPLE_LINES]:
        lines.append(f"detection in {path}: class {class_id}, score {score:g}, box {_corners(box)}")
    if len(model.detections) > EXAMPLE_LINES:
        lines.append(f"… and {len(model.detections) - EXAMPLE_LINES:,} more detections")
    lines += [_judged(each) for each in model.judged]
    for line, neighbours, share, class_id in model.crops:
        lines.append(f"line {line}: of {neighbours} neighbours by look {share:.0%} are of class {class_id}")
    return lines


def _judged(each: Judged) -> str:
    proposed = [f"class {each.class_id}"] if each.class_id >= 0 else []
    proposed += [f"box {_corners(each.box)}"] if each.box else []
    where = f"line {each.line}" if each.line else "an object without label"
    facts = [f"{each.kind}, probability {each.score:g}", *proposed, f"{each.source}"]
    return f"judged in {each.image}, {where}: {'; '.join(facts)}"


def _corners(box: Iterable[float]) -> str:
    return " ".join(f"{side:g}" for side in box)


def _content(content: str | bytes | Picture | None) -> list[str]:
    if content is None or isinstance(content, Picture):
        return []
    text = content if isinstance(content, str) else repr(content)[2:-1].replace("\\n", "\n")
    lines = text.rstrip("\n").split("\n") if text else []
    shown = [f"    {shorten(_shown(line), EXAMPLE_WIDTH)}" for line in lines[:EXAMPLE_LINES]]
    return [*shown, f"    … and {len(lines) - EXAMPLE_LINES:,} more lines"] if len(lines) > EXAMPLE_LINES else shown


def _shown(text: str) -> str:
    """Text with everything that is not printable written as an escape."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def readme() -> str:
    """rules/README.md: what packs are, the guide sentence by sentence, and every check's page."""
    checks = all_checks()
    families = dict.fromkeys([*FAMILIES, *(check.family() for check in checks.values())])
    strict = {rule.name: rule for rule in load_rules(["strict"])}
    parts = [INTRODUCTION, *_guide_table(load_rules(["guide"]))]
    for family in families:
        members = [check for check in checks.values() if check.family() == family]
        if members:
            heading = f"\n## {family}: {FAMILIES.get(family, 'more checks')}\n"
            parts += [heading, *_family_table(members, strict)]
            parts += [markdown(check) for check in members]
    return "\n".join(parts).rstrip("\n") + "\n"


INTRODUCTION = """# Checks and rule packs

Generated by `make generated`; do not edit.

A **check** says how to find one kind of defect. A **rule** switches a check on, grades it, sets its parameters and its
scope. A **pack** is a YAML file of rules:

```yaml
extends: [default]
rules:
  tiny-box: {severity: error, min_side: 4}
  tiny-face: {check: tiny-box, classes: [face], min_side: 12}
  odd-size-image: {off: true, why: "a scanned archive, kept on purpose"}
  few-images-per-class: {max_count: 2}
```

`guide` holds the sentences of the YOLOv5 guide, `default` adds every other check, `strict` makes the guide and likely
defects errors. `yoloaudit check --rules my-pack.yaml` runs a pack of your own; [schema.json](schema.json) lets an
editor complete and verify it. Paths in `extends` are relative to the pack. A pack overrides those that it extends key
by key; `null` takes a key back.

Each example below is laid over a set of two images of 640 × 640 px and the names cat and dog: `images/train/a.png`
with the label `0 0.5 0.5 0.2 0.2`, `images/val/b.png` with `1 0.5 0.5 0.2 0.2`.
"""


def _guide_table(rules: Iterable[Rule]) -> list[str]:
    lines = ["## The guide, sentence by sentence\n", "| sentence | rule | measured |", "| --- | --- | --- |"]
    for rule in rules:
        name = f"[{rule.name}](#{rule.name})" if rule.check else rule.name
        lines.append(f"| {_cell(rule.guide or '')} | {name} | {_cell(rule.skipped or 'yes')} |")
    return lines


def _family_table(checks: Iterable[type[Check]], strict: Mapping[str, Rule]) -> list[str]:
    lines = ["| check | finds | severity | under `strict` | kind | fix |", "| --- | --- | --- | --- | --- | --- |"]
    for check in checks:
        rule = strict.get(check.name())
        graded = "off" if rule is None else rule.severity or check.severity
        fix = check.fix.kind if check.fix else "–"
        title = _cell(check.title().rstrip("."))
        cells = [f"[{check.name()}](#{check.name()})", title, check.severity, graded, check.kind, fix]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def markdown(check: type[Check]) -> str:
    """A check's page as Markdown."""
    lines = [f"\n### {check.name()}\n", f"{_text(check.title())}\n", f"{_text(check.why())}\n"]
    lines.append(f"Severity: {check.severity} · {KINDS[check.kind]} · fix: {mend(check)}\n")
    if given := parameters(check):
        lines += ["| parameter | default | bounds | meaning |", "| --- | --- | --- | --- |"]
        lines += [f"| `{each.name}` | {' | '.join(map(_cell, each[1:]))} |" for each in given]
        lines.append("")
    return "\n".join([*lines, "An example of the defect:\n", "```text", *example(check), "```"])


def _text(text: str) -> str:
    return html.escape(text, quote=False)


def _cell(text: str) -> str:
    return _text(" ".join(text.split())).replace("|", "\\|").replace("*", "\\*")


def main(folder: Path) -> None:
    """Write both files into the folder of the packs."""
    for name, text in (("README.md", readme()), ("schema.json", schema_text())):
        (folder / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(packs_folder())
