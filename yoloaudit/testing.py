"""Runs a check on small examples, for our own tests and for those of third-party checks."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter

from yoloaudit.checks.base import MEASURED, SEEN, Check, Example, Looked, Picture, Training
from yoloaudit.dataset.load import Dataset, HeaderReader, load, read_all_headers
from yoloaudit.dataset.tables import (
    CROPS,
    JUDGED,
    JUDGEMENTS,
    PREDICTION_SOURCES,
    PREDICTIONS,
    SKILL,
    Defects,
    Judgements,
    Predictions,
    Skill,
    categorical,
    table,
)
from yoloaudit.measure.deployed import deployed_images
from yoloaudit.measure.matches import match
from yoloaudit.measure.runs import read_run
from yoloaudit.measure.scan import Scan
from yoloaudit.scope import inputs_of
from yoloaudit.train.anchors.defaults import default
from yoloaudit.train.results_csv import COLUMNS
from yoloaudit.training_run import Run

BASE: Mapping[str, str | Picture] = {
    "data.yaml": "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n",
    "images/train/a.png": Picture(seed=1),
    "labels/train/a.txt": "0 0.5 0.5 0.2 0.2\n",
    "images/val/b.png": Picture(seed=2),
    "labels/val/b.txt": "1 0.5 0.5 0.2 0.2\n",
}
"""The data set that examples are put on top of; an example that is a string is the text of labels/train/a.txt."""

DEPLOYED = "deployed"
"""The folder of an example with images from where the model will work."""
RUN, BASELINE = "run", "baseline"
"""Folders of an example with its runs of training."""
PATCHES = 8
"""Patches of colour along each side of a drawn texture."""
PLAIN = (128, 128, 128)
"""Colour of the margin around a drawn texture."""


def run(check: type[Check], example: Example | str) -> Defects:
    """What a check finds in an example, written to a temporary folder and read from there."""
    case = Example({"labels/train/a.txt": example}) if isinstance(example, str) else example
    with tempfile.TemporaryDirectory() as folder:
        built = check(**case.settings)
        dataset, measures = _read(folder, case, built)
        inputs = inputs_of(dataset, measures)
        defects: Defects = built.find(**{name: inputs[name] for name in built.inputs()})
    for defect in defects.to_dict("records"):
        built.describe({str(name): fact for name, fact in defect.items()})
    return defects


def examples(check: type[Check]) -> Iterator[tuple[str, Example | str, bool]]:
    """Every example of a check: a name for it, the example, and whether the check is to find something."""
    for kind, cases in (("good", check.good), ("bad", check.bad)):
        for number, case in enumerate(cases, 1):
            yield f"{check.name()}-{kind}-{number}", case, kind == "bad"


def _read(folder: str, case: Example, check: Check) -> tuple[Dataset, Mapping[str, Any]]:
    if "run" in check.inputs():
        return lay_out(folder, case), {"run": _run_of(folder, case)}
    if not set(SEEN).isdisjoint(check.inputs()):
        dataset = lay_out(folder, case)
        return dataset, seen(dataset, case.model)
    wanted = [name for name in check.inputs() if name in MEASURED]
    if not wanted:
        return lay_out(folder, case), {}
    with Scan(workers=1, isolated=False) as scan:
        dataset = lay_out(folder, case, scan.headers)
        measures = scan.measures(dataset, wanted)
        if "deployed" in wanted:
            measures["deployed"] = deployed_images(os.path.join(folder, DEPLOYED), scan)
        return dataset, measures


def seen(dataset: Dataset, model: Looked) -> dict[str, Any]:
    """What an example says of its model, as the tables that checks ask for; all images are looked at."""
    row_of = {path: row for row, path in enumerate(dataset.images["path"])}
    predictions = _predictions(model, row_of)
    crops = [(_box_at(dataset, row_of["images/train/a.png"], line), *facts) for line, *facts in model.crops]
    return {
        "predictions": predictions,
        "matches": match(predictions, dataset.boxes),
        "skill": _skill(model, predictions),
        "judgements": _judgements(dataset, model, row_of),
        "crops": table(CROPS, dict(zip(CROPS, zip(*crops, strict=True), strict=True)) if crops else {}),
        "seen": pd.Series(True, index=dataset.images.index),
    }


def _predictions(model: Looked, row_of: Mapping[str, int]) -> Predictions:
    rows = sorted((row_of[path], -score, class_id, *box) for path, class_id, score, *box in model.detections)
    image, score, class_id, *corners = zip(*rows, strict=True) if rows else [()] * 7
    source = categorical([PREDICTION_SOURCES.index("val")] * len(rows), PREDICTION_SOURCES)
    columns = {"image": image, "class_id": class_id, "score": [-each for each in score], "source": source}
    return table(PREDICTIONS, columns | dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True)))


def _skill(model: Looked, predictions: Predictions) -> Skill:
    size = len(model.ap50)
    columns = {
        "labels": [50] * size,
        "detections": np.bincount(predictions["class_id"], minlength=size)[:size],
        "ap50": model.ap50,
        "recall": model.ap50,
        "threshold": [0.5] * size,
        "confident": [model.confident] * size,
        "iou": [0.85] * size,
        "spread": [0.05] * size,
    }
    return table(SKILL, columns)


def _judgements(dataset: Dataset, model: Looked, row_of: Mapping[str, int]) -> Judgements:
    none = (float("nan"),) * 4
    judged = model.judged
    columns: dict[str, Any] = {
        "image": [row_of[each.image] for each in judged],
        "box": [_box_at(dataset, row_of[each.image], each.line) for each in judged],
        "kind": categorical([JUDGED.index(each.kind) for each in judged], JUDGED),
        "source": categorical([PREDICTION_SOURCES.index(each.source) for each in judged], PREDICTION_SOURCES),
        **{name: [getattr(each, name) for each in judged] for name in ("score", "class_id", "error_px", "detection")},
        **{name: [(each.box or none)[at] for each in judged] for at, name in enumerate(("x1", "y1", "x2", "y2"))},
    }
    return table(JUDGEMENTS, columns)


def _box_at(dataset: Dataset, image: int, line: int) -> int:
    """The row of the label on this line; -1 for line 0."""
    boxes = dataset.boxes
    here = np.flatnonzero((boxes["image"].to_numpy() == image) & (boxes["line"].to_numpy() == line))
    return int(here[0]) if line else -1


def _run_of(folder: str, case: Example) -> Run:
    """Write the runs of an example into a folder, and read them."""
    places = {RUN: case.run} | ({BASELINE: case.baseline} if case.baseline else {})
    for name, training in places.items():
        lay_out_run(os.path.join(folder, name), training)
    return read_run(os.path.join(folder, RUN), baseline=os.path.join(folder, BASELINE) if case.baseline else None)


def lay_out_run(folder: str, training: Training) -> None:
    """Write the files of a run of training into a folder."""
    os.makedirs(folder, exist_ok=True)
    options = {"weights": "yolov5s.pt", "data": "data.yaml", "epochs": training.epochs, "batch_size": 16, "imgsz": 640}
    options |= training.options
    evaluation = {"split": "val", "imgsz": options["imgsz"], "evidence": _evidence(training)}
    record = {"format": 1, "evaluation": evaluation, "anchors": default(5).tolist(), **training.record}
    files = {"results.csv": _results(training), "record.json": json.dumps(record, indent=1)}
    files |= {"opt.yaml": _as_yaml(options)} | ({"hyp.yaml": _as_yaml(training.hyper)} if training.hyper else {})
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def _as_yaml(values: Mapping[str, Any]) -> str:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items())


def _results(training: Training) -> str:
    """Scores that rise until the best epoch and fall by little after it; losses that fall, but for the rise."""
    rows = [",".join(f"{name:>20}" for name in COLUMNS)]
    for epoch in range(training.epochs):
        away = abs(epoch - training.best)
        score = 0.8 - 0.3 * away / max(training.epochs, 1)
        loss = 0.05 + 0.05 * max(0, training.best - epoch) / max(training.best, 1)
        later = max(0, epoch - training.best) / max(training.epochs - 1 - training.best, 1)
        values = [epoch, *[loss] * 3, *[score] * 4, *[loss * (1 + training.rise * later)] * 3, *[0.01] * 3]
        rows.append(",".join(f"{value:20.5g}" for value in values))
    return "".join(f"{row}\n" for row in rows)


def _evidence(training: Training) -> dict[str, Any]:
    """One label and one detection an image; those that are right lie evenly among the others."""
    number = range(training.images)
    right = [1023 * (37 * each % 100 < 100 * training.right) for each in number]
    columns = {"image": number, "class": [0] * len(number), "score": [900_000 - each for each in number]}
    return {
        "images": [f"images/val/{each}.png" for each in number],
        "digests": " ".join(["labels"] * len(number)),
        "labels": {"image": _text(number), "class": _text([0] * len(number)), "count": _text([1] * len(number))},
        "detections": {name: _text(column) for name, column in columns.items()} | {"right": _text(right)},
    }


def _text(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def lay_out(folder: str, example: Example, headers: HeaderReader = read_all_headers) -> Dataset:
    """Write the base data set with an example on top into a folder, and read it."""
    for path, content in {**BASE, **example.files}.items():
        if content is not None:
            place = os.path.join(folder, *path.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(_bytes(content))
    return load(os.path.join(folder, "data.yaml"), workers=1, headers=headers)


def _bytes(content: str | bytes | Picture) -> bytes:
    if isinstance(content, str):
        return content.encode("utf-8", "surrogateescape")
    return draw(content) if isinstance(content, Picture) else content


@lru_cache(maxsize=256)
def draw(picture: Picture) -> bytes:
    """The bytes of a picture's file."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"compress_level": 1} if picture.format == "PNG" else {}
    if picture.orientation != 1 or picture.camera or picture.taken:
        options["exif"] = _exif(picture)
    _painted(picture).save(buffer, picture.format, **options)
    data = buffer.getvalue()
    return (data[: -picture.cut] if picture.cut else data) + picture.append


def _exif(picture: Picture) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = picture.orientation
    if picture.camera:
        exif[0x0110] = picture.camera
    if picture.taken:
        exif.get_ifd(0x8769)[0x9003] = picture.taken
    return exif


def _painted(picture: Picture) -> Image.Image:
    size = (picture.width, picture.height)
    if picture.seed is None:
        return Image.new(picture.mode, size)
    levels = np.random.default_rng(picture.seed).uniform(0, 255, (PATCHES, PATCHES, 3))
    lit = np.clip(levels * picture.light, 0, 255).astype(np.uint8)
    left, top = round(picture.margin * picture.width), round(picture.margin * picture.height)
    canvas = Image.new("RGB", size, PLAIN)
    inner = (picture.width - 2 * left, picture.height - 2 * top)
    canvas.paste(Image.fromarray(lit).resize(inner, Image.Resampling.NEAREST), (left, top))
    return canvas.filter(ImageFilter.GaussianBlur(picture.blur)).convert(picture.mode)
