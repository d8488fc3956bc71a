"""What a model saw → a line a picture and a summary for a person, or one JSON document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from yoloaudit.findings import FORMAT
from yoloaudit.report.text import show
from yoloaudit.report.to_json import dump
from yoloaudit.version import __version__

if TYPE_CHECKING:
    from yoloaudit.train.images.data import Fitted
    from yoloaudit.train.types import Predicted

MOST_PATH, MOST_NAME = 4096, 40
WRITTEN = {"pictures": "picture", "videos": "video", "labels": "label file", "crops": "cut-out"}


class Seen(NamedTuple):
    """One picture that was looked at."""

    path: str
    number: int
    """Of its file, from 1."""
    files: int
    picture: Fitted
    predicted: Predicted
    milliseconds: float
    """That the network took for it."""
    is_video: bool = False


def line(seen: Seen, names: Sequence[str]) -> str:
    """`image 1/2 photos/bus.jpg: 640×480 4 person, 1 bus, 45.1 ms`, or why it cannot be read."""
    moment = seen.picture.moment
    kind = "video" if seen.is_video or moment is not None else "image"
    of = "" if moment is None else f" ({moment.number:,}/{moment.of:,})"
    head = f"{kind} {seen.number:,}/{seen.files:,}{of} {show(seen.path, MOST_PATH)}"
    if seen.predicted.error is not None or seen.picture.image is None:
        return f"{head}: {show(seen.predicted.error or 'has no pixels')}"
    height, width = seen.picture.image.shape[:2]
    counts = Counter(seen.predicted.detections.classes.tolist())
    found = ", ".join(f"{count:,} {show(_name(number, names), MOST_NAME)}" for number, count in sorted(counts.items()))
    return f"{head}: {height}×{width} {found or 'nothing seen'}, {seen.milliseconds:.1f} ms"


def summary(facts: Mapping[str, Any]) -> Iterator[str]:
    """The lines after the last picture: speed, what could not be read, and where the files are."""
    speed, counts, files = facts["speed"], facts["counts"], dict(facts["files"])
    parts = (("read", "reading"), ("prepare", "pre-process"), ("infer", "inference"), ("select", "NMS"))
    times = ", ".join(f"{speed[part]:.1f} ms {what}" for part, what in parts)
    where = f"on {show(facts['device'])}, {facts['imgsz']:,} px, batches of {facts['batch']:,}"
    yield f"speed: {times} an image ({where})"
    if counts["unreadable"]:
        yield f"{counts['unreadable']:,} of {counts['looked_at']:,} could not be read"
    folder = files.pop("folder")
    if folder is not None:
        counted = [(files[kind], name) for kind, name in WRITTEN.items() if files.get(kind)]
        said = ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in counted)
        yield f"{said} written to {show(folder, MOST_PATH)}"


def entry(seen: Seen, names: Sequence[str]) -> str:
    """One picture as JSON."""
    predicted, moment = seen.predicted, seen.picture.moment
    found = predicted.detections
    boxes = [[round(side, 3) for side in box] for box in found.boxes.tolist()]
    scores = [round(score, 6) for score in found.scores.tolist()]
    return dump(
        {
            "image": seen.path,
            "frame": None if moment is None else moment.number,
            "width": predicted.width,
            "height": predicted.height,
            "error": predicted.error,
            "detections": [
                {"class_id": number, "name": _name(number, names), "score": score, "box": box}
                for number, score, box in zip(found.classes.tolist(), scores, boxes, strict=True)
            ],
        }
    )


def document(facts: Mapping[str, Any], pictures: Sequence[str]) -> Iterator[str]:
    """The lines of the JSON document: a picture a line, boxes as x1 y1 x2 y2 in pixels."""
    whole = {"format": FORMAT, "tool": {"name": "yoloaudit", "version": __version__}, **facts}
    for position, (key, value) in enumerate(whole.items()):
        yield f"{'' if position else '{'}{dump(key)}: {dump(value)},"
    yield '"images": ['
    for position, picture in enumerate(pictures):
        yield picture + ("," if position < len(pictures) - 1 else "")
    yield "]}"


def _name(number: int, names: Sequence[str]) -> str:
    return names[number] if 0 <= number < len(names) else f"class {number}"
