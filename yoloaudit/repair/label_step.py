"""Findings in label files → those files without the defects: in a stated order, file by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Severity
from yoloaudit.repair.accept import fingerprint
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.encoding import encoded
from yoloaudit.repair.label_text import Frame, LabelText
from yoloaudit.repair.rows import ROWS, polygon_to_box, shift
from yoloaudit.repair.singles import Single
from yoloaudit.repair.step import Step

ENCODE, POLYGONS, SHIFT, CONVERT = "encode", "polygon-to-box", "shift", "convert"
KINDS = frozenset((*ROWS, ENCODE, POLYGONS, SHIFT))
WHOLE = frozenset((SHIFT, CONVERT))
"""Fixes that all files need, or none: half of it done could not be told from the other half."""
ORDER = {kind: place for place, kind in enumerate(ROWS)}
PHASES = (
    frozenset((ENCODE, POLYGONS, "separators", "drop-column", "rewrite-class")),
    frozenset((SHIFT, CONVERT, "normalise")),
    KINDS,
)
"""What is done everywhere before anything else: first what makes rows readable, then what all rows need. A row that
could only be read afterwards would lack it.
"""
POSES = {"oriented": "is an oriented box", "keypoints": "is a box with keypoints"}


def mend_labels(step: Step, findings: Sequence[Single], dataset: Dataset) -> None:
    """Do to label files what these findings name, those of the first phase that can be done anything about."""
    done = len(step.mends)
    seen: frozenset[str] = frozenset()
    for phase in PHASES:
        _mend_phase(step, [single for single in findings if single.kind in phase - seen], dataset)
        if len(step.mends) > done:
            return
        seen |= phase


def _mend_phase(step: Step, findings: Sequence[Single], dataset: Dataset) -> None:
    """First the text of a file, then what it holds, then its rows."""
    files: dict[str, list[Single]] = {}
    for single in findings:
        if single.check == "duplicate-box" and single.finding.severity is Severity.INFO:
            step.leave(single, "may be one of two objects: look at it, and drop the row by hand")
        elif step.may(single):
            files.setdefault(single.finding.where.label or "", []).append(single)
    _refuse_halves(step, files)
    facts = _Facts(dataset)
    for label, own in files.items():
        try:
            step.places.changeable(label)
            old = step.read(label)
            if old is None:
                raise NotMended("is gone", "changed")
            _mend_file(step, label, own, old, facts)
        except NotMended as why:
            for single in own:
                step.leave(single, why)


class _Facts:
    """What the tables know and the text does not."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        images = dataset.images
        self.sizes = dict(zip(images["path"], zip(images["width"], images["height"], strict=True), strict=True))
        boxes = dataset.boxes
        posed = boxes[boxes["kind"].isin(list(POSES))]
        paths = dataset.labels["path"].to_numpy()[posed["label"].to_numpy()]
        self.poses: dict[str, str] = dict(zip(paths.tolist(), posed["kind"].astype(object).tolist(), strict=True))

    def frame(self, image: str | None) -> Frame | None:
        """The size of an image, None where it is not known."""
        width, height = self.sizes.get(image, (0, 0))
        return Frame(int(width), int(height)) if width > 0 and height > 0 else None


def _refuse_halves(step: Step, files: dict[str, list[Single]]) -> None:
    """Take out the fixes that all files need where one file cannot be changed, or was not looked at."""
    for kind in WHOLE:
        labels = [label for label, own in files.items() if any(single.kind == kind for single in own)]
        why = None
        if labels and step.wanted.narrowed:
            why = NotMended("splits were left out, and this is to be done to all of them or to none", "refused")
        for label in labels:
            try:
                step.places.changeable(label)
            except NotMended as reason:
                why = NotMended(f"{label} {reason}, and this is to be done to all files or to none", "refused")
        if why is not None:
            for label in labels:
                for single in files[label]:
                    if single.kind == kind:
                        step.leave(single, why)
                files[label] = [single for single in files[label] if single.kind != kind]
                if not files[label]:
                    del files[label]


def _mend_file(step: Step, label: str, findings: Sequence[Single], old: bytes, facts: _Facts) -> None:
    whole = [single for single in findings if single.kind == ENCODE]
    if whole:
        new, words = encoded(old)
        for single in whole:
            step.mended(single, words)
        step.contents[label] = new
        return
    text = LabelText.of(old)
    before = dict(text.rows())
    known = []
    for single in findings:
        if _is_there(single, label, before):
            known.append(single)
        else:
            step.leave(single, "has changed since it was looked at", "changed")
    if not _mend_all_rows(step, text, known, facts.poses.get(label)):
        _mend_rows(step, text, known, facts, facts.poses.get(label))
    new = text.lines.data()
    if new != old:
        step.contents[label] = new
        step.dropped[label] = [line for line in before if text.lines.text(line) is None]


def _is_there(single: Single, label: str, rows: Mapping[int, str]) -> bool:
    """Whether the row of a finding reads as it did when it was found."""
    line = single.finding.where.line
    raw = rows.get(line) if line is not None else None
    return raw is not None and fingerprint(single.finding.rule, label, raw) == single.finding.fingerprint


def _mend_all_rows(step: Step, text: LabelText, findings: Sequence[Single], pose: str | None) -> bool:
    """Do what changes the meaning of all rows of a file; the findings on single rows then wait for the next pass."""
    polygons = [single for single in findings if single.kind == POLYGONS]
    if polygons:
        try:
            if pose is not None:
                raise NotMended(f"a row of the file {POSES[pose]}, not a polygon")
            count = polygon_to_box(text)
        except NotMended as why:
            for single in polygons:
                step.leave(single, why)
            return False
        words = "polygon of its file turned into its box" if count == 1 else "polygons of its file turned into boxes"
        for single in polygons:
            step.mended(single, words)
        return True
    shifted = [single for single in findings if single.kind == SHIFT]
    for line, _ in text.rows() if shifted else ():
        try:
            shift(text, line, None)
        except NotMended:
            continue
    for single in shifted:
        step.mended(single, "1 taken off the class id")
    return bool(shifted)


def _mend_rows(step: Step, text: LabelText, findings: Sequence[Single], facts: _Facts, pose: str | None) -> None:
    rows = [single for single in findings if single.kind in ORDER]
    for single in sorted(rows, key=lambda single: (ORDER[single.kind], single.finding.where.line or 0)):
        finding, line = single.finding, single.finding.where.line or 0
        try:
            if pose is not None and single.kind in ("clip", "normalise"):
                raise NotMended(f"{POSES[pose]}: mend it in the tool that drew it")
            if single.check == "duplicate-box":
                _refuse_second(text, single)
            words = ROWS[single.kind](text, line, facts.frame(finding.where.image))
        except NotMended as why:
            step.leave(single, why)
        else:
            step.mended(single, words)


def _refuse_second(text: LabelText, single: Single) -> None:
    """Raise NotMended for the second of two boxes whose first is dropped itself."""
    other = single.finding.related[0].line if single.finding.related else None
    if other is not None and text.lines.text(other) is None:
        raise NotMended("the box that it repeats was dropped itself", "conflict")
