"""The file of accepted findings that the user names → a report in which they are known; or that file, written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from yoloaudit.errors import UsageError
from yoloaudit.findings import Report, shorten

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset
    from yoloaudit.measure.scan import Scan

MOST_NAMED = 5


class Kept(NamedTuple):
    """What the user says of accepted findings."""

    path: str | None = None
    write: bool = False
    strict: bool = False
    narrowed: bool = False
    """Only some splits or rules are looked at."""


class Ratcheted(NamedTuple):
    """The report with what is accepted marked as known, and what to say of that."""

    report: Report
    notes: list[str]


def possible(kept: Kept) -> None:
    """Raise UsageError for options that lack the file, and for a file that is no ratchet, before the data are read."""
    if kept.path is None:
        if kept.write or kept.strict:
            option = "--write-ratchet" if kept.write else "--strict-ratchet"
            raise UsageError(f"{option} is about the file of accepted findings: name it, as in --ratchet accepted.json")
        return
    if os.path.isdir(kept.path):
        raise UsageError(f"--ratchet {shorten(kept.path, 200)}: is a folder; name a file in it")
    if not kept.write or os.path.lexists(kept.path):
        from yoloaudit.ratchet.accepted import read

        read(kept.path)


def ratcheted(report: Report, dataset: Dataset, kept: Kept, scan: Scan | None = None) -> Ratcheted:
    """Mark what is accepted, or write down all there is; `scan` knows the bytes of images without reading them again.

    Where stale entries are to fail, the report's settings say how many there are.
    """
    from yoloaudit.files import write_atomically
    from yoloaudit.ratchet.accepted import apply, document, ratchet_of, read
    from yoloaudit.ratchet.keys import keys

    if kept.path is None:
        return Ratcheted(report, [])
    found, shown = keys(report, dataset, _contents(dataset, scan)), shorten(kept.path, 200)
    if kept.write:
        before = read(kept.path) if os.path.lexists(kept.path) else None
        text = document(report, found, before, kept.narrowed)
        write_atomically(kept.path, text.encode("ascii"))
        accepted = apply(report, ratchet_of(report.findings, found), found, kept.narrowed)
        return Ratcheted(accepted.report, [f"{len(found):,} findings are accepted in {shown}"])
    applied = apply(report, read(kept.path), found, kept.narrowed)
    if not applied.stale:
        return Ratcheted(applied.report, [])
    settings = {**report.settings, "stale": sum(applied.stale.values())} if kept.strict else report.settings
    return Ratcheted(replace(applied.report, settings=settings), [_stale(applied.stale, shown)])


def _stale(stale: Mapping[str, int], shown: str) -> str:
    worst = sorted(stale.items(), key=lambda entry: (-entry[1], entry[0]))
    named = ", ".join(f"{shorten(rule)} {count:,}" for rule, count in worst[:MOST_NAMED])
    more = ", …" if len(worst) > MOST_NAMED else ""
    total = sum(stale.values())
    answer = "entry of {} answers" if total == 1 else "entries of {} answer"
    return f"{total:,} {answer.format(shown)} to no finding any more ({named}{more}): --write-ratchet takes them out"


def _contents(dataset: Dataset, scan: Scan | None) -> dict[str, str]:
    from yoloaudit.ratchet.keys import contents_of

    if scan is None or len(scan.facts.records) != len(dataset.images):
        return {}
    hashes = (key.tobytes() for key in scan.facts.records["content"])
    return contents_of(dataset.images["path"].tolist(), hashes)
