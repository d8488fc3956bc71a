"""A data set with injected errors and detections on it → what peers would say of its labels, in the judge's schema.

ObjectLab is cleanlab's own, run in an environment of its own. FiftyOne's mistakenness is computed here from what its
documentation says of it (https://docs.voxel51.com/brain/index.html#label-mistakes): detections and labels are matched;
a matched label's `mistakenness` is how far the two disagree, modulated by the detection's confidence, and its
`mistakenness_loc` comes from that confidence and their IoU; a label without match is possibly spurious, a detection
without match and of a high confidence (0.95) possibly missing. With agreement a from -1 to 1, the measure is
(1 - a c) / 2: a is 1 for the same class and -1 for another, and 2 IoU - 1 for the location.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import peers
from benchmarks.label_bench import CORNERS, Case, Findings, normalised
from yoloaudit.dataset.tables import Predictions
from yoloaudit.evidence import overlaps

SCRIPT = Path(__file__).with_name("objectlab.py")
MATCHED = 0.5
HIGH: tuple[float | None, ...] = (None, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15)
LOW: tuple[float | None, ...] = (None, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02)
"""Thresholds of ObjectLab that are tried; None is its own."""
MISSING = (0.95, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15)
CONFIDENCE = (0.0, 0.05, 0.1, 0.25, 0.4)
SPURIOUS = (1.0, 0.5, 0.1)

Setting = tuple[Any, ...]
Maker = Callable[[int, Setting], Findings]
"""(number of the case, setting) → findings."""


class Peer(NamedTuple):
    """A peer that can be asked at several settings."""

    name: str
    axes: Sequence[Sequence[Any]]
    """Values of each setting, the peer's own first."""
    find: Maker

    @property
    def default(self) -> Setting:
        return tuple(axis[0] for axis in self.axes)


class Sight(NamedTuple):
    """An image: what its labels say and what a detector saw, boxes in pixels."""

    key: str
    size: Any
    lines: Any
    """Row of each label in its file, from 0."""
    labels: Any
    label_classes: Any
    boxes: Any
    classes: Any
    scores: Any


def sights(case: Case, predictions: Predictions) -> Iterator[Sight]:
    """Images in order, detections with the highest score first."""
    labels = case.dataset.boxes[case.dataset.boxes["error"].isna()]
    seen = predictions.sort_values(["image", "score"], ascending=[True, False], kind="stable")
    sizes = case.dataset.images[["width", "height"]].to_numpy(np.float64)
    for image, key in enumerate(case.keys):
        mine, there = labels[labels["image"] == image], seen[seen["image"] == image]
        yield Sight(
            key,
            sizes[image],
            mine["line"].to_numpy() - 1,
            mine[CORNERS].to_numpy(np.float64),
            mine["class_id"].to_numpy(),
            there[CORNERS].to_numpy(np.float64),
            there["class_id"].to_numpy(),
            there["score"].to_numpy(np.float64),
        )


def fiftyone(cases: Sequence[Case], predictions: Sequence[Predictions]) -> Peer:
    """FiftyOne's formula; tried are other confidences than its own, and what a mere flag counts for."""
    known = [list(sights(case, seen)) for case, seen in zip(cases, predictions, strict=True)]

    @cache
    def find(number: int, setting: Setting) -> Findings:
        return {"findings": [each for sight in known[number] for each in mistakenness(sight, *setting)]}

    return Peer("FiftyOne's formula", (MISSING, CONFIDENCE, SPURIOUS), find)


def mistakenness(sight: Sight, missing: float, confidence: float, spurious: float) -> Iterator[Mapping[str, Any]]:
    """Findings on one image; detections below `confidence` are not looked at, `spurious` is the score of that flag."""
    kept = sight.scores >= confidence
    boxes, classes, scores = sight.boxes[kept], sight.classes[kept], sight.scores[kept]
    shared, _ = overlaps(boxes, sight.labels)
    taken: dict[int, int] = {}
    for place in range(len(boxes)):
        free = [at for at in np.argsort(-shared[place]) if at not in taken and shared[place, at] >= MATCHED]
        if free:
            taken[int(free[0])] = place
        elif scores[place] >= missing:
            about = {"image": sight.key, "kind": "missing", "score": float(scores[place])}
            yield {**about, "class": int(classes[place]), "box": normalised(boxes[place], sight.size)}
    for at, line in enumerate(sight.lines.tolist()):
        row = {"image": sight.key, "label_index": line}
        if at not in taken:
            yield {**row, "kind": "spurious", "score": spurious}
            continue
        place = taken[at]
        agrees = {
            "class": 1.0 if classes[place] == sight.label_classes[at] else -1.0,
            "location": 2 * shared[place, at] - 1,
        }
        for kind, agreement in agrees.items():
            yield {**row, "kind": kind, "score": float(1 - agreement * scores[place]) / 2}


