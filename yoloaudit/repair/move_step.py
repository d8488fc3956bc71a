"""Findings on whole label files and trainer's caches → moves; the quarantine is a folder that trainers pass over."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence

from yoloaudit.dataset.load import Dataset
from yoloaudit.repair.edits import Mend, Move, NotMended
from yoloaudit.repair.places import HOME, Places, digest_of
from yoloaudit.repair.singles import Single
from yoloaudit.repair.step import Step

CHECKS = ("label-suffix-case", "misplaced-label", "orphan-label", "stale-trainer-cache")


class Moves:
    """Files that get another place, each once, and none to where another is."""

    def __init__(self, places: Places, number: int) -> None:
        self.places = places
        self.number = number
        """Of the journal: each fix has a folder of its own in the quarantine."""
        self.moves: dict[str, Move] = {}
        self._taken: set[str] = set()

    def aside(self, path: str) -> str:
        """The place of a file in the quarantine."""
        return f"{HOME}/quarantine/{self.number:04}/{path}"

    def add(self, path: str, to: str) -> Move:
        """Plan a move; raises NotMended where it cannot be."""
        if path in self.moves:
            raise NotMended("is moved already", "conflict")
        facts = self.places.facts(path)
        data = self.places.read(path)
        if facts is None or data is None:
            raise NotMended("is gone", "changed")
        other = self.places.facts(to)
        if to in self._taken or (other is not None and not os.path.samestat(facts, other)):
            raise NotMended(f"cannot be moved: {to} exists", "refused")
        move = self.moves[path] = Move(path, to, digest_of(data))
        self._taken.add(to)
        return move


def mend_places(step: Step, findings: Sequence[Single], dataset: Dataset, moves: Moves) -> list[tuple[int, Move]]:
    """Plan the moves that these findings name; those of labels that get an image, with its position (-1: none)."""
    done = []
    owners = dict(zip(dataset.strays["path"].tolist(), dataset.strays["image"].tolist(), strict=True))
    wanted = dict(zip(dataset.strays["path"].tolist(), dataset.strays["detail"].tolist(), strict=True))
    for single in findings:
        path = single.place
        if not step.may(single):
            continue
        try:
            if single.check == "orphan-label" and single.finding.where.label is None:
                raise NotMended(
                    "images and labels of the split do not belong together: find the images that are missing"
                )
            if single.check == "label-suffix-case" and owners.get(path, -1) < 0:
                raise NotMended("has no image either: find the image, or take the label away")
            if single.check == "label-suffix-case":
                to, words = path[:-4] + ".txt", "suffix written in small letters"
            elif single.check == "misplaced-label":
                to, words = wanted.get(path) or "", "moved to where the trainer looks"
            else:
                what = "label put aside" if single.check == "orphan-label" else "trainer's cache put aside"
                to, words = moves.aside(path), f"{what}, in {HOME}/quarantine"
            done.append((int(owners.get(path, -1)) if not to.startswith(HOME) else -1, moves.add(path, to)))
        except NotMended as why:
            step.leave(single, why)
        else:
            step.mended(single, words)
    return done


def stale_caches(
    caches: Iterable[str], folders: Collection[str], changed: Collection[str], everything: bool, moves: Moves
) -> Iterator[Mend]:
    """Put those of the trainer's caches aside that know files as they were before they were `changed`.

    The trainer goes by the sizes of files, and would not notice an edit that keeps them. A cache bears the name of the
    folder of labels (`folders`) that it is for; one that bears another name may be for any.
    """
    for path in sorted(caches):
        own = posixpath.splitext(path)[0]
        if path in moves.moves or not (everything or own not in folders or own in changed):
            continue
        try:
            moves.add(path, moves.aside(path))
        except NotMended:
            continue
        yield Mend("stale-trainer-cache", path, None, f"trainer's cache put aside, in {HOME}/quarantine")
