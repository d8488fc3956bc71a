"""Run folders with evidence of made-up runs, for comparing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.example_runs import ROWS
from yoloaudit.train.output.record_json import packed
from yoloaudit.train.results_csv import COLUMNS
from yoloaudit.train.score.evidence import Evidence

NAMES = ("cat", "dog", "bird")


def record_of(evidence: Evidence, names: Sequence[str] = NAMES, **more: Any) -> dict[str, Any]:
    """As `yoloaudit train` writes it, as far as it is compared."""
    splits = {"train": {"images": 100, "used": 98}, "val": {"images": 12, "used": 12}}
    options = {"seed": 0, "epochs": 3, "imgsz": 640, "batch_size": 16, "weights": "", "optimizer": "SGD"}
    return {
        "format": 1,
        "tool": {"name": "yoloaudit", "version": "0.1.0"},
        "dataset": {"root": "/nowhere", "names": list(names), "fingerprint": "f00dfeed" * 8, "splits": splits},
        "options": options | more.pop("options", {}),
        "hyper": {"lr0": 0.01, "fliplr": 0.5} | more.pop("hyper", {}),
        "versions": {"torch": "2.0"},
        "device": "CPU",
        "epochs": 3,
        "batch": 16,
        "evaluation": {"split": "val", "imgsz": 640, "evidence": packed(evidence)},
        **more,
    }


def lay_out(folder: Path, evidence: Evidence, names: Sequence[str] = NAMES, **more: Any) -> str:
    """Write a run folder; its name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps(record_of(evidence, names, **more)))
    lines = [",".join(COLUMNS), *(",".join(map(str, row)) for row in ROWS)]
    (folder / "results.csv").write_text("".join(f"{line}\n" for line in lines))
    return str(folder)
