"""Claim: errors in labels are found better than peers find them, with chances that hold, at a small cost.

The judge of ../shared/judges/labelbench injects errors into known data sets and says how well they are found. (coco)
128 images of COCO's val with the official weights: the table of figures beside those of cleanlab's ObjectLab, in an
environment of its own, and of FiftyOne's formula on the same detections; peers at their own settings and at the best
ones tried on these very errors. (calibration) of findings with a chance in each tenth, the share that is right; the
slack of boxes against what was injected. (cost) time an image beyond the network's; memory for 100,000 images. (folds)
bccd with errors in train and val, each image judged by a model that never saw it: `yoloaudit baseline --folds 2`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import label_bench, label_chances, label_peers, peers
from benchmarks.label_bench import BENCH, COLUMNS, KINDS, SHARED, Case, Findings, Result
from benchmarks.label_peers import Peer, Setting
from benchmarks.timing import claim, measured_apart
from yoloaudit.cli.boundary import THREADS
from yoloaudit.dataset.tables import Predictions

PARTS = ("coco", "calibration", "cost", "folds")
COCO, BCCD = SHARED / "data" / "coco128" / "data.yaml", SHARED / "data" / "bccd_yolo" / "data.yaml"
WEIGHTS = SHARED / "weights" / "yolov5n_coco_v6.0.pt"
ONE_VIEW, VIEWS = "ours, detections alone", "ours, own model and views"
REACH = {
    ONE_VIEW: (0.18, 0.38, 0.90, 0.70, 0.97, 0.68, 0.45, 0.82, 0.50),
    VIEWS: (0.22, 0.46, 0.92, 0.92, 0.98, 0.74, 0.50, 0.84, 0.58),
}
MILLISECONDS, GIGABYTES = 30.0, 2.0
FOLDS_MACRO, FOLDS_MINUTES = 0.35, 30.0
MANY, DETECTIONS = 100_000, 1_000_000
WIDTH = 34


@dataclass
class Study:
    """What several parts need, made when it is first asked for."""

    options: argparse.Namespace
    scratch: Path

    def cases(self) -> Sequence[Case]:
        """COCO's val with errors of each seed."""
        if not hasattr(self, "_cases"):
            rate, seeds = self.options.rate, self.options.seeds
            self._cases = [
                label_bench.injected(COCO, ["val"], seed, rate, self.scratch / f"coco-{seed}", 640) for seed in seeds
            ]
        return self._cases

    def predictions(self) -> Predictions:
        """Detections on COCO's val, made once: labels do not change them."""
        if not hasattr(self, "_predictions"):
            from yoloaudit.measure.model_tables import from_weights

            self._predictions = from_weights(str(WEIGHTS), self.cases()[0].dataset).predictions
        return self._predictions

    def ours(self, name: str) -> Sequence[Findings]:
        """Our findings on each case, without or with views."""
        if not hasattr(self, "_ours"):
            self._ours: dict[str, Sequence[Findings]] = {}
        if name not in self._ours:
            self._ours[name] = [self._judged(case, name) for case in self.cases()]
        return self._ours[name]

    def _judged(self, case: Case, name: str) -> Findings:
        from yoloaudit.measure.asking import Eyes, views_of
        from yoloaudit.train.settings import Settings

        eyes = [Eyes(str(WEIGHTS), np.arange(len(case.keys)))]
        views = views_of(eyes, case.dataset, Settings(imgsz=640)) if name == VIEWS else None
        return judged(case, self.predictions(), views)

    def peers(self, cases: Sequence[Case], predictions: Sequence[Predictions]) -> list[Peer]:
        """The peers that can be run; why another cannot is printed."""
        found = [label_peers.fiftyone(cases, predictions)]
        try:
            python = peers.installed("cleanlab", self.options.venvs or self.scratch / "venvs")
            found.insert(0, label_peers.objectlab(cases, predictions, python, self.scratch))
        except peers.PeerFailed as failed:
            print(f"ObjectLab cannot be run: {failed}")
        return found


def judged(case: Case, predictions: Predictions, views: Any) -> Findings:
    """Our findings on a data set."""
    from yoloaudit.measure.judge.judgements import judge
    from yoloaudit.measure.skill import skill

    dataset = case.dataset
    known = skill(predictions, dataset.boxes, dataset.names)
    return label_bench.ours(case, judge(dataset, predictions, known, views=views))


