"""Claim: what is accepted of a model's proposals mends worsened labels, and makes hardly anything worse.

A real data set (bccd_yolo), its labels worsened by ../shared/judges/labelbench (a tenth of them, in train and val). A
baseline with two folds judges them; its proposals above a probability are accepted as they are, without a look at the
truth; the same training then runs on the worsened, the mended and the original labels, three seeds each, and `compare`
says what it brought. Printed: what share of the injected errors was mended, what was made worse, the scores and their
differences with intervals, and each model on each version of the val labels.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import label_bench
from benchmarks.label_bench import SHARED
from benchmarks.timing import ROOT, claim
from yoloaudit.evidence import overlaps
from yoloaudit.geometry import corners_of

DATA = SHARED / "data" / "bccd_yolo" / "data.yaml"
WEIGHTS = SHARED / "weights" / "yolov5n_coco_v6.0.pt"
RULES = "missed-label,loose-box,tight-box,shifted-box,swapped-class,spurious-label,duplicate-box"
SPLITS = ("train", "val")
SAME, THERE = 0.75, 0.5
"""Overlap (IoU) from which two rows are the same box, and from which a box is of an object."""
MOST_HARM = 0.1
CHANGED = 0.9
"""Overlap with the truth below which a label that was right has been made worse."""

Rows = NDArray[np.float64]
"""N × 5: class, centre and sides in shares of the image."""
Labels = Mapping[str, Rows]
"""The rows of each label file that have an area, by its path below `labels`."""


class Versions(NamedTuple):
    """The labels as they were, as they were worsened, and as they were mended."""

    truth: Labels
    worse: Labels
    mended: Labels


def labels_of(folder: Path) -> Labels:
    """Every label file of a data set."""
    found = {}
    for split in SPLITS:
        for path in sorted((folder / "labels" / split).glob("*.txt")):
            lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
            rows = np.array(lines, np.float64).reshape(-1, 5)
            found[f"{split}/{path.stem}"] = rows[(rows[:, 3:] > 0).all(axis=1)]
    return found


def overlap(row: Rows, rows: Rows, *, any_class: bool = False) -> float:
    """The most that any of these rows overlaps one, of its class unless `any_class`."""
    own = rows if any_class else rows[rows[:, 0] == row[0]]
    return float(shares(row, own).max(initial=0))


def shares(row: Rows, rows: Rows) -> Rows:
    """How far each of these rows overlaps one (IoU)."""
    return np.asarray(overlaps(corners(row[None]), corners(rows))[0][0])


def corners(rows: Rows) -> Rows:
    return np.asarray(corners_of(rows[:, 1:]), np.float64)


def is_mended(error: Mapping[str, Any], before: Rows, after: Rows) -> bool:
    """Whether an injected error is gone: a displaced box has to make good at least half of what it was off by."""
    kind = error["kind"]
    original = None if error["original"] is None else np.array(error["original"], np.float64)
    wrong = None if error["corrupted"] is None else np.array(error["corrupted"], np.float64)
    if kind == "spawn":
        assert wrong is not None
        return overlap(wrong, after) < SAME
    assert original is not None
    if kind == "drop":
        return overlap(original, after) >= THERE > overlap(original, before) or overlap(original, after) >= SAME
    if kind == "dup":
        return close(original, after) < close(original, before)
    if kind == "flip":
        assert wrong is not None
        return overlap(original, after) >= SAME and overlap(wrong, after) < SAME
    assert wrong is not None
    return overlap(original, after) >= (1 + float(error["iou"])) / 2


def close(row: Rows, rows: Rows) -> int:
    """How many rows are of this class, and nearly there."""
    own = rows[rows[:, 0] == row[0]]
    return int((shares(row, own) >= SAME).sum())


def account(errors: Sequence[Mapping[str, Any]], labels: Versions) -> dict[str, Any]:
    """What was mended, by kind; labels that were right and are worse; boxes that no label of the truth explains."""
    told, mended = Counter[str](), Counter[str]()
    touched: dict[str, list[Rows]] = {}
    for error in errors:
        name = str(Path(error["image"]).with_suffix(""))
        told[error["kind"]] += 1
        mended[error["kind"]] += is_mended(error, labels.worse[name], labels.mended[name])
        touched.setdefault(name, []).extend([] if error["original"] is None else [np.array(error["original"])])
    right, worse, invented = 0, 0, 0
    for name, truth in labels.truth.items():
        injected = np.array(touched.get(name, [])).reshape(-1, 5)
        for row in truth:
            if overlap(row, injected) > 0.999:
                continue
            right += 1
            worse += overlap(row, labels.mended[name]) < CHANGED <= overlap(row, labels.worse[name])
        before, after = (labels.worse[name], labels.mended[name])
        new = [row for row in after if overlap(row, before) < THERE]
        invented += sum(overlap(row, truth, any_class=True) < THERE for row in new)
    return {"errors": told, "mended": mended, "right": right, "worse": worse, "invented": invented}


def run(arguments: Sequence[str], codes: Sequence[int] = (0,)) -> str:
    """What the command says on standard output."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "yoloaudit", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    print(f"  {time.monotonic() - began:6.0f} s  yoloaudit {' '.join(arguments)[:150]}", flush=True)
    if done.returncode not in codes:
        raise SystemExit(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def trained(data: Path, project: Path, name: str, options: argparse.Namespace, *more: str) -> Path:
    """The folder of a baseline."""
    words = ["baseline", str(data), "--weights", str(WEIGHTS), "--epochs", str(options.epochs), "--imgsz", "320"]
    run([*words, "--noplots", "--project", str(project), "--name", name, *more], (0, 1))
    return project / name


def prepared(options: argparse.Namespace, scratch: Path) -> tuple[Mapping[str, Path], dict[str, Any]]:
    """The data set in its three versions, by name, and the account of what was mended."""
    case = label_bench.injected(DATA, SPLITS, options.injection, options.rate, scratch / "worse", 320)
    folders = {name: scratch / name for name in ("original", "worse", "mended")}
    label_bench.injected(DATA, SPLITS, options.injection, 0.0, folders["original"], 320)
    judge = trained(folders["worse"] / "data.yaml", scratch / "runs", "judge", options, "--folds", "2")
    shutil.copytree(folders["worse"], folders["mended"], symlinks=True)
    described = folders["mended"] / "data.yaml"
    described.write_text(described.read_text("utf-8").replace(str(folders["worse"]), str(folders["mended"])), "utf-8")
    report = scratch / "report.json"
    said = run(["check", str(described), "--run", str(judge), "--format", "json"], (0, 1))
    report.write_text(said, "utf-8")
    words = ["--accept", str(report), "--rules", RULES, "--min-score", str(options.least)]
    print(run(["fix", str(described), *words], (0, 3)))
    labels = Versions(*(labels_of(folders[name]) for name in ("original", "worse", "mended")))
    return folders, account(case.manifest["errors"], labels)


def show(done: Mapping[str, Any]) -> float:
    """Print the account; what was made worse, as a share of what was mended."""
    for kind, count in sorted(done["errors"].items()):
        print(f"  {kind:<6} {done['mended'][kind]:4} of {count:4} mended")
    mended, errors = sum(done["mended"].values()), sum(done["errors"].values())
    print(f"  all    {mended:4} of {errors:4} mended, {mended / errors:.0%}")
    print(f"  {done['worse']} of {done['right']:,} right labels made worse; {done['invented']} boxes invented")
    return float((done["worse"] + done["invented"]) / max(1, mended))


def main() -> int:
    """Run the experiment and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--injection", type=int, default=100, help="seed of the errors")
    parser.add_argument("--rate", type=float, default=0.10, help="injected errors by labels")
    parser.add_argument("--least", type=float, default=0.5, help="probability from which proposals are accepted")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the trainings")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--scratch", type=Path, help="folder to keep data sets and runs in")
    options = parser.parse_args()
    if not DATA.exists() or not WEIGHTS.exists():
        print(f"nothing is measured: {DATA} or {WEIGHTS} is not there")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        scratch = (options.scratch or Path(temporary)).resolve()
        folders, done = prepared(options, scratch)
        harm = show(done)
        runs = {
            name: [
                str(trained(folder / "data.yaml", scratch / "runs", f"{name}-{seed}", options, "--seed", str(seed)))
                for seed in options.seeds
            ]
            for name, folder in folders.items()
        }
        (scratch / "runs.json").write_text(json.dumps(runs), "utf-8")
        for first, second in (("worse", "mended"), ("mended", "original"), ("worse", "original")):
            print(f"\n{first} → {second}")
            print(run(["compare", "--a", *runs[first], "--b", *runs[second]]))
    return 0 if claim("made worse, by what was mended", harm, MOST_HARM, "") else 1


if __name__ == "__main__":
    sys.exit(main())
