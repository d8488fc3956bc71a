"""near-duplicate: one finding an image, with the one it is nearest to."""

import pytest

from tests.checks.duplicates.test_conflicting_duplicate import copies_of
from tests.example_looks import sentences
from tests.example_tables import images_of
from yoloaudit.checks.duplicates.near_duplicate import NearDuplicate


def test_the_nearest_of_several_is_named_once() -> None:
    copies = copies_of([(0, 1, "near", 0.985), (0, 2, "near", 0.98), (1, 2, "near", 0.995)])
    defects = NearDuplicate().find(images_of(3), copies)
    assert defects["image"].tolist() == [1, 2]
    assert defects["related"].tolist() == [[{"image": 0}], [{"image": 1}]]
    assert defects["score"].tolist() == pytest.approx([0.985, 0.995])
    assert sentences(NearDuplicate(), defects)[1] == (
        "shows almost the same as images/1.png: correlation 0.995, 0 of 64 hash bits differ"
    )


def test_neither_exact_copies_nor_other_splits() -> None:
    images = images_of(4, split=["train", "val", "train", "train"])
    copies = copies_of([(0, 1, "near", 0.99), (0, 2, "bytes"), (0, 3, "pixels")])
    assert NearDuplicate().find(images, copies).empty
