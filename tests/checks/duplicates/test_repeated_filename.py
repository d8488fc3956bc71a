"""repeated-filename: bare names, split by split."""

from tests.example_tables import images_of
from yoloaudit.checks.duplicates.repeated_filename import RepeatedFilename


def told(paths: list[str], splits: list[str]) -> list[tuple[int, int]]:
    defects = RepeatedFilename().find(images_of(len(paths), split=splits).assign(path=paths))
    return [(row["image"], row["related"][0]["image"]) for row in defects.to_dict("records")]


def test_all_but_the_first_of_a_split() -> None:
    paths = ["a/1.png", "b/1.png", "c/d/1.png", "1.png", "a/2.png", "b/11.png"]
    assert told(paths, ["train"] * 6) == [(1, 0), (2, 0), (3, 0)]
    assert told(paths, ["train", "val", "val", "train", "val", "val"]) == [(2, 1), (3, 0)]


def test_letter_case_and_suffix_count() -> None:
    assert told(["a/1.png", "b/1.PNG", "c/1.jpg"], ["train"] * 3) == []


def test_a_file_that_is_listed_twice_has_its_own_name() -> None:
    assert told(["a/1.png", "a/1.png"], ["train"] * 2) == []
