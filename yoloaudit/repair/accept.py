"""Proposals that a person accepted, and the label files as they are now → edits; what changed since is refused."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from yoloaudit.dataset.label_files import label_folder
from yoloaudit.dataset.layout import Layout
from yoloaudit.dataset.pairs import upright_size
from yoloaudit.geometry import corners_of, iou
from yoloaudit.repair.edits import Edit, Left, Mend, NotMended, Plan, Write
from yoloaudit.repair.label_text import Frame, LabelText, shares
from yoloaudit.repair.places import Places
from yoloaudit.repair.proposals import ADD, BOX, CLASS, DROP, TWIN, Box, Proposal

SAME_CLASS, ANY_CLASS = 0.7, 0.9
"""Overlap (IoU) from which a label is the proposed object already: of its class, or of any."""
WORDS = {ADD: "box added", BOX: "box redrawn", CLASS: "class changed", DROP: "row dropped", TWIN: "row dropped"}


@dataclass
class _File:
    """The proposals for one label file."""

    image: str
    proposals: list[Proposal] = field(default_factory=list)


def plan_accepted(layout: Layout, places: Places, proposals: Sequence[Proposal]) -> Plan:
    """Edits that do what these proposals say.

    On one row the surer proposal comes first (by score, then in the order of the report): a row is dropped or changed,
    never both, and gets one box and one class. What was found on a row that reads otherwise now is not done.
    """
    edits: list[Edit] = []
    mends: list[Mend] = []
    left: list[Left] = []
    known = {layout.root.relative(path): position for position, path in enumerate(layout.images)}
    for label, file in _by_label(layout, known, proposals, left).items():
        own: list[Mend] = []
        try:
            edit = _edited(layout, places, label, file, own, left)
        except NotMended as why:
            left += [Left(each.rule, label, each.line, str(why), why.kind) for each in file.proposals]
            continue
        if edit is not None:
            edits.append(edit)
            mends += own
    return Plan(edits, mends, left)


def _by_label(
    layout: Layout, known: Mapping[str, int], proposals: Iterable[Proposal], left: list[Left]
) -> dict[str, _File]:
    """The proposals by the label file that they are for; images that the data set does not have are said."""
    files: dict[str, _File] = {}
    for each in proposals:
        position = known.get(each.image)
        if position is None:
            left.append(Left(each.rule, each.image, None, "is no image of this data set", "changed"))
            continue
        label = label_of(layout, position)
        if each.label is not None and each.label != label:
            left.append(Left(each.rule, each.label, each.line, f"is not the label file of {each.image}", "changed"))
            continue
        files.setdefault(label, _File(each.image)).proposals.append(each)
    return files


def label_of(layout: Layout, position: int) -> str:
    """The label file of an image, or where the trainer would look for it; relative to the root."""
    number = layout.label_of[position]
    if number >= 0:
        return layout.root.relative(layout.labels[number])
    folder, name = os.path.split(layout.images[position])
    return layout.root.relative(os.path.join(label_folder(folder), f"{name.rpartition('.')[0]}.txt"))


def _edited(
    layout: Layout, places: Places, label: str, file: _File, mends: list[Mend], left: list[Left]
) -> Edit | None:
    old = places.read(label)
    places.changeable(label)
    hand = _Hand(layout, label, LabelText.of(old or b""), _frame(layout, file))
    for each in sorted(file.proposals, key=lambda each: (each.action == ADD, -_known(each.score))):
        try:
            line = hand.do(each)
        except NotMended as why:
            left.append(Left(each.rule, label, each.line, str(why), why.kind))
        else:
            mends.append(Mend(each.rule, label, line, WORDS[each.action]))
    new = hand.data()
    return Write(label, old, new) if mends and new != old else None


def _known(score: float) -> float:
    return -math.inf if math.isnan(score) else score


def _frame(layout: Layout, file: _File) -> Frame | None:
    """The size of the image, where a proposal has a box."""
    if not any(each.action in (ADD, BOX) for each in file.proposals):
        return None
    size = upright_size(layout.root, os.path.join(layout.root.path, *file.image.split("/")))
    if size is None:
        raise NotMended(f"the size of {file.image} cannot be read", "refused")
    return Frame(*size)


class _Hand:
    """Does one proposal after the other to a label file; raises NotMended where one cannot be done."""

    def __init__(self, layout: Layout, label: str, text: LabelText, frame: Frame | None) -> None:
        self.classes = len(layout.names)
        self.label = label
        self.text = text
        self.frame = frame
        self.before = dict(text.rows())
        self.done: dict[int, set[str]] = {}

    def do(self, each: Proposal) -> int | None:
        """Do it; the line, None of a new row."""
        if each.class_id is not None and each.action in (ADD, CLASS) and each.class_id >= self.classes:
            raise NotMended(f"the proposed class {each.class_id} has no name in this data set", "refused")
        if each.action == ADD:
            self._add(each)
            return None
        line = self._line(each)
        done = self.done.setdefault(line, set())
        if DROP in done or each.action in done or (each.action == DROP and done):
            raise NotMended("another proposal for this row is surer, and was taken", "conflict")
        if each.action == TWIN:
            self._refuse_lone(line)
        elif each.action == BOX and each.box is not None:
            self.text.put_box(line, self._shares(each.box))
        elif each.action == CLASS and each.class_id is not None:
            self.text.put_class(line, each.class_id)
        done.add(DROP if each.action == TWIN else each.action)
        return line

    def data(self) -> bytes:
        """The file with all of it done."""
        for line, done in self.done.items():
            if DROP in done:
                self.text.lines.drop(line)
        return self.text.lines.data()

    def _line(self, each: Proposal) -> int:
        """The row that a finding is about, known by its text as it was before anything was done."""
        fits = [
            line for line, raw in self.before.items() if fingerprint(each.rule, self.label, raw) == each.fingerprint
        ]
        if not fits:
            raise NotMended("the row has changed since the report was made", "changed")
        wanted = each.line or 0
        return min(fits, key=lambda line: (abs(line - wanted), line))

    def _shares(self, box: Box) -> Box:
        assert self.frame is not None
        return shares(box, self.frame)

    def _add(self, each: Proposal) -> None:
        assert each.box is not None
        assert each.class_id is not None
        corners = self._shares(each.box)
        classes, boxes = self.text.boxes()
        overlap = iou(np.repeat(np.array([corners]), len(boxes), axis=0), boxes)
        if ((overlap >= ANY_CLASS) | ((classes == each.class_id) & (overlap >= SAME_CLASS))).any():
            raise NotMended("a label is there already", "done")
        self.text.add_box(each.class_id, corners)

    def _refuse_lone(self, line: int) -> None:
        """Raise NotMended where the row is no longer one of two."""
        own = self.text.row(line)
        others = [number for number in self.before if number != line and DROP not in self.done.get(number, ())]
        rows = [row for number in others if (row := self.text.row(number)) is not None and row.error is None]
        boxes = np.array([row[4:8] for row in rows], np.float64).reshape(-1, 4)
        same = np.array([own is not None and row.class_value == own.class_value for row in rows], np.bool_)
        mine = np.array([own[4:8] if own is not None else (0, 0, 0, 0)], np.float64)
        overlap = iou(np.repeat(corners_of(mine), len(boxes), axis=0), corners_of(boxes))
        if not (same & (overlap >= SAME_CLASS)).any():
            raise NotMended("there is no second box around this object any more", "changed")


def fingerprint(rule: str, label: str, raw: str) -> str:
    """Of a finding about a row, as `stamp.Stamp` makes it."""
    text = "\x1f".join((rule, label, raw))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