def coco(study: Study) -> list[bool]:
    """The table, with natural errors counted as false and with them left out."""
    cases = study.cases()
    predictions = [study.predictions()] * len(cases)
    rivals = study.peers(cases, predictions)
    held = []
    for reading, ignored in (("raw", ()), (f"natural errors left out ({label_bench.NATURAL.name})", natural())):
        print(f"\nAUPRC on {len(cases[0].keys)} images, seeds {study.options.seeds}, {reading}; ± over seeds")
        print(f"{'':<{WIDTH}}" + "".join(f"{name.replace('_', ' '):>14}" for name in COLUMNS))
        for peer in rivals:
            of_peer(peer, cases, ignored)
        for name, wanted in REACH.items():
            rows = [label_bench.result(*pair, ignored) for pair in zip(cases, study.ours(name), strict=True)]
            held += reached(show(name, rows), wanted)
    return held


def natural() -> Sequence[Mapping[str, Any]]:
    return label_bench.natural("val")


def of_peer(peer: Peer, cases: Sequence[Case], ignored: Sequence[Mapping[str, Any]]) -> list[dict[Setting, Result]]:
    """Print a peer's figures at its own setting and at the best one; what became of every setting tried."""
    known: dict[Setting, list[Result]] = {}

    def rows(setting: Setting) -> list[Result]:
        if setting not in known:
            known[setting] = [
                label_bench.result(case, peer.find(number, setting), ignored) for number, case in enumerate(cases)
            ]
        return known[setting]

    def score(setting: Setting) -> tuple[float, ...]:
        means = label_bench.mean(rows(setting))
        return tuple(round(means[name][0], 4) for name in ("macro", "queue"))

    chosen = label_peers.best(peer, score)
    show(f"{peer.name}, default", rows(peer.default))
    show("  best tried " + str(tuple(each or "own" for each in chosen)), rows(chosen))
    return [{setting: rows(setting)[number] for setting in known} for number in range(len(cases))]


def show(name: str, rows: Sequence[Result]) -> dict[str, float]:
    """Print a row of the table; its means."""
    means = label_bench.mean(rows)
    figures = (f"{means[column][0]:.3f} ± {means[column][1]:.3f}" for column in COLUMNS)
    print(f"{name:<{WIDTH}}" + "".join(f"{figure:>14}" for figure in figures), flush=True)
    return {column: means[column][0] for column in means}


def reached(means: Mapping[str, float], wanted: Sequence[float]) -> list[bool]:
    """Print what was to be reached, and where it is."""
    held = [means[column] >= limit for column, limit in zip(COLUMNS, wanted, strict=True)]
    verdicts = (f"{limit:.2f} {'holds' if holds else 'MISSED'}" for limit, holds in zip(wanted, held, strict=True))
    print(f"{'  to reach':<{WIDTH}}" + "".join(f"{verdict:>14}" for verdict in verdicts), flush=True)
    return held


def calibration(study: Study) -> list[bool]:
    """Chances and slack, pooled over the seeds."""
    held = []
    for name in REACH:
        print(f"\n{name}: of findings with a chance in each tenth, the share that is right; seeds pooled")
        pairs = list(zip(study.cases(), study.ours(name), strict=True))
        held += label_chances.calibrated(pairs, natural())
        held += label_chances.slack(pairs, study.predictions())
    return held


def cost(study: Study) -> list[bool]:
    """Each measurement in a fresh process."""
    data = study.cases()[0].dataset.root
    facts = measured_apart("benchmarks.label_costs", "views", str(Path(data) / "data.yaml"), str(WEIGHTS))
    rest = facts["seconds"] - facts["network"]
    print(
        f"\njudging {facts['images']} images took {facts['seconds']:.1f} s, {facts['network']:.1f} s of it the network"
    )
    print(
        f"  without views {1000 * facts['alone'] / facts['images']:.1f} ms an image; with views, the network apart, "
        f"{1000 * facts['processor'] / facts['images']:.1f} ms of one core"
    )
    held = [claim("judgement beyond the network, an image", 1000 * rest / facts["images"], MILLISECONDS, "ms")]
    facts = measured_apart("benchmarks.label_costs", "many", str(study.options.images), str(DETECTIONS))
    print(f"{facts['images']:,} images, {facts['labels']:,} labels, {facts['detections']:,} detections: ", end="")
    print(f"{facts['seconds']:.0f} s, {facts['rows']:,} judgements; {facts['before']:.2f} GB before")
    return [*held, claim("peak memory", facts["memory"], GIGABYTES, "GB")]