def objectlab(cases: Sequence[Case], predictions: Sequence[Predictions], python: Path, scratch: Path) -> Peer:
    """ObjectLab, of cleanlab, at its own thresholds and at others. Raises PeerFailed."""
    known = [list(sights(case, seen)) for case, seen in zip(cases, predictions, strict=True)]
    question, answer = scratch / "objectlab-asked.json", scratch / "objectlab-said.json"
    asked = [[shown(sight, len(case.dataset.names)) for sight in seen] for case, seen in zip(cases, known, strict=True)]
    question.write_text(json.dumps({"cases": asked, "high": HIGH, "low": LOW}), "utf-8")
    peers.told([str(python), "-P", str(SCRIPT), str(question), str(answer)], cwd=scratch)
    said = json.loads(answer.read_text("utf-8"))

    @cache
    def find(number: int, setting: Setting) -> Findings:
        high, low = HIGH.index(setting[0]), LOW.index(setting[1])
        of = said["cases"][number]
        found = []
        for place, sight in enumerate(known[number]):
            parts = {"class": of["swap"][high][place], "location": of["badloc"][low][place]}
            found += list(of_labels(sight, parts))
            found += list(of_detections(sight, of["overlooked"][high][place]))
        default = setting == (None, None)
        quality = {"image_scores": dict(zip(case_keys(known[number]), of["images"], strict=True))} if default else {}
        return {"findings": found, **quality}

    return Peer(f"ObjectLab (cleanlab {said['version']})", (HIGH, LOW), find)


def case_keys(seen: Sequence[Sight]) -> list[str]:
    return [sight.key for sight in seen]


def by_class(sight: Sight) -> Any:
    """The order that ObjectLab keeps detections in: by class."""
    return np.argsort(sight.classes, kind="stable")


def shown(sight: Sight, classes: int) -> Mapping[str, Any]:
    """An image as ObjectLab wants it: detections in a list for each class."""
    rows = np.column_stack([sight.boxes, sight.scores])
    return {
        "bboxes": sight.labels.tolist(),
        "labels": sight.label_classes.tolist(),
        "predictions": [rows[sight.classes == number].tolist() for number in range(classes)],
    }


def of_labels(sight: Sight, parts: Mapping[str, Sequence[float]]) -> Iterator[Mapping[str, Any]]:
    """ObjectLab's qualities of labels, turned over."""
    for kind, qualities in parts.items():
        for line, quality in zip(sight.lines.tolist(), qualities, strict=True):
            if quality < 1:
                yield {"image": sight.key, "kind": kind, "label_index": line, "score": 1 - quality}


def of_detections(sight: Sight, qualities: Sequence[float | None]) -> Iterator[Mapping[str, Any]]:
    """ObjectLab's qualities of detections, turned over; those that it says nothing of are left out."""
    for place, quality in zip(by_class(sight).tolist(), qualities, strict=True):
        if quality is not None and quality < 1:
            about = {"image": sight.key, "kind": "missing", "score": 1 - quality, "class": int(sight.classes[place])}
            yield {**about, "box": normalised(sight.boxes[place], sight.size)}


def best(peer: Peer, score: Callable[[Setting], tuple[float, ...]]) -> Setting:
    """The setting with the highest score, one axis after the other."""
    chosen = list(peer.default)
    for axis, values in enumerate(peer.axes):
        tried: list[Setting] = [(*chosen[:axis], value, *chosen[axis + 1 :]) for value in values]
        top: Setting = max(tried, key=score)
        chosen = list(top)
    return tuple(chosen)
