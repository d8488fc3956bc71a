"""leaked-near-duplicate: pairs over two splits, those that stand for exact copies, and those that are exact."""

from tests.example_looks import sentences
from tests.example_tables import images_of
from yoloaudit.checks.splits.leaked_near_duplicate import LeakedNearDuplicate
from yoloaudit.dataset.tables import COPIES, HASHES, Defects, table

Pair = tuple[int, int, float]


def find(
    splits: list[str], near: list[Pair], pixels: list[int] | None = None, kept: list[int] | None = None
) -> Defects:
    images = images_of(len(splits), split=splits)
    codes = list(range(len(splits))) if pixels is None else pixels
    hashes = table(HASHES, {"content": range(len(splits)), "pixels": codes})
    columns = {name: [pair[at] for pair in near] for at, name in enumerate(("first", "second", "correlation"))}
    copies = table(COPIES, columns | {"kind": ["near"] * len(near), "distance": [2] * len(near)})
    if kept is not None:
        images, hashes = images.loc[kept], hashes.loc[kept]
    return LeakedNearDuplicate().find(images, hashes, copies)


def pairs(defects: Defects) -> list[tuple[int, int]]:
    return [(row["image"], row["related"][0]["image"]) for row in defects.to_dict("records")]


def test_the_later_split_is_at_fault_whichever_stands_first() -> None:
    assert pairs(find(["train", "val"], [(0, 1, 0.99)])) == [(1, 0)]
    assert pairs(find(["val", "train"], [(0, 1, 0.99)])) == [(0, 1)]
    assert pairs(find(["train", "train"], [(0, 1, 0.99)])) == []


def test_one_finding_with_the_best_pair_of_the_earliest_split() -> None:
    near = [(0, 3, 0.981), (1, 3, 0.995), (2, 3, 0.999)]
    defects = find(["train", "train", "val", "test"], near)
    assert pairs(defects) == [(3, 1)]
    (said,) = sentences(LeakedNearDuplicate(), defects)
    assert said == "shows nearly the same as images/1.png of train: correlation 0.995, 2 of 64 bits differ"


def test_exact_copies_in_one_split_share_the_pair_of_their_first() -> None:
    assert pairs(find(["train", "val", "val"], [(0, 1, 0.99)], [0, 1, 1])) == [(1, 0), (2, 0)]


def test_what_leaks_exactly_is_not_told_again() -> None:
    assert pairs(find(["train", "train", "val"], [(1, 2, 0.99)], [0, 1, 0])) == []


def test_ids_are_those_of_the_whole_data_set() -> None:
    assert pairs(find(["train", "train", "val"], [(1, 2, 0.99)], kept=[1, 2])) == [(2, 1)]
