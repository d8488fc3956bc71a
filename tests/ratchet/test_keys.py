"""Keys of findings: the same after renames, moves and shifts, another where the image or the row is another."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import example_repository as repository
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.engine import audit
from yoloaudit.findings import Finding, Location, Report, Severity
from yoloaudit.measure.scan import Scan
from yoloaudit.packs import load_rules
from yoloaudit.ratchet import keys as ratchet_keys
from yoloaudit.ratchet.keys import EVERYWHERE, contents_of, keys, sentence

RULES = ["tiny-box", "box-outside-image", "non-numeric-value", "orphan-label", "unattested-background", "rows"]


def lay_out(folder: Path, images: int = 8) -> Path:
    for number in range(images):
        repository.write(folder, repository.name_of(number), repository.picture(number), repository.base_rows(number))
    repository.write(folder, "train/broken", repository.picture(500), "0 x 0.5 0.2 0.2\n" + repository.GOOD)
    repository.write(folder, "train/bare", repository.picture(501), None)
    repository.write(folder, "train/alone", None, repository.GOOD)
    (folder / "data.yaml").write_text(repository.YAML)
    return folder


def report_of(folder: Path) -> tuple[Report, Dataset]:
    dataset = load(str(folder), workers=1)
    return audit(dataset, load_rules(select=RULES)), dataset


def keyed(folder: Path, contents: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Rule and key of each finding, in an order that names have no part in."""
    report, dataset = report_of(folder)
    found = keys(report, dataset, contents)
    return sorted((finding.rule, key) for finding, key in zip(report.findings, found, strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


def test_every_kind_of_place_is_there(folder: Path) -> None:
    rules = {rule for rule, _ in keyed(folder)}
    assert {"tiny-box", "box-outside-image", "non-numeric-value", "orphan-label", "unattested-background"} <= rules


def test_renames_moves_and_shifts_change_no_key(folder: Path) -> None:
    before = keyed(folder)
    (folder / "images/train").rename(folder / "images/first")
    (folder / "labels/train").rename(folder / "labels/first")
    repository.replace_in(folder / "data.yaml", "images/train", "images/first")
    for place, suffix in (("images", "jpg"), ("labels", "txt")):
        (folder / f"{place}/first/0001.{suffix}").rename(folder / f"{place}/val/9999.{suffix}")
    path = folder / "labels/first/0002.txt"
    path.write_text(repository.GOOD.replace("0.51131", "0.32311") + "\n" + path.read_text().replace(" ", "   "))
    assert keyed(folder) == before


def test_another_image_or_another_row_is_another_finding(folder: Path) -> None:
    before = keyed(folder)
    (folder / "images/train/0001.jpg").write_bytes(repository.picture(999))
    changed = keyed(folder)
    assert [rule for rule, _ in changed] == [rule for rule, _ in before]
    assert len(set(before) - set(changed)) == 2
    repository.replace_in(folder / "labels/train/0002.txt", "0.00410", "0.00411")
    assert len(set(changed) - set(keyed(folder))) == 1


def test_what_a_scan_has_seen_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scan(workers=1, isolated=False) as scan:
        dataset = load(str(folder), workers=1, headers=scan.headers)
    seen = contents_of(dataset.images["path"].tolist(), (key.tobytes() for key in scan.facts.records["content"]))
    read = keyed(folder)
    monkeypatch.setattr(ratchet_keys, "_content", lambda root, path: _orphans_only(path))
    assert [pair for pair in keyed(folder, seen) if pair[0] != "orphan-label"] == [
        pair for pair in read if pair[0] != "orphan-label"
    ]


def _orphans_only(path: str) -> str:
    assert path == "labels/train/alone.txt"
    return "orphan"


def test_a_root_cause_has_one_key(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, images=40)
    assert ("tiny-box", EVERYWHERE) in keyed(folder)


def test_of_a_pair_it_does_not_matter_which_is_told(folder: Path) -> None:
    _, dataset = report_of(folder)
    one, other = (Location("train", f"images/train/000{number}.jpg") for number in (1, 2))
    first = Finding("near-duplicate", Severity.INFO, "", one, related=(other,))
    second = Finding("near-duplicate", Severity.INFO, "", other, related=(one,))
    report = Report({}, {}, [], [first, second], [])
    same, again = keys(report, dataset)
    assert same == again
    assert "-" in same


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["cat", "it's", 'a "b"', "12"]))
def test_a_sentence_without_numbers_and_names(one: int, other: int, name: str) -> None:
    text = "{:,} training images show class {!r}, {:.1%} short of {:,}"
    told = [
        Finding("few", Severity.INFO, text.format(count, word, count / 7, count + 3), Location(class_id=0))
        for count, word in ((one, name), (other, "dog"))
    ]
    names = frozenset(map(repr, (name, "dog")))
    assert sentence(told[0], names) == sentence(told[1], names)


def test_a_data_set_level_finding_is_known_by_class_and_sentence(folder: Path) -> None:
    _, dataset = report_of(folder)
    counts = [
        Finding("few", Severity.INFO, f"{n} of class 'car'", Location(class_id=c)) for n, c in ((5, 0), (7, 0), (5, 1))
    ]
    same, again, another = keys(Report({}, {}, [], counts, []), dataset)
    assert same == again != another
