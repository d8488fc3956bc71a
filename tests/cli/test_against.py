"""`--against` on real git repositories and folders: exactly what a change adds is new, whatever was there before."""

import io
import os
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from tests import example_repository as repository
from tests.example_repository import needs_git
from yoloaudit.checks.base import MEASURED, SEEN
from yoloaudit.checks.discover import all_checks
from yoloaudit.cli import against
from yoloaudit.config import Options
from yoloaudit.dataset.load import load
from yoloaudit.errors import UsageError
from yoloaudit.findings import Finding, Report
from yoloaudit.measure.known import YOUNG_NS
from yoloaudit.measure.scan import Scan
from yoloaudit.packs import Rule, load_rules
from yoloaudit.progress import silent

pytestmark = needs_git
OUT_OF_REACH = {"run", *SEEN}


def rules() -> list[Rule]:
    """The default rules, but those that take a model or a run."""
    return [rule for rule in load_rules() if rule.check is None or OUT_OF_REACH.isdisjoint(rule.check.inputs())]


def audited(data: Path | str, base: str = "main", *, untrusted: bool = False, **options: object) -> against.Audited:
    chosen = Options.model_validate({"no_cache": "cache_dir" not in options, "workers": 1, **options})
    return against.audited(against.Asked(base, chosen, rules(), str(data), untrusted), silent)


def new(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if not finding.known]


def told(report: Report) -> list[tuple[str, str | None, int | None]]:
    return [(finding.rule, finding.where.path, finding.where.line) for finding in new(report)]


def counts(report: Report) -> dict[str, int]:
    assert report.change is not None
    return {what: count for what, count in report.change.counts.items() if count}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    return repository.base(tmp_path / "pets")


@pytest.mark.parametrize("untrusted", [False, True])
@pytest.mark.parametrize("fast", [False, True])
def test_a_bad_change_is_told_exactly(folder: Path, untrusted: bool, fast: bool) -> None:
    repository.good_change(folder)
    repository.bad_change(folder)
    repository.commit(folder)
    report = audited(folder, untrusted=untrusted, fast=fast).report
    leak = [] if fast else [("leaked-image", "images/val/0005.jpg", None)]
    assert told(report) == [*leak, ("non-numeric-value", "labels/train/new2.txt", 2)]
    assert counts(report) == {
        "images added": 3,
        "boxes added": 4,
        "boxes moved": 2,
        "broken rows added": 1,
        "classes renamed": 1,
    }
    assert report.exit_code("error") == 1
    assert sum(finding.folded for finding in report.findings if finding.known) > 100
    assert report.change is not None
    assert "class 1: 'bus' → 'coach'" in report.change.deltas
    assert [(what, where.path) for what, where in report.change.places] == [
        *(("image added", f"images/train/new{number}.jpg") for number in (1, 2, 3)),
        *(("box moved", f"labels/train/000{number}.txt") for number in (1, 2)),
    ]


def test_a_good_change_passes_with_hundreds_of_old_findings(folder: Path) -> None:
    repository.good_change(folder)
    report = audited(folder).report
    assert told(report) == []
    assert report.exit_code("info") == 0
    assert counts(report) == {"images added": 1, "boxes added": 1, "boxes moved": 2, "classes renamed": 1}


def test_nothing_changed(folder: Path) -> None:
    report = audited(folder).report
    assert new(report) == []
    assert counts(report) == {}
    assert report.change is not None
    assert not report.change.mended
    assert not report.change.deltas


def test_nothing_is_written(folder: Path) -> None:
    repository.bad_change(folder)
    before = facts(folder)
    audited(folder)
    assert facts(folder) == before


def facts(folder: Path) -> dict[str, tuple[int, ...]]:
    stats = {str(path): path.lstat() for path in folder.rglob("*")}
    return {path: (of.st_size, of.st_ino, of.st_mtime_ns, of.st_ctime_ns) for path, of in stats.items()}


def test_only_changed_images_are_decoded(folder: Path) -> None:

    repository.bad_change(folder)
    result = audited(folder)
    assert "pixels were looked at in 1 of 62 images: the others are as they were" in result.notes


