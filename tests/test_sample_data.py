"""The sample data is drawn as committed, each planted defect is found where it is, and the clean set is clean."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from yoloaudit import Finding, Report, Rule, Severity, audit, load, load_rules
from yoloaudit.checks.base import MEASURED
from yoloaudit.checks.discover import all_checks
from yoloaudit.measure.deployed import deployed_images
from yoloaudit.measure.runs import read_run
from yoloaudit.measure.scan import Scan

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
DEFECTIVE = SAMPLES / "defective"
MOST_BYTES = 4_000_000
OF_SIZE = {"few-images-per-class", "few-instances-per-class", "low-resolution"}
"""What a sample cannot help: it is small, and so are its pictures."""
MOST_DIFFERENCE = 3.0
"""Mean difference of pixels (0…255) that two encoders may make of one drawing."""
MOST_DECODED = 20_000_000


@dataclass(frozen=True)
class Plant:
    """An entry of the manifest."""

    data: str
    rule: str
    file: str | None
    line: int | None
    note: str
    needs: str | None = None


PLANTS = [Plant(**entry) for entry in json.loads((DEFECTIVE / "manifest.json").read_text(encoding="utf-8"))]


def report_of(descriptor: Path, deployed: Path | None = None) -> Report:
    with Scan(workers=1, isolated=False) as scan:
        dataset = load(str(descriptor), workers=1, headers=scan.headers)
        measures = scan.measures(dataset, MEASURED)
        if deployed:
            measures["deployed"] = deployed_images(str(deployed), scan)
        return audit(dataset, rules(), measures=measures)


def report_on_run(descriptor: Path, needs: str) -> Report:
    """Of `run FOLDER` and `run FOLDER baseline FOLDER`."""
    folders = [str(DEFECTIVE / folder) for folder in needs.split()[1::2]]
    run = read_run(folders[0], baseline=folders[1] if len(folders) > 1 else None)
    assert not run.problems
    of_run = [rule for rule in rules() if rule.check is not None and "run" in rule.check.inputs()]
    return audit(load(str(descriptor), workers=1), of_run, measures={"run": run})


@cache
def rules() -> Sequence[Rule]:
    return load_rules(["default"])


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redrawn")
    subprocess.run([sys.executable, str(SAMPLES / "draw.py"), str(folder)], check=True)
    return folder


def test_script_draws_what_is_committed(redrawn: Path) -> None:
    assert (redrawn / "README.md").read_bytes() == (SAMPLES / "README.md").read_bytes()
    for name in ("clean", "defective"):
        drawn, committed = redrawn / name, SAMPLES / name
        names = [path.relative_to(drawn).as_posix() for path in files_below(drawn)]
        assert names == [path.relative_to(committed).as_posix() for path in files_below(committed)]
        assert not [path for path in names if not alike(drawn / path, committed / path)]


def alike(one: Path, other: Path) -> bool:
    """Equal bytes, or pictures that look the same."""
    if one.read_bytes() == other.read_bytes():
        return True
    first, second = pixels(one), pixels(other)
    if first is None or second is None or first.shape != second.shape:
        return False
    return float(np.abs(first - second).mean()) <= MOST_DIFFERENCE


def pixels(path: Path) -> NDArray[np.float64] | None:
    """Pixels as 0…255; of a picture that is too large to decode, or cut off, its size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path)
    except UnidentifiedImageError:
        return None
    try:
        return levels(picture)
    except OSError:
        return np.asarray(picture.size, dtype=np.float64)


def levels(picture: Image.Image) -> NDArray[np.float64]:
    if picture.width * picture.height > MOST_DECODED:
        return np.asarray(picture.size, dtype=np.float64)
    if picture.mode.startswith("I;16"):
        return np.asarray(picture, dtype=np.float64) / 256
    return np.asarray(picture.convert("RGB"), dtype=np.float64)


@pytest.mark.parametrize("data", sorted({plant.data for plant in PLANTS}))
def test_planted_defects_are_found(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plants = [plant for plant in PLANTS if plant.data == data]
    descriptor = DEFECTIVE / data
    for plant in plants:
        if plant.needs and plant.needs.startswith("working-folder "):
            monkeypatch.chdir(DEFECTIVE / plant.needs.removeprefix("working-folder "))
    if any(plant.needs == "old-mtime" for plant in plants):
        folder = shutil.copytree(descriptor.parent, tmp_path / "copy")
        age(folder / plant.file for plant in plants if plant.needs == "old-mtime" and plant.file)
        descriptor = folder / descriptor.name
    folders = {plant.needs.removeprefix("deployed ") for plant in plants if plant.needs and "deployed" in plant.needs}
    reports = [report_of(descriptor, DEFECTIVE / folders.pop() if folders else None)]
    runs = {plant.needs for plant in plants if plant.needs and plant.needs.startswith("run ")}
    reports += [report_on_run(descriptor, needs) for needs in sorted(runs)]
    assert not [report for report in reports if report.crashed]
    found = [finding for report in reports for finding in report.findings]
    assert not [plant for plant in plants if not any(shows(finding, plant) for finding in found)]


def age(paths: Iterable[Path]) -> None:
    """Git keeps no times: make these files older than all others."""
    for path in paths:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def shows(finding: Finding, plant: Plant) -> bool:
    """Whether the finding is of the planted rule, and at its file and line or folded over them."""
    if finding.rule != plant.rule:
        return False
    places = (finding.where, *finding.related)
    return plant.file is None or any(
        plant.file in (inside(place.file), place.label, place.image) and plant.line in (None, place.line)
        for place in places
    )


def inside(file: str | None) -> str | None:
    """A file of a run, as the manifest names it."""
    return file and file.removeprefix(f"{DEFECTIVE.as_posix()}/")


def test_every_check_has_a_planted_defect() -> None:
    """But for those that take a trained model: no model comes with the sample."""
    without = {name for name, check in all_checks().items() if check.kind != "model"}
    assert not without - {plant.rule for plant in PLANTS}


def test_clean_data_set_is_clean() -> None:
    report = report_of(SAMPLES / "clean" / "data.yaml")
    assert not report.crashed
    assert {finding.rule for finding in report.findings} <= OF_SIZE
    assert not [finding for finding in report.findings if finding.severity is Severity.ERROR]
    of_model = {name for name, check in all_checks().items() if check.kind == "model"}
    skipped = {run.rule for run in report.runs if run.check and run.status == "skipped" and run.family != "training"}
    assert skipped == {"deployment-gap", *of_model}
    assert {run.status for run in report.runs if run.family == "training"} == {"skipped"}
    assert report.ledger["train"]["images_used"] == 72


def test_sample_data_is_small_and_fits_any_file_system() -> None:
    paths = [path for name in ("clean", "defective") for path in sorted((SAMPLES / name).rglob("*"))]
    assert sum(path.stat().st_size for path in paths) < MOST_BYTES
    assert not [path for path in paths if path.is_symlink()]
    assert len({str(path).lower() for path in paths}) == len(paths)
