"""identical-image: equal bytes, split by split."""

from tests.example_tables import images_of
from yoloaudit.checks.duplicates.identical_image import IdenticalImage
from yoloaudit.dataset.tables import HASHES, Images, table


def told(images: Images, content: list[int]) -> list[tuple[int, int]]:
    defects = IdenticalImage().find(images, table(HASHES, {"content": content}))
    return [(row["image"], row["related"][0]["image"]) for row in defects.to_dict("records")]


def test_all_but_the_first_are_copies_of_the_first() -> None:
    assert told(images_of(5), [4, 7, 4, 7, 4]) == [(2, 0), (3, 1), (4, 0)]


def test_copies_in_another_split_are_leaks_instead() -> None:
    assert told(images_of(4, split=["train", "val", "train", "val"]), [4, 4, 4, 4]) == [(2, 0), (3, 1)]
    assert told(images_of(2, split=["train", "val"]), [4, 4]) == []


def test_files_that_were_not_read_are_no_copies() -> None:
    assert told(images_of(2), [-1, -1]) == []


def test_a_file_that_is_listed_twice_is_no_copy() -> None:
    images = images_of(3).assign(path=["a.png", "a.png", "b.png"])
    assert told(images, [4, 4, 4]) == [(2, 0)]


def test_some_of_the_images() -> None:
    images, hashes = images_of(4), table(HASHES, {"content": [4, 4, 4, 5]})
    defects = IdenticalImage().find(images.loc[[1, 2, 3]], hashes.loc[[1, 2, 3]])
    assert defects["image"].tolist() == [2]
    assert defects["other"].tolist() == ["images/1.png"]
