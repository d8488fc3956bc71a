"""What the passes came to → edits of files, with the trainer's caches that would not notice them put aside."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from yoloaudit.dataset.layout import Layout
from yoloaudit.repair import picture_step
from yoloaudit.repair.edits import Edit, Mend, Move, NotMended, Plan, Write
from yoloaudit.repair.move_step import Moves, stale_caches
from yoloaudit.repair.passes import Bench, Settled
from yoloaudit.repair.picture_step import Pictures, mend_pictures
from yoloaudit.repair.places import Places, digest_of
from yoloaudit.repair.singles import singles
from yoloaudit.repair.step import Step

LOOK = "look at the image; where it is truly empty, `yoloaudit attest` says so for you"
SUFFIXES = (".txt", ".yaml", ".yml")


def plan_of(bench: Bench, done: Settled, measures: Mapping[str, Any] | None = None) -> Plan:
    """The edits that make the outcome of the passes come true, and those of images; `measures` are of its data set."""
    trial, places, moves = done.trial, bench.places, done.trial.moves

    def read(path: str) -> bytes | None:
        return trial.contents[path] if path in trial.contents else places.read(path)

    step = Step(bench.wanted, places, read)
    found = list(singles(done.dataset, done.report, bench.rules, measures))
    for single in found:
        if single.kind == "attest":
            step.leave(single, LOOK)
    pictures = Pictures(step, done.dataset, moves, _pairs(measures))
    mend_pictures(pictures, [single for single in found if single.check in picture_step.CHECKS])
    of_images = list(picture_step.edits(pictures, trial.contents))
    edits = [*_edits(trial.contents, moves, places), *of_images]
    changed = [edit.path for edit in edits if isinstance(edit, Write) and edit.path.endswith(SUFFIXES)]
    changed += [path for move in moves.moves.values() for path in (move.path, move.to) if path.endswith(".txt")]
    mends = [mend for mend in trial.mends if mend.path not in {edit.path for edit in of_images}]
    mends += [*step.mends, *caches(bench.layout, changed, moves)]
    known = {edit.path for edit in edits}
    edits += [move for move in moves.moves.values() if move.path not in known]
    return Plan(edits, mends, [*trial.left, *step.left])


def _pairs(measures: Mapping[str, Any] | None) -> list[tuple[int, int]]:
    copies = (measures or {}).get("copies")
    return [] if copies is None else list(zip(copies["first"].tolist(), copies["second"].tolist(), strict=True))


def caches(layout: Layout, changed: Collection[str], moves: Moves) -> Iterator[Mend]:
    """Plan to put the trainer's caches aside that know the changed files as they were."""
    if not changed:
        return
    strays = layout.strays
    there = strays["path"][(strays["kind"] == "trainer-cache").to_numpy()].tolist()
    folders = {posixpath.dirname(layout.root.relative(path)) for path in layout.labels}
    everything = layout.descriptor.path in changed
    yield from stale_caches(there, folders, {posixpath.dirname(path) for path in changed}, everything, moves)


def _edits(contents: Mapping[str, bytes], moves: Moves, places: Places) -> Iterator[Edit]:
    sources = {move.to: move for move in moves.moves.values()}
    for path, new in contents.items():
        move = sources.get(path)
        if move is None:
            old = _read(places, path)
            if old != new:
                yield Write(path, old, new)
        elif digest_of(new) == move.digest:
            yield move
        else:
            yield Move(move.path, moves.aside(move.path), move.digest)
            yield Write(path, None, new)


def _read(places: Places, path: str) -> bytes | None:
    try:
        return places.read(path)
    except NotMended:
        return None
