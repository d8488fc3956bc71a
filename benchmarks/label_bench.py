"""A data set → the same with injected errors, and findings on it → what the judge of ../shared/judges/labelbench says.

The judge's two scripts are run and imported from where they are; nothing of them is copied. Images are named by their
path below the folder of all images, so that findings on several splits or seeds can be pooled.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.timing import ROOT
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import Judgements

SHARED = ROOT.parent / "shared"
BENCH = SHARED / "judges" / "labelbench"
NATURAL = BENCH / "natural_coco_val128.json"
COLUMNS = ("drop", "location", "flip", "spawn", "dup", "any_row", "queue", "image", "macro")
KINDS = ("drop", "loose", "shift", "crop", "flip", "spawn", "dup")
CORNERS = ["x1", "y1", "x2", "y2"]

Findings = Mapping[str, Any]
"""What the judge's README describes: `findings`, and where there are any `tightness` and `image_scores`."""
Result = Mapping[str, float]
"""A figure for each of COLUMNS and KINDS."""


class Case(NamedTuple):
    """A data set with injected errors."""

    dataset: Dataset
    manifest: Mapping[str, Any]
    keys: Sequence[str]
    """What the judge calls each row of `images`."""


def injected(data: Path, splits: Sequence[str], seed: int, rate: float, out: Path, imgsz: int) -> Case:
    """The data set with errors in these splits, written to `out`; splits without errors are left out of it."""
    manifests = []
    for split in splits:
        command = [sys.executable, str(BENCH / "inject.py"), "--data", str(data), "--split", split, "--out", str(out)]
        command += ["--seed", str(seed), "--rate", str(rate)]
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        manifests.append(renamed(json.loads((out / "manifest.json").read_text("utf-8")), f"{split}/"))
    names = {int(number): name for number, name in manifests[0]["names"].items()}
    lines = [f"path: {json.dumps(str(out.resolve()))}"]
    lines += [f"{split}: images/{split if split in splits else splits[-1]}" for split in ("train", "val")]
    lines += ["names:", *(f"  {number}: {json.dumps(name)}" for number, name in sorted(names.items()))]
    (out / "data.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    dataset = load(str(out / "data.yaml"), splits=tuple(splits), imgsz=imgsz)
    return Case(dataset, pooled(manifests), [path.removeprefix("images/") for path in dataset.images["path"]])


def renamed(manifest: Mapping[str, Any], prefix: str) -> Mapping[str, Any]:
    """The manifest with this before the name of each image."""
    named = {part: [{**each, "image": prefix + each["image"]} for each in manifest[part]] for part in PARTS}
    return {**manifest, **named}


PARTS = ("images", "errors")


def pooled(manifests: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One manifest of several whose images have different names."""
    images = [each for manifest in manifests for each in manifest["images"]]
    errors = [each for manifest in manifests for each in manifest["errors"]]
    return {"images": images, "errors": [{**each, "id": number} for number, each in enumerate(errors)]}


def natural(split: str) -> Sequence[Mapping[str, Any]]:
    """Errors that the data had before, adjudicated by eye; neither right nor wrong when found."""
    return [{**each, "image": f"{split}/{each['image']}"} for each in json.loads(NATURAL.read_text("utf-8"))]


@cache
def judge_module() -> Any:
    """The judge's evaluate.py."""
    sys.path.insert(0, str(BENCH))
    try:
        return importlib.import_module("evaluate")
    finally:
        sys.path.remove(str(BENCH))


def result(case: Case, findings: Findings, ignored: Sequence[Mapping[str, Any]]) -> Result:
    """Areas under precision and recall, by kind."""
    said = judge_module().judge(case.manifest, findings["findings"], findings.get("image_scores"), (), ignored)
    figures = {name: said[name]["auprc"] or 0.0 for name in {*COLUMNS, *KINDS} - {"macro"}}
    return {**figures, "macro": said["macro_auprc"]}


def ours(case: Case, judged: Judgements) -> Findings:
    """Our table `judgements` in the judge's schema."""
    boxes, images = case.dataset.boxes, case.dataset.images
    lines, label_boxes = boxes["line"].to_numpy(), boxes[CORNERS].to_numpy(np.float64)
    sizes = images[["width", "height"]].to_numpy(np.float64)
    proposed = judged[CORNERS].to_numpy(np.float64)
    about = judged[["image", "box", "class_id"]].to_numpy(np.int64)
    kinds, scores = judged["kind"].astype(str).tolist(), judged["score"].tolist()
    found, slack = [], {}
    for (image, box, number), box_there, kind, score in zip(about.tolist(), proposed, kinds, scores, strict=True):
        finding: dict[str, Any] = {"image": case.keys[image], "kind": kind, "score": score}
        if box < 0:
            found.append({**finding, "class": number, "box": normalised(box_there, sizes[image])})
            continue
        place = int(lines[box]) - 1
        found.append({**finding, "label_index": place})
        if np.isfinite(box_there).all():
            slack[case.keys[image], place] = margins(label_boxes[box], box_there)
    tightness = [{"image": key, "label_index": row, "margins": each} for (key, row), each in slack.items()]
    return {"findings": found, "tightness": tightness}


def normalised(corners: Any, size: Any) -> list[float]:
    """Centre and sides in shares of the image."""
    centre, sides = (corners[:2] + corners[2:]) / 2, corners[2:] - corners[:2]
    return [float(value) for value in np.concatenate([centre / size, sides / size])]


def margins(given: Any, object_: Any) -> list[float]:
    """Slack of a box around the object's, left, top, right, bottom, in shares of the given box's sides."""
    sides = np.tile(np.maximum(given[2:] - given[:2], 1e-6), 2)
    return [float(value) for value in (object_ - given) * [1, 1, -1, -1] / sides]


def mean(results: Iterable[Result]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each figure."""
    rows = list(results)
    return {name: (float(np.mean(of)), float(np.std(of))) for name in rows[0] if (of := [row[name] for row in rows])}
