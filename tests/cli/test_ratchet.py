"""`--ratchet`: what was accepted does not come back, whatever it is called and wherever it lies; the rest fails."""

from pathlib import Path

import pytest

from tests import example_repository as repository
from yoloaudit.checks.base import SEEN
from yoloaudit.cli.ratchet import Kept, Ratcheted, possible, ratcheted
from yoloaudit.dataset.load import load
from yoloaudit.engine import audit
from yoloaudit.errors import UsageError, WriteError
from yoloaudit.measure.scan import Scan
from yoloaudit.packs import load_rules

MEASURED = ["pixels", "hashes", "copies", "borders"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images with old findings of many kinds, copies of pictures among them."""
    place = tmp_path / "pets"
    for number in range(30):
        repository.write(place, repository.name_of(number), repository.picture(number), repository.base_rows(number))
    for number, name in ((7, "train/copy1"), (7, "train/copy2"), (7, "train/0000copy"), (10, "train/leak")):
        repository.write(place, name, repository.picture(number), repository.base_rows(number))
    repository.write(place, "train/broken", repository.picture(500), "0 x 0.5 0.2 0.2\n" + repository.GOOD)
    repository.write(place, "train/bare", repository.picture(501), None)
    repository.write(place, "train/alone", None, repository.GOOD)
    (place / "data.yaml").write_text(repository.YAML)
    return place


def looked(folder: Path, kept: Kept, *, fast: bool = False) -> Ratcheted:
    """An audit by the default rules, in this process, and what the ratchet makes of it."""
    rules = [rule for rule in load_rules() if rule.check is None or {"run", *SEEN}.isdisjoint(rule.check.inputs())]
    if fast:
        dataset = load(str(folder), workers=1)
        return ratcheted(audit(dataset, rules), dataset, kept)
    with Scan(workers=1, isolated=False) as scan:
        dataset = load(str(folder), workers=1, headers=scan.headers)
        report = audit(dataset, rules, measures=scan.measures(dataset, MEASURED))
        return ratcheted(report, dataset, kept, scan)


def new(result: Ratcheted) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.where.path) for finding in result.report.findings if not finding.known]


@pytest.fixture
def accepted(folder: Path, tmp_path: Path) -> Kept:
    """The file that accepts everything there is."""
    kept = Kept(str(tmp_path / "accepted.json"))
    result = looked(folder, kept._replace(write=True))
    assert new(result) == []
    assert result.notes == [f"{len(result.report.findings):,} findings are accepted in {kept.path}"]
    assert {finding.rule for finding in result.report.findings} >= {
        *("leaked-image", "identical-image", "non-numeric-value", "orphan-label", "tiny-box", "few-images-per-class"),
    }
    return kept


def test_nothing_comes_back(folder: Path, accepted: Kept) -> None:
    assert new(looked(folder, accepted)) == []
    assert looked(folder, accepted).notes == []
    assert new(looked(folder, accepted, fast=True)) == [], "the same hashes of bytes, with headers alone"
    (folder / "images/train").rename(folder / "images/first")
    (folder / "labels/train").rename(folder / "labels/first")
    repository.replace_in(folder / "data.yaml", "images/train", "images/first")
    for name in ("0001", "0002", "broken"):
        for place, suffix in (("images", "jpg"), ("labels", "txt")):
            (folder / f"{place}/first/{name}.{suffix}").rename(folder / f"{place}/val/zz{name}.{suffix}")
    for name in ("0003", "copy1"):
        path = folder / f"labels/first/{name}.txt"
        path.write_text(repository.GOOD.replace("0.51131", "0.22131") + path.read_text())
    back = [finding for finding in new(looked(folder, accepted)) if finding[0] != "conflicting-duplicate"]
    assert back == []


def test_what_is_new_fails(folder: Path, accepted: Kept) -> None:
    (folder / "images/train/copy3.jpg").write_bytes(repository.picture(7))
    repository.write(folder, "train/worse", repository.picture(502), "0 y 0.5 0.2 0.2\n")
    result = looked(folder, accepted)
    assert ("non-numeric-value", "labels/train/worse.txt") in new(result)
    assert [rule for rule, _ in new(result)].count("identical-image") == 1
    assert result.report.exit_code("error") == 1


def test_stale_entries_are_told_and_fail_only_if_asked(folder: Path, accepted: Kept) -> None:
    (folder / "labels/train/broken.txt").write_text(repository.GOOD)
    (folder / "labels/train/alone.txt").unlink()
    result = looked(folder, accepted)
    assert result.report.exit_code("error") == 0
    [note] = result.notes
    assert note.startswith(f"3 entries of {accepted.path} answer to no finding any more (inseparable-classes 1, non-")
    assert note.endswith("numeric-value 1, orphan-label 1): --write-ratchet takes them out")
    assert looked(folder, accepted._replace(strict=True)).report.exit_code("error") == 1
    assert looked(folder, accepted._replace(strict=True, narrowed=True)).report.exit_code("error") == 0
    looked(folder, accepted._replace(write=True))
    assert looked(folder, accepted).notes == []


def test_options_that_lack_the_file(tmp_path: Path) -> None:
    possible(Kept())
    possible(Kept(str(tmp_path / "new.json"), write=True))
    for kept, words in (
        (Kept(write=True), "--write-ratchet is about the file"),
        (Kept(strict=True), "--strict-ratchet is about the file"),
        (Kept(str(tmp_path)), "is a folder"),
        (Kept(str(tmp_path / "none.json")), "does not exist"),
    ):
        with pytest.raises(UsageError, match=words):
            possible(kept)


def test_a_file_that_cannot_be_written_and_one_that_is_none(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="cannot write"):
        looked(folder, Kept(str(tmp_path / "nowhere" / "accepted.json"), write=True), fast=True)
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(UsageError, match="is not valid JSON"):
        possible(Kept(str(other), write=True))
    assert other.read_text() == "mine"
