"""What the judgement of labels costs in this process, printed as JSON: its time beside the network's, or its memory."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import BOXES, IMAGES, LABELS, LISTED, PREDICTIONS, STRAYS, Predictions, categorical, table
from yoloaudit.measure.judge.judgements import judge
from yoloaudit.measure.skill import skill

CORES = 2
SIZE = (640, 480)
LABELS_AN_IMAGE, CLASSES = 7, 20
FOUND = 0.7
"""Of labels that a detection is drawn beside."""


@dataclass
class Clock:
    """Seconds that a detector's forward passes take, by the clock and of the processor."""

    seconds: float = 0.0
    processor: float = 0.0
    began: tuple[float, float] = (0.0, 0.0)

    def watch(self) -> None:
        from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

        from yoloaudit.train.model import Detector

        def before(module: Any, _: Any) -> None:
            if isinstance(module, Detector):
                self.began = now()

        def after(module: Any, *_: Any) -> None:
            if isinstance(module, Detector):
                self.seconds += now()[0] - self.began[0]
                self.processor += now()[1] - self.began[1]

        register_module_forward_pre_hook(before)
        register_module_forward_hook(after)


def now() -> tuple[float, float]:
    """The clock, and this process's time on all cores."""
    return time.perf_counter(), time.process_time()


def views(data: str, weights: str) -> Mapping[str, Any]:
    """The whole judgement with views, what of it is the network, and the judgement without views."""
    import torch

    from yoloaudit.measure.asking import Eyes, views_of
    from yoloaudit.measure.model_tables import from_weights
    from yoloaudit.train.settings import Settings

    torch.set_num_threads(CORES)
    dataset = load(data, splits=("val",))
    predictions = from_weights(weights, dataset).predictions
    known = skill(predictions, dataset.boxes, dataset.names)
    asking = views_of([Eyes(weights, np.arange(len(dataset.images)))], dataset, Settings(imgsz=dataset.imgsz))
    began = now()
    judge(dataset, predictions, known, threads=CORES)
    alone = now()[0] - began[0]
    clock = Clock()
    clock.watch()
    began = now()
    judge(dataset, predictions, known, views=asking, threads=CORES)
    seconds, processor = (after - before for after, before in zip(now(), began, strict=True))
    return {
        "images": len(dataset.images),
        "seconds": seconds,
        "network": clock.seconds,
        "processor": processor - clock.processor,
        "alone": alone,
    }


def many(images: int, detections: int) -> Mapping[str, Any]:
    """Time and peak memory of the judgement of so many images, by detections alone."""
    rng = np.random.default_rng(0)
    dataset = drawn(images, rng)
    predictions = detected(dataset, detections, rng)
    known = skill(predictions, dataset.boxes, dataset.names)
    before = gigabytes()
    began = time.perf_counter()
    rows = len(judge(dataset, predictions, known, threads=CORES))
    return {
        "images": images,
        "labels": len(dataset.boxes),
        "detections": len(predictions),
        "rows": rows,
        "seconds": time.perf_counter() - began,
        "before": before,
        "memory": gigabytes(),
    }


def drawn(images: int, rng: np.random.Generator) -> Dataset:
    """A data set that is only tables: boxes at random places."""
    image = np.repeat(np.arange(images), LABELS_AN_IMAGE)
    corners = placed(len(image), rng)
    boxes = {
        "image": image,
        "label": image,
        "line": np.tile(np.arange(1, LABELS_AN_IMAGE + 1), images),
        "class_id": rng.integers(0, CLASSES, len(image)),
        **dict(zip(("x1", "y1", "x2", "y2"), corners.T, strict=True)),
    }
    files = {
        "path": [f"images/val/{number:06}.jpg" for number in range(images)],
        "width": np.full(images, SIZE[0]),
        "height": np.full(images, SIZE[1]),
        "split": categorical(np.ones(images, np.int8), ["train", "val"]),
    }
    empty = [table(columns, {}) for columns in (LABELS, LISTED, STRAYS)]
    names = tuple(f"class {number}" for number in range(CLASSES))
    descriptor = Descriptor.__new__(Descriptor)
    tables = (table(IMAGES, files), empty[0], table(BOXES, boxes), empty[1], empty[2])
    return Dataset("/", names, *tables, descriptor=descriptor, splits=("val",))


def placed(count: int, rng: np.random.Generator) -> Any:
    """Boxes (count × 4) of all sizes inside the image, pixels."""
    sides = np.exp(rng.uniform(np.log(12), np.log(300), (count, 2)))
    low = rng.random((count, 2)) * (SIZE - sides)
    return np.concatenate([low, low + sides], axis=1)


def detected(dataset: Dataset, count: int, rng: np.random.Generator) -> Predictions:
    """Detections beside most labels, and others at random places."""
    boxes = dataset.boxes
    near = np.flatnonzero(rng.random(len(boxes)) < FOUND)[:count]
    corners = boxes[["x1", "y1", "x2", "y2"]].to_numpy(np.float64)[near]
    sides = np.tile(corners[:, 2:] - corners[:, :2], 2)
    rest = count - len(near)
    image = np.concatenate([boxes["image"].to_numpy()[near], rng.integers(0, len(dataset.images), rest)])
    order = np.argsort(image, kind="stable")
    found = np.concatenate([corners + 0.05 * sides * rng.standard_normal(corners.shape), placed(rest, rng)])
    classes = np.concatenate([boxes["class_id"].to_numpy()[near], rng.integers(0, CLASSES, rest)])
    score = np.concatenate([rng.beta(3, 2, len(near)), rng.beta(1, 8, rest)])
    columns = {"image": image, "class_id": classes, "score": score}
    columns |= dict(zip(("x1", "y1", "x2", "y2"), found.T, strict=True))
    made = {name: column[order] for name, column in columns.items()}
    source = categorical(np.full(count, 3, np.int8), ["out-of-fold", "val", "in-sample", "imported"])
    return table(PREDICTIONS, {**made, "source": source})


def gigabytes() -> float:
    """The most memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True)
    part = parts.add_parser("views")
    part.add_argument("data")
    part.add_argument("weights")
    part = parts.add_parser("many")
    part.add_argument("images", type=int)
    part.add_argument("detections", type=int)
    asked = parser.parse_args()
    facts = views(asked.data, asked.weights) if asked.part == "views" else many(asked.images, asked.detections)
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
