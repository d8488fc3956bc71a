"""Lines for people and entries for machines say the same of a picture."""

import json

import numpy as np

from yoloaudit.cli.show_detect import Seen, document, entry, line, summary
from yoloaudit.train.images.data import Fitted
from yoloaudit.train.images.video import Moment
from yoloaudit.train.types import NO_DETECTIONS, Detections, Predicted

NAMES = ("cat", "\x1b[31mdog")
IMAGE = np.zeros((384, 640, 3), np.uint8)
FOUND = Detections(
    np.array([[1, 2, 3.5, 4], [5, 6, 7, 8], [0, 0, 9, 9]], np.float32),
    np.array([0.9, 0.5, 0.25], np.float32),
    np.array([1, 0, 1]),
)


def seen(found: Detections = FOUND, moment: Moment | None = None, error: str | None = None) -> Seen:
    picture = Fitted(0, None if error else IMAGE, moment=moment, error=error)
    return Seen("a\nb.jpg", 1, 1200, picture, Predicted(0, found, 720, 1280, error), 12.34)


def test_a_line() -> None:
    assert line(seen(), NAMES) == r"image 1/1,200 a\x0ab.jpg: 384×640 1 cat, 2 \x1b[31mdog, 12.3 ms"
    assert line(seen(NO_DETECTIONS), NAMES).endswith(": 384×640 nothing seen, 12.3 ms")
    assert line(seen(moment=Moment(7, 90, 25.0)), NAMES).startswith("video 1/1,200 (7/90) ")
    broken = seen(NO_DETECTIONS, error="ends early")._replace(is_video=True)
    assert line(broken, NAMES) == r"video 1/1,200 a\x0ab.jpg: ends early"
    assert line(seen(NO_DETECTIONS, error="is \x07 empty"), NAMES).endswith(r": is \x07 empty")


def test_an_entry() -> None:
    found = json.loads(entry(seen(), NAMES))
    assert found["image"] == "a\nb.jpg"
    assert found["detections"][0] == {"class_id": 1, "name": "\x1b[31mdog", "score": 0.9, "box": [1, 2, 3.5, 4]}
    assert (found["width"], found["height"], found["error"], found["frame"]) == (1280, 720, None, None)
    assert json.loads(entry(seen(moment=Moment(7, 90, 25.0)), ("cat",)))["frame"] == 7
    assert json.loads(entry(seen(), ("cat",)))["detections"][0]["name"] == "class 1"


def test_a_document_is_json_with_any_number_of_pictures() -> None:
    for count in range(3):
        text = "\n".join(document({"source": "x"}, [entry(seen(), NAMES)] * count))
        assert len(json.loads(text)["images"]) == count
        assert "\x1b" not in text


def test_a_summary() -> None:
    facts = {
        "speed": {"read": 1.0, "prepare": 2.0, "infer": 3.0, "select": 4.0},
        "device": "cpu",
        "imgsz": 640,
        "batch": 1,
        "counts": {"looked_at": 5, "unreadable": 2, "detections": 9},
        "files": {"folder": "runs/detect/exp", "crops": 1, "pictures": 3},
    }
    assert list(summary(facts)) == [
        "speed: 1.0 ms reading, 2.0 ms pre-process, 3.0 ms inference, 4.0 ms NMS an image "
        "(on cpu, 640 px, batches of 1)",
        "2 of 5 could not be read",
        "3 pictures, 1 cut-out written to runs/detect/exp",
    ]
    assert len(list(summary({**facts, "files": {"folder": None}}))) == 2
