"""A folder → runs of training as they are left behind, each with settings or epochs that the guide advises against.

Nothing was trained: the numbers are made up, in the files and the formats in which trainers write them.
"""

from __future__ import annotations

import json
from pathlib import Path

from writing import DataSet, Plant

COLUMNS = (
    *("epoch", "train/box_loss", "train/obj_loss", "train/cls_loss", "metrics/precision", "metrics/recall"),
    *("metrics/mAP_0.5", "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss"),
    *("x/lr0", "x/lr1", "x/lr2"),
)
ANCHORS = [[[10, 13], [16, 30], [33, 23]], [[30, 61], [62, 45], [59, 119]], [[116, 90], [156, 198], [373, 326]]]
"""Of YOLOv5's models, as they were fitted to photographs at 640 pixels."""
IMAGES = 24


def draw_trainings(folder: Path, seed: int) -> list[Plant]:
    """Write three runs of the data set there; what has been planted in them."""
    del seed  # nothing is drawn by chance
    written = DataSet(folder)
    hasty, short, before = "runs/hasty", "runs/short", "runs/before"
    _run(written, hasty, epochs=60, best=9, imgsz=48, batch=4, found=10, rise=0.6, seen_at=96)
    written.write(f"{hasty}/hyp.yaml", "lr0: 0.1\nlrf: 0.01\nmomentum: 0.937\nscale: 0.5\nanchor_t: 4.0\n")
    _run(written, short, epochs=50, best=49, imgsz=640, batch=16, found=20)
    _run(written, before, epochs=300, best=201, imgsz=640, batch=16, found=23)
    for rule, file, note in (
        ("non-default-baseline", "hyp.yaml", "ten times the learning rate"),
        ("overfit-run", "results.csv", "the tenth of 60 epochs was the best, and losses rose from there"),
        ("small-batch", "opt.yaml", "batches of four"),
        ("mismatched-image-size", "opt.yaml", "trained at 48 px, validated at 96 px"),
    ):
        written.plant(rule, f"{hasty}/{file}", None, note, f"run {hasty}")
    for rule, note in (
        ("image-size-too-small", "most parts are a few pixels wide at 48 px"),
        ("poor-anchor-fit", "some parts are smaller at 48 px than any anchor fits"),
        ("labels-lost-in-training", "rows of thin and of tiny boxes, at 48 px"),
        ("validation-too-small", f"{IMAGES} images to validate, half of their parts found"),
    ):
        written.plant(rule, None, None, note, f"run {hasty}")
    written.plant("undertrained-run", f"{short}/results.csv", None, "the last epoch was the best", f"run {short}")
    needs = f"run {hasty} baseline {before}"
    written.plant("regressed-run", f"{hasty}/record.json", None, "worse than the run before it", needs)
    return written.plants


def _run(
    written: DataSet,
    name: str,
    *,
    epochs: int,
    best: int,
    imgsz: int,
    batch: int,
    found: int,
    rise: float = 0.0,
    seen_at: int | None = None,
) -> None:
    """A run whose best epoch finds the part on so many of the images to validate."""
    options = {"weights": "yolov5n.pt", "epochs": epochs, "batch_size": batch, "imgsz": imgsz, "optimizer": "SGD"}
    written.write(f"{name}/opt.yaml", "".join(f"{key}: {value}\n" for key, value in options.items()))
    written.write(f"{name}/results.csv", _results(epochs, best, rise))
    record = {
        "format": 1,
        "anchors": ANCHORS,
        "evaluation": {"split": "val", "imgsz": seen_at or imgsz, "evidence": _evidence(found)},
    }
    written.write(f"{name}/record.json", json.dumps(record) + "\n")


def _results(epochs: int, best: int, rise: float) -> str:
    """A row an epoch: scores that rise to the best and fall after it; losses that fall, and rise if they are to."""
    rows = [",".join(f"{column:>20}" for column in COLUMNS)]
    for epoch in range(epochs):
        score = 0.6 - 0.4 * abs(epoch - best) / epochs
        loss = 0.04 + 0.04 * max(0, best - epoch) / max(best, 1)
        later = max(0, epoch - best) / max(epochs - 1 - best, 1)
        values = [epoch, *[loss] * 3, score, score, score, 0.6 * score, *[loss * (1 + rise * later)] * 3, *[0.01] * 3]
        rows.append(",".join(f"{value:20.5g}" for value in values))
    return "".join(f"{row}\n" for row in rows)


def _evidence(found: int) -> dict[str, object]:
    """A label and a detection on every image; of the detections as many are right as are found, the surest."""
    numbers = [str(number) for number in range(IMAGES)]
    ones, zeros = ["1"] * IMAGES, ["0"] * IMAGES
    columns = {
        "image": numbers,
        "class": zeros,
        "score": [str(900_000 - 1000 * number) for number in range(IMAGES)],
        "right": ["1023" if number % IMAGES < found else "0" for number in range(IMAGES)],
    }
    return {
        "images": [f"images/val/{number}.jpg" for number in numbers],
        "digests": " ".join(["one-part"] * IMAGES),
        "labels": {"image": " ".join(numbers), "class": " ".join(zeros), "count": " ".join(ones)},
        "detections": {name: " ".join(column) for name, column in columns.items()},
    }