def test_what_the_cache_knows_is_used(folder: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    time.sleep(YOUNG_NS / 1e9)
    with Scan(workers=1, cache=cache) as scan:
        load(str(folder), headers=scan.headers)
    repository.write(folder, "train/alike", _darker(folder / "images/val/0005.jpg"), repository.GOOD)
    result = audited(folder, cache_dir=cache)
    assert not [note for note in result.notes if "looked at" in note]
    assert ("leaked-near-duplicate", "images/val/0005.jpg", None) in told(result.report)
    statuses = {run.rule: run.status for run in result.report.runs}
    assert "skipped" not in {statuses[rule] for rule in ("blurry-image", "low-information-image")}


def _darker(path: Path) -> bytes:
    buffer = io.BytesIO()
    Image.open(path).convert("RGB").point(lambda level: int(level * 0.95)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def test_what_is_mended_is_told(folder: Path) -> None:
    for number in (1, 2, 3):
        path = folder / f"labels/train/000{number}.txt"
        path.write_text("\n".join(path.read_text().splitlines()[:3]) + "\n")
    report = audited(folder).report
    assert new(report) == []
    assert counts(report) == {"boxes removed": 3}
    assert report.change is not None
    assert [where.line for what, where in report.change.places if what == "box removed"] == [4, 4, 4]


def test_a_finding_is_told_apart_where_most_images_have_it(folder: Path) -> None:
    """Boxes reach out of all images: one finding; that of the new image is another."""
    repository.write(folder, "train/new1", repository.picture(1001), "0 0.95131 0.52171 0.21191 0.23131\n")
    report = audited(folder).report
    assert told(report) == [("box-outside-image", "labels/train/new1.txt", 1)]
    folded = [finding for finding in report.findings if finding.rule == "box-outside-image" and finding.folded > 1]
    assert [finding.known for finding in folded] == [True]


def test_renamed_folders_and_moved_images_are_no_findings(folder: Path) -> None:
    (folder / "images/train").rename(folder / "images/first")
    (folder / "labels/train").rename(folder / "labels/first")
    repository.replace_in(folder / "data.yaml", "images/train", "images/first")
    for number in (1, 2):
        for place, suffix in (("images", "jpg"), ("labels", "txt")):
            (folder / f"{place}/first/000{number}.{suffix}").rename(folder / f"{place}/val/000{number}.{suffix}")
    report = audited(folder).report
    assert new(report) == []
    assert report.change is not None
    assert not report.change.mended
    assert counts(report) == {"images moved": 48}
    assert report.change.moves["images/val/0001.jpg"] == "images/train/0001.jpg"


def test_a_row_above_is_no_finding(folder: Path) -> None:
    path = folder / "labels/train/0001.txt"
    path.write_text("2 0.21131 0.72171 0.21191 0.23131\n" + path.read_text())
    report = audited(folder).report
    assert new(report) == []
    assert counts(report) == {"boxes added": 1}


def test_classes_with_other_numbers(folder: Path) -> None:
    """The names are in another order, and so are the numbers in the labels: nothing has changed."""
    repository.replace_in(folder / "data.yaml", "[car, bus, dog]", "[dog, car, bus]")
    for path in folder.glob("labels/*/*.txt"):
        rows = [row.split() for row in path.read_text().splitlines()]
        path.write_text("".join(f"{(int(row[0]) + 1) % 3} {' '.join(row[1:])}\n" for row in rows))
    report = audited(folder).report
    assert counts(report) == {}
    assert report.change is not None
    assert "classes have other numbers than before" in report.change.deltas


def test_another_folder(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "before", ignore=shutil.ignore_patterns(".git"))
    repository.good_change(folder)
    repository.bad_change(folder)
    report = audited(folder, base=str(tmp_path / "before" / "data.yaml")).report
    assert Counter(rule for rule, _, _ in told(report)) == {"leaked-image": 1, "non-numeric-value": 1}
    assert counts(report)["images added"] == 3


def test_a_data_set_that_was_not_there(folder: Path) -> None:
    repository.git(folder, "checkout", "--quiet", "--orphan", "void")
    repository.git(folder, "commit", "--quiet", "--allow-empty", "--message", "void", "--only")
    repository.git(folder, "update-ref", "refs/heads/empty", _empty(folder))
    result = audited(folder, base="empty")
    assert not [finding for finding in result.report.findings if finding.known]
    assert counts(result.report)["images added"] == repository.IMAGES
    assert [note for note in result.notes if "everything is new" in note]


def _empty(folder: Path) -> str:
    tree = repository.git(folder, "hash-object", "-t", "tree", "-w", os.devnull).strip()
    return repository.git(folder, "commit-tree", tree, "-m", "empty").strip()


def test_a_name_that_is_both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    repository.git(folder, "branch", "images")
    with pytest.raises(UsageError, match=r"both a file and a git ref: write \./images or refs/heads/images"):
        audited(folder, base="images")


def test_the_working_folder_is_the_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`path: .` may be relative to the working folder: at the earlier state that is not today's."""
    monkeypatch.chdir(folder)
    repository.write(folder, "train/new1", repository.picture(1001), repository.GOOD)
    result = against.audited(against.Asked("main", Options(no_cache=True), rules(), None), silent)
    assert counts(result.report) == {"images added": 1, "boxes added": 1}
    assert new(result.report) == []


def test_checks_that_judge_an_image_by_itself_exist_and_look_at_pixels() -> None:
    checks = all_checks()
    assert checks.keys() >= against.BY_ITSELF
    assert all(set(checks[name].inputs()) & set(MEASURED) for name in against.BY_ITSELF)
