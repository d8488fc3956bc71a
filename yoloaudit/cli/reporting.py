"""An audit → its report on standard output and in files, in the formats that the user names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yoloaudit.errors import UsageError

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.findings import Report
    from yoloaudit.progress import Progress

UNTRUSTED_MOST = 1000
"""Findings listed for one rule where the data are not trusted."""


@dataclass(frozen=True)
class Audited:
    """What there is to tell of."""

    report: Report
    dataset: Dataset
    notes: Sequence[str] = ()
    measures: Mapping[str, Any] = field(default_factory=dict)
    """The tables that the audit was handed."""
    data: str | None = None
    """The data set as the user named it."""
    most: int | None = None
    """How many findings of a rule the user wants listed."""


def lines(audited: Audited, kind: str, shown: Progress) -> Iterator[str]:
    """The report for standard output."""
    if kind == "text":
        return iter(_text(audited))
    if kind == "html":
        return _page(audited, shown)
    from yoloaudit.report.write import FORMATS

    return FORMATS[kind](audited.report)


def write(audited: Audited, kind: str, path: str, shown: Progress) -> None:
    """Write the report to a file, whole or not at all."""
    from yoloaudit.files import write_atomically
    from yoloaudit.report import write as files

    if kind in files.FORMATS:
        files.write(audited.report, kind, path)
        return
    if kind in PICTURES:
        write_atomically(path, _picture(audited, kind))
        return
    text = _page(audited, shown) if kind == "html" else _text(audited, lively=False)
    write_atomically(path, "".join(f"{line}\n" for line in text).encode("utf-8"))


PICTURES = ("labels", "correlogram")
"""Pictures of all boxes, as YOLOv5 draws them for a run."""


def known_formats() -> list[str]:
    """Every format there is, for standard output."""
    from yoloaudit.report.write import FORMATS

    return ["text", *FORMATS, "html"]


def most_listed(given: int | None, kinds: Sequence[str], untrusted: bool) -> int | None:
    """How many findings of one rule are made: enough for the format that lists most."""
    if given is not None:
        return given or None
    if set(kinds) == {"text"}:
        from yoloaudit.cli.show import MOST_LISTED

        return MOST_LISTED
    return UNTRUSTED_MOST if untrusted else None


def spare_inputs(dataset: Dataset, targets: Sequence[str]) -> None:
    """Refuse to write a report over a file of the data set."""
    for target in targets:
        place = os.path.relpath(os.path.realpath(target), dataset.root).replace(os.sep, "/")
        if place == dataset.descriptor.path or place in set(dataset.images["path"]) | set(dataset.labels["path"]):
            raise UsageError(f"{target} is a file of the data set, which no report may replace. Name another file")


def titles() -> Mapping[str, str]:
    """Titles of checks by name."""
    from yoloaudit.checks.discover import all_checks

    return {name: check.title() for name, check in all_checks().items()}


def _text(audited: Audited, lively: bool | None = None) -> list[str]:
    """What is new; the rest is counted."""
    from yoloaudit.cli import against_text
    from yoloaudit.cli.show import MOST_LISTED, text

    limit = MOST_LISTED if audited.most is None else audited.most or None
    new, told = against_text.only_new(audited.report)
    notes = [*audited.notes, *told]
    changed = [] if new.change is None else against_text.text(new.change, [], lively=lively)
    return [*changed, *text(new, titles(), notes=notes, data=audited.data, most=limit, lively=lively)]


def _page(audited: Audited, shown: Progress) -> Iterator[str]:
    from yoloaudit.report.about import checks
    from yoloaudit.report.to_html import document

    return document(
        audited.report,
        audited.dataset,
        titles=checks(),
        notes=audited.notes,
        measures=audited.measures,
        progress=shown,
    )


def _picture(audited: Audited, kind: str) -> bytes:
    """As a JPEG."""
    from yoloaudit.train.plot.labels import correlogram_picture, labels_picture

    names = list(audited.dataset.names)
    if kind == "labels":
        return labels_picture(audited.dataset.boxes, names)
    return correlogram_picture(audited.dataset.boxes)
