"""Defects → findings: looks up paths, rows and boxes by id, writes the sentence and the fingerprint."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pandas import DataFrame

from yoloaudit.checks.base import Check
from yoloaudit.dataset.load import Dataset
from yoloaudit.findings import Finding, Fix, Location, Severity, Suggestion
from yoloaudit.packs import Rule

EXAMPLES = 20
"""Places that a folded finding keeps in `related`."""
NEAR = 32
"""Pixels that the middle of an object without a label may move, between two models, and still be the same finding."""


class Stamp:
    """Turns defect rows of one data set into findings."""

    def __init__(self, dataset: Dataset) -> None:
        self.mendable = dataset.descriptor.layout == "yolo"
        self.image_paths = dataset.images["path"].to_numpy()
        self.image_splits = dataset.images["split"].astype(object).to_numpy()
        self.image_labels = dataset.images["label"].to_numpy()
        self.label_paths = dataset.labels["path"].to_numpy()
        self.label_splits = dataset.labels["split"].astype(object).to_numpy()
        boxes = dataset.boxes
        self.rows = {name: boxes[name].to_numpy() for name in ("image", "label", "line", "class_id", "raw")}
        self.broken = boxes["error"].cat.codes.to_numpy() >= 0
        self.corners = boxes[["x1", "y1", "x2", "y2"]].to_numpy()

    def findings(self, rule: Rule, check: Check, defects: DataFrame, most: int | None = None) -> Iterator[Finding]:
        """One finding a defect, up to `most`."""
        for defect in islice(_records(defects), most):
            where = self.locate(defect)
            related = tuple(self.locate(place) for place in _related(defect.get("related")))
            message = check.describe(defect)
            yield Finding(
                rule=rule.name,
                severity=severity_of(rule, check, defect),
                message=message,
                where=where,
                value=_number(defect.get("value")),
                limit=_number(defect.get("limit")),
                score=_number(defect.get("score")),
                related=related,
                fix=_fix(defect, check) if self.mendable else None,
                suggestion=_suggestion(defect.get("suggestion")),
                fingerprint=self.fingerprint(rule, defect, where, message),
                folded=_id(defect.get("folded")) or 1,
            )

    def folded(self, rule: Rule, check: Check, defects: DataFrame, images: int, total: int) -> Finding:
        """One finding for all defects of a rule: the root cause, with the first places in `related`."""
        first = next(iter(_records(defects)))
        places = [self.locate(defect) for defect in islice(_records(defects), EXAMPLES)]
        share = f"{images:,} of {total:,} images"
        message = f"{check.title().rstrip('.')}: {len(defects):,} times, in {share}; the first: {check.describe(first)}"
        kinds = defects.drop_duplicates("severity") if "severity" in defects else defects[:1]
        severities = [severity_of(rule, check, defect) for defect in _records(kinds)]
        splits = {place.split for place in places}
        return Finding(
            rule=rule.name,
            severity=min(severities, key=lambda severity: severity.rank),
            message=message,
            where=Location(split=splits.pop() if len(splits) == 1 else None),
            value=float(len(defects)),
            limit=_number(first.get("limit")),
            related=tuple(places),
            fix=_fix(first, check) if self.mendable else None,
            fingerprint=_hash(rule.name, "folded"),
            folded=len(defects),
        )

    def locate(self, defect: Mapping[str, Any]) -> Location:
        """The place of a defect, or of a related row."""
        row = _id(defect.get("row"))
        if row is not None:
            return self._of_row(row)
        image, label = _id(defect.get("image")), _id(defect.get("label"))
        split, file = defect.get("split"), defect.get("file")
        if file is None and label is not None:
            file = self.label_paths[label]
        if label is None and image is not None:
            label = _id(self.image_labels[image])
        return Location(
            split=split if isinstance(split, str) else self._split(image, label),
            image=None if image is None else self.image_paths[image],
            label=None if label is None else self.label_paths[label],
            line=_id(defect.get("line")),
            class_id=_id(defect.get("class_id")),
            file=file if isinstance(file, str) else None,
            box=_rounded(defect.get("box")),
        )

    def _of_row(self, row: int) -> Location:
        rows = self.rows
        image, label = int(rows["image"][row]), int(rows["label"][row])
        broken = self.broken[row]
        return Location(
            split=self.label_splits[label],
            image=self.image_paths[image] if image >= 0 else None,
            label=self.label_paths[label],
            line=int(rows["line"][row]),
            class_id=None if broken else int(rows["class_id"][row]),
            box=None if broken else self._box(row),
        )

    def _box(self, row: int) -> tuple[float, float, float, float] | None:
        return _rounded(tuple(self.corners[row]))

    def _split(self, image: int | None, label: int | None) -> str | None:
        split = self.image_splits[image] if image is not None else None
        if split is None and label is not None:
            split = self.label_splits[label]
        return split if isinstance(split, str) else None

    def fingerprint(self, rule: Rule, defect: Mapping[str, Any], where: Location, message: str) -> str:
        """Keyed on the rule, the file, and the row's text or, where no row is meant, the message without numbers.

        Objects without a label are told apart by where about their middle is.
        """
        row = _id(defect.get("row"))
        if row is not None:
            return _hash(rule.name, where.label or "", self.rows["raw"][row])
        words = "".join("#" if letter.isdigit() else letter for letter in message)
        parts = [rule.name, where.path or "", where.split or "", str(where.class_id), words]
        if where.box is not None:
            x1, y1, x2, y2 = where.box
            parts.append(f"{(x1 + x2) / 2 // NEAR:.0f} {(y1 + y2) / 2 // NEAR:.0f}")
        return _hash(*parts)


def severity_of(rule: Rule, check: Check, defect: Mapping[str, Any]) -> Severity:
    """The rule's severity where it sets one, else the defect's own, else the check's."""
    if rule.severity is not None:
        return rule.severity
    own = defect.get("severity")
    return Severity(own) if isinstance(own, str) else type(check).severity


def _records(defects: DataFrame) -> Iterator[dict[str, Any]]:
    names = list(defects.columns)
    for values in zip(*(defects[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def _related(value: object) -> Sequence[Mapping[str, Any]]:
    return value if isinstance(value, list | tuple) else ()


def _fix(defect: Mapping[str, Any], check: Check) -> Fix | None:
    own = defect.get("fix", ...)
    return type(check).fix if own is ... else own if isinstance(own, Fix) else None


def _suggestion(value: object) -> Suggestion | None:
    return value if isinstance(value, Suggestion) else None


def _rounded(box: object) -> tuple[float, float, float, float] | None:
    """Corners in pixels, as a report shows them; None where there are none."""
    if not isinstance(box, tuple):
        return None
    x1, y1, x2, y2 = (float(side) for side in box)
    if not math.isfinite(x1 + y1 + x2 + y2):
        return None
    return round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)


def _id(value: Any) -> int | None:
    return None if value is None or value != value or value < 0 else int(value)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
