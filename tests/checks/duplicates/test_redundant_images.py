"""redundant-images: the share of different pictures, at its limit."""

import pytest

from tests.example_looks import hashes_of, number, sentences
from yoloaudit.checks.duplicates.redundant_images import RedundantImages


@pytest.mark.parametrize(("clusters", "found"), [([0, 1, 2, 3, 4] * 2, 0), ([0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4], 1)])
def test_half_is_enough(clusters: list[int], found: int) -> None:
    defects = RedundantImages().find(hashes_of(clusters))
    assert len(defects) == found
    assert number(defects) == pytest.approx(5 / len(clusters))


def test_what_is_not_decoded_does_not_count() -> None:
    defects = RedundantImages().find(hashes_of([0] * 10 + [-1] * 90))
    assert sentences(RedundantImages(), defects) == ["1 different pictures among 10 images: 10%, below 50%"]
    assert number(RedundantImages().find(hashes_of([0] * 9 + [-1] * 90))) is None
