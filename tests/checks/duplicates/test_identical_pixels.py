"""identical-pixels: pairs of equal pixels in one split, and no others."""

from tests.checks.duplicates.test_conflicting_duplicate import copies_of
from tests.example_tables import images_of
from yoloaudit.checks.duplicates.identical_pixels import IdenticalPixels


def test_only_pixels_and_only_one_split() -> None:
    images = images_of(5, split=["train", "train", "val", "train", "train"])
    copies = copies_of([(0, 1, "pixels"), (0, 2, "pixels"), (0, 3, "bytes"), (0, 4, "near", 0.99)])
    (defect,) = IdenticalPixels().find(images, copies).to_dict("records")
    assert (defect["image"], defect["related"], defect["other"]) == (1, [{"image": 0}], "images/0.png")
