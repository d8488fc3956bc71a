"""truncated-image: what unreadable-image and oversized-image tell of is not told again."""

from tests.example_tables import images_of
from yoloaudit.checks.images.truncated_image import TruncatedImage
from yoloaudit.dataset.tables import PIXELS, table


def test_each_image_is_told_of_once() -> None:
    images = images_of(4)
    images["error"] = [None, "is empty: 0 bytes, not an image", None, None]
    pixels = table(PIXELS, {"damage": ["ends early", "ends early", None, None], "decoded": [False, False, False, True]})
    defects = TruncatedImage().find(images, pixels)
    assert defects["image"].tolist() == [0]
    assert TruncatedImage().describe({"damage": defects["damage"][0]}) == "image opens, but ends early"


def test_a_decoder_that_says_much_is_cut() -> None:
    pixels = table(PIXELS, {"damage": ["cannot be decoded: " + "x" * 10_000]})
    assert len(TruncatedImage().find(images_of(1), pixels)["damage"][0]) == 200


def test_ids_are_those_of_the_images_in_scope() -> None:
    images, pixels = images_of(3), table(PIXELS, {"damage": [None, None, "ends early"]})
    assert TruncatedImage().find(images[1:], pixels[1:])["image"].tolist() == [2]
