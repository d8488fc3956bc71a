"""Paths as a CI system knows them: counted from the root of the repository."""

from dataclasses import replace

import pytest

from tests.example_report import example
from yoloaudit.findings import Finding, Location, Severity
from yoloaudit.report.place import in_repository, path_of, sentence


@pytest.mark.parametrize(
    ("base", "path", "there"),
    [
        (None, "labels/a.txt", "labels/a.txt"),
        ("/data", "labels/a.txt", "pets/labels/a.txt"),
        ("/data/", "labels/a.txt", "pets/labels/a.txt"),
        ("/", "labels/a.txt", "data/pets/labels/a.txt"),
        ("/data/pets", "labels/a.txt", "labels/a.txt"),
        ("/data/pe", "labels/a.txt", "labels/a.txt"),
        ("/elsewhere", "labels/a.txt", "labels/a.txt"),
        ("/data", "/data/other/a.txt", "other/a.txt"),
        ("/data", "/etc/a.txt", "/etc/a.txt"),
    ],
)
def test_in_repository(base: str | None, path: str, there: str) -> None:
    assert in_repository(path, replace(example(), settings={"base": base})) == there


def test_what_has_no_file_is_at_the_descriptor_if_there_is_one() -> None:
    report = example()
    assert path_of(Location("train", "a.png", "a.txt", 3), report) == "a.txt"
    assert path_of(Location("train", "a.png", "a.txt"), report) == "a.png"
    assert path_of(Location("train"), report) == "data.yaml"
    assert path_of(Location("train"), replace(report, dataset={**report.dataset, "descriptor": None})) is None


def test_a_sentence_without_a_file_names_its_split() -> None:
    finding = Finding("x", Severity.ERROR, "is wrong", Location("train"))
    assert sentence(finding) == "train: is wrong"
    assert sentence(replace(finding, where=Location("train", "a.png"))) == "is wrong"
    assert sentence(replace(finding, where=Location())) == "is wrong"
