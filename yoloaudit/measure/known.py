"""Files and what the cache knows of them → facts that still hold, and what has to be looked at.

A file's stamp (size, time of change of content and of inode, inode) is the fast path. A stamp younger than two seconds
when it was taken proves nothing, since file systems tell time in coarse steps; then, and where the stamp has changed,
the file is read, and the hash of its content decides.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yoloaudit.files import Root, Stamp, stamp_of
from yoloaudit.measure.cache import Known
from yoloaudit.measure.facts import LOOKED, NO_TEXTS, POSTPONED, UNCHANGED, Facts, blank
from yoloaudit.measure.look import Task

YOUNG_NS = 2_000_000_000
NO_STAMP = Stamp(-1, -1, -1, -1)


def still_known(root: Root, paths: Sequence[str], names: Sequence[bytes], known: Known) -> tuple[Facts, list[Task]]:
    """Facts of the files, `seen` 0 where they have to be looked at, and the task of each.

    A file with the name of a known one, or with its inode, size and time, carries that one's facts along: they hold if
    its content turns out to be the same.
    """
    facts = blank(len(paths))
    records = facts.records
    if not known.paths:
        return Facts(records, facts.texts, facts.pictures[:0]), [Task(path) for path in paths]
    stamps = _stamps(root, paths)
    where = {name: position for position, name in enumerate(known.paths)}
    old = np.fromiter((where.get(name, -1) for name in names), np.int64, len(names))
    moved = {
        tuple(stamp): place for place, stamp in enumerate(known.records[["size", "modified_ns", "inode"]].tolist())
    }
    for place in np.flatnonzero(old < 0).tolist():
        size, modified, _, inode = stamps[place].tolist()
        old[place] = moved.get((size, modified, inode), -1)
    same = np.flatnonzero(old >= 0)
    records[same] = known.records[old[same]]
    fields = np.stack([records[name] for name in Stamp._fields], axis=1)
    young = np.maximum(records["modified_ns"], records["changed_ns"]) + YOUNG_NS > records["seen"]
    holds = (old >= 0) & (fields == stamps).all(axis=1) & ~young & (records["state"] == LOOKED)
    records["seen"][~holds] = 0
    texts = [known.texts[position] if position >= 0 else NO_TEXTS for position in old.tolist()]
    tasks = [
        Task(path, records["content"][place].tobytes() if position >= 0 else None)
        for place, (path, position) in enumerate(zip(paths, old.tolist(), strict=True))
    ]
    return Facts(records, texts, facts.pictures[:0]), tasks


def merge(facts: Facts, places: Sequence[int], part: Facts) -> list[int]:
    """Write what was found at these places; the places of files that were postponed."""
    where, state = np.asarray(places, np.int64), part.records["state"]
    unchanged = state == UNCHANGED
    for name in (*Stamp._fields, "seen"):
        facts.records[name][where[unchanged]] = part.records[name][unchanged]
    found = ~unchanged & (state != POSTPONED)
    facts.records[where[found]] = part.records[found]
    for position in np.flatnonzero(found).tolist():
        facts.texts[places[position]] = part.texts[position]
    postponed: list[int] = where[state == POSTPONED].tolist()
    return postponed


def _stamps(root: Root, paths: Sequence[str]) -> NDArray[np.int64]:
    """N × 4; -1 where a file cannot be asked, or is a link that may lead out."""
    look = os.lstat if root.contained else os.stat
    stamps = []
    for path in paths:
        try:
            facts = look(path)
            stamps.append(stamp_of(facts) if stat.S_ISREG(facts.st_mode) else NO_STAMP)
        except (OSError, ValueError):
            stamps.append(NO_STAMP)
    return np.array(stamps, np.int64).reshape(-1, 4)
