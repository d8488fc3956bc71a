"""leaked-image: groups of equal bytes or pixels over two splits and three."""

from tests.example_looks import number, sentences
from tests.example_tables import images_of
from yoloaudit.checks.splits.leaked_image import LeakedImage
from yoloaudit.dataset.tables import HASHES, Defects, table


def find(splits: list[str], content: list[int], pixels: list[int], fate: str | list[str] = "used") -> Defects:
    hashes = table(HASHES, {"content": content, "pixels": pixels})
    return LeakedImage().find(images_of(len(splits), split=splits, fate=fate), hashes)


def pairs(defects: Defects) -> list[tuple[int, int]]:
    return [(row["image"], row["related"][0]["image"]) for row in defects.to_dict("records")]


def test_every_image_of_the_later_split_is_named_and_none_of_the_earlier() -> None:
    defects = find(["val", "train", "val", "train", "val"], [7, 7, 7, 7, 8], [1, 1, 1, 1, 2])
    assert pairs(defects) == [(0, 1), (2, 1)]
    assert number(defects) == 2 / 3
    assert sentences(LeakedImage(), defects) == ["the same file as images/1.png of train"] * 2


def test_pixels_leak_where_bytes_do_not() -> None:
    defects = find(["train", "val", "val"], [0, 1, 2], [5, 5, 6])
    assert sentences(LeakedImage(), defects) == ["the same pixels as images/0.png of train"]


def test_a_file_that_cannot_be_decoded_leaks_by_its_bytes() -> None:
    assert pairs(find(["train", "val"], [3, 3], [-1, -1])) == [(1, 0)]
    assert pairs(find(["train", "val"], [-1, -1], [-1, -1])) == []


def test_test_leaks_from_train_before_val_and_from_val_alone() -> None:
    assert pairs(find(["train", "val", "test"], [1, 1, 1], [1, 1, 1])) == [(1, 0), (2, 0)]
    assert pairs(find(["train", "val", "test"], [0, 1, 1], [0, 1, 1])) == [(2, 1)]


def test_images_that_are_dropped_do_not_leak() -> None:
    assert pairs(find(["train", "val"], [1, 1], [1, 1], ["dropped", "used"])) == []
    assert pairs(find(["train", "val"], [1, 1], [1, 1], ["used", "dropped"])) == []


def test_without_a_val_image_there_is_no_share() -> None:
    assert number(find(["train", "train"], [1, 1], [1, 1])) is None
