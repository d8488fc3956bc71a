"""The counts that checks of classes share, against plain loops."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.counts import appearances, instances

SPLIT = ["train", "val", "train", "test", "train"]
IDS = st.sampled_from([-1, 0, 1, 2, 3, 2147483647])
ROWS = st.lists(st.tuples(st.integers(0, 4), IDS), max_size=30)


@given(ROWS, st.sampled_from([None, "train", "val", "test"]))
def test_counts_are_those_of_a_loop(rows: list[tuple[int, int]], split: str | None) -> None:
    boxes = boxes_of([(image, class_id, 0.5, 0.5, 0.1, 0.1) for image, class_id in rows], images_of(5, split=SPLIT))
    kept = [(class_id, image) for image, class_id in rows if 0 <= class_id < 3 and split in (None, SPLIT[image])]
    counts = Counter(class_id for class_id, _ in kept)
    assert instances(boxes, 3, split).tolist() == [counts[number] for number in range(3)]
    found = appearances(boxes, 3, split)
    assert list(zip(found.class_id, found.image, found.boxes, strict=True)) == [
        (class_id, image, count) for (class_id, image), count in sorted(Counter(kept).items())
    ]


def test_no_names_and_no_boxes() -> None:
    boxes = boxes_of([(0, 0, 0.5, 0.5, 0.1, 0.1)], images_of(1))
    assert instances(boxes, 0).tolist() == []
    assert appearances(boxes, 0).image.tolist() == []
    assert instances(boxes.iloc[:0], 2).tolist() == [0, 0]
    assert not np.any(appearances(boxes.iloc[:0], 2).boxes)