def folds(study: Study) -> list[bool]:
    """bccd, each image judged out of fold."""
    from yoloaudit.measure.asking import Eyes, views_of
    from yoloaudit.measure.model_tables import from_run
    from yoloaudit.measure.run_judges import judges_of
    from yoloaudit.train.settings import Settings
    from yoloaudit.training_run import Run

    seed = study.options.seeds[0]
    case = label_bench.injected(BCCD, ["train", "val"], seed, study.options.rate, study.scratch / "bccd", 320)
    run, minutes = study.options.run, 0.0
    if run is None:
        run, minutes = trained(study.scratch / "bccd" / "data.yaml", study.scratch / "runs", study.options.epochs)
    held = [claim("baseline --folds 2", minutes, FOLDS_MINUTES, "min")] if minutes else []
    predictions = from_run(Run(str(run)), case.dataset).predictions
    rows = {path: row for row, path in enumerate(case.dataset.images["path"])}
    eyes = [
        Eyes(judge.weights, np.array([rows[path] for path in judge.images], np.int64))
        for judge in judges_of(str(run), case.dataset)
    ]
    print(f"\nbccd, out of fold, seed {seed}, raw: {len(case.keys)} images, {len(case.manifest['errors'])} errors")
    print(f"{'':<{WIDTH}}" + "".join(f"{name.replace('_', ' '):>14}" for name in COLUMNS))
    theirs = [of_peer(peer, [case], ())[0] for peer in study.peers([case], [predictions])]
    for name, views in ((ONE_VIEW, None), (VIEWS, views_of(eyes, case.dataset, Settings(imgsz=320)))):
        mine = label_bench.result(case, judged(case, predictions, views), ())
        show(name, [mine])
        held.append(mine["macro"] >= FOLDS_MACRO)
        print(f"  macro {mine['macro']:.3f}, at least {FOLDS_MACRO}: {'holds' if held[-1] else 'DOES NOT HOLD'}")
        held += [above(kind, mine, theirs) for kind in KINDS]
    return held


def above(kind: str, mine: Result, theirs: Sequence[Mapping[Setting, Result]]) -> bool:
    """Print whether we find more of this kind than any peer at any setting tried."""
    most = max(row[kind] for rows in theirs for row in rows.values())
    holds = mine[kind] > most
    print(f"  {kind:<10} {mine[kind]:.3f}, peers at most {most:.3f}: {'holds' if holds else 'DOES NOT HOLD'}")
    return holds


def trained(data: Path, project: Path, epochs: int) -> tuple[Path, float]:
    """A run folder with a model for each of two folds, and the minutes that it took."""
    command = [sys.executable, "-m", "yoloaudit", "baseline", str(data), "--weights", str(WEIGHTS), "--imgsz", "320"]
    began = time.monotonic()
    command += ["--epochs", str(epochs), "--folds", "2", "--project", str(project), "--noplots"]
    peers.told(command, limit=2 * 60 * FOLDS_MINUTES)
    return project / "exp", (time.monotonic() - began) / 60


CLAIMS = {"coco": coco, "calibration": calibration, "cost": cost, "folds": folds}


def main() -> int:
    """Measure what is asked for and print what became of each claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[100, 101, 102, 103, 104])
    parser.add_argument("--rate", type=float, default=0.10, help="injected errors by labels")
    parser.add_argument("--images", type=int, default=MANY, help="images that are drawn for the peak of memory")
    parser.add_argument("--epochs", type=int, default=20, help="of the baseline on bccd")
    parser.add_argument("--run", type=Path, help="run folder on bccd with the first seed's errors, instead of training")
    parser.add_argument("--venvs", type=Path, help="folder that keeps the environments of peers")
    parser.add_argument("--scratch", type=Path, help="folder to write the sets below")
    options = parser.parse_args()
    parts = options.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"--only: {', '.join(sorted(strange))} is none of {', '.join(PARTS)}")
    missing = [path for path in (BENCH, COCO, BCCD, WEIGHTS) if not path.exists()]
    if missing:
        print(f"nothing is measured: {missing[0]} is not there")
        return 0
    os.environ.update({name: value for name, value in THREADS.items() if name not in os.environ})
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        study = Study(options, Path(scratch))
        held = [holds for part in PARTS if part in parts for holds in CLAIMS[part](study)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
