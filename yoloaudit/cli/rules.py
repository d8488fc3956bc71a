"""`yoloaudit rules`: what a pack switches on, with settings; the schema and the catalogue as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from yoloaudit.cli import arguments, options, streams

if TYPE_CHECKING:
    from yoloaudit.packs import Rule


def rules(
    packs: options.Rules = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    guide_scale: options.GuideScale = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of rule packs.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print every check's page as Markdown.")] = False,
) -> None:
    """List the rules that a pack switches on, with their settings."""
    from yoloaudit.packs import load_rules

    if schema:
        from yoloaudit.pack_schema import schema_text

        streams.emit(schema_text().rstrip("\n").split("\n"))
    elif markdown:
        from yoloaudit.catalogue import readme

        streams.emit(readme().rstrip("\n").split("\n"))
    else:
        chosen = load_rules(
            arguments.names(packs) or ["default"],
            select=arguments.names(select) or (),
            ignore=arguments.reasons(ignore) or (),
            guide_scale=guide_scale or 1.0,
        )
        streams.emit(listed(chosen))


def listed(chosen: Sequence[Rule]) -> list[str]:
    """The rules by family, then those that are not run and why."""
    from yoloaudit.cli import lines
    from yoloaudit.cli.console import paper, written
    from yoloaudit.report.text import show

    sheet = paper()
    families = dict.fromkeys(rule.check.family() for rule in chosen if rule.check)
    column = max((len(rule.name) for rule in chosen), default=0)
    for family in families:
        lines.heading(sheet, family)
        for rule in chosen:
            if rule.check and rule.check.family() == family:
                severity = rule.severity or type(rule.check).severity
                first = f"{show(rule.name):<{column}}  {severity.value:<7}  "
                lines.paragraph(sheet, show(settings(rule), 500), indent=2, first=first)
        sheet.print()
    skipped = [rule for rule in chosen if not rule.check]
    if skipped:
        lines.heading(sheet, "not run")
        for rule in skipped:
            first = f"{show(rule.name):<{column}}  "
            lines.paragraph(sheet, show(rule.skipped or "", 500), indent=2, first=first)
    return written(sheet)


def settings(rule: Rule) -> str:
    """Parameters and scope of a rule in one line."""
    check = rule.check
    parts = [f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in check or ()]
    if check and check.name() != rule.name:
        parts.insert(0, f"check={check.name()}")
    for name in ("classes", "splits", "ignore"):
        if values := getattr(rule, name):
            parts.append(f"{name}={','.join(values)}")
    if rule.max_count or rule.max_share:
        parts.append(f"tolerates {rule.max_count:,}, or any in {rule.max_share:.1%} of the images")
    return " ".join(parts) + (f" ({rule.why})" if rule.why else "")
