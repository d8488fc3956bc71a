"""leaked-source: originals, clips and minutes of a camera over two splits."""

import time

import numpy as np

from tests.example_looks import at, number, pixels_of, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.splits.leaked_source import LeakedSource
from yoloaudit.dataset.tables import Defects


def find(splits: list[str], sources: list[str | None], frames: list[int] | None = None, **looks: object) -> Defects:
    images = images_of(len(splits), split=splits, source=sources, frame=frames)
    boxes = boxes_of([(i, 0, 0.5, 0.5, 0.2, 0.2) for i in range(len(splits))], images)
    return LeakedSource().find(images, pixels_of(len(splits), **looks), boxes)


def told(defects: Defects) -> list[tuple[int, list[int]]]:
    rows = defects.to_dict("records")
    return [(row["image"], [place["image"] for place in row["related"]]) for row in rows]


def test_one_finding_a_source_with_counts_and_the_share_of_val() -> None:
    defects = find(["val", "train", "val", "train", "val", "val"], ["a", "a", "a", "a", None, "b"])
    assert told(defects) == [(0, [1, 3])]
    assert number(defects) == 0.5
    assert sentences(LeakedSource(), defects) == [
        "original 'a' is in two splits, 2 times in train and 2 times in val; 50% of val are of such sources"
    ]


def test_no_more_than_five_are_related() -> None:
    assert told(find(["train"] * 7 + ["val"], ["a"] * 8)) == [(7, [0, 1, 2, 3, 4])]


def test_each_later_split_has_its_own_finding() -> None:
    defects = find(["train", "val", "test"], ["a"] * 3)
    assert told(defects) == [(1, [0]), (2, [0])]
    assert told(find(["train", "val", "test"], ["b", "a", "a"])) == [(2, [1])]


def test_sources_are_kept_apart() -> None:
    assert told(find(["train", "val", "train", "val"], ["a", "b", "b", "a"])) == [(1, [2]), (3, [0])]


def test_a_clip_is_judged_over_all_splits() -> None:
    defects = find(["train", "val"] * 3, ["clip"] * 6, [10, 20, 30, 40, 50, 60])
    assert told(defects) == [(1, [0, 2, 4])]
    (said,) = sentences(LeakedSource(), defects)
    assert said.startswith("clip 'clip' is in two splits, 3 times in train and 3 times in val")


def test_a_camera_leaks_within_a_minute_by_the_clock() -> None:
    noon = at(5, 12)
    assert told(find(["train", "val"], [None] * 2, camera=["Z 6"] * 2, taken=[noon, noon + 59])) == [(1, [0])]
    assert told(find(["train", "val"], [None] * 2, camera=["Z 6"] * 2, taken=[noon, noon + 60])) == []
    assert told(find(["train", "val"], [None] * 2, camera=["Z 6", "Z 7"], taken=[noon, noon])) == []
    assert told(find(["train", "val"], [None] * 2, camera=None, taken=[noon, noon])) == []
    assert told(find(["train", "val"], [None] * 2, camera=["Z 6"] * 2, taken=[-1, -1])) == []
    (said,) = sentences(LeakedSource(), find(["train", "val"], [None] * 2, camera=["Z 6"] * 2, taken=[noon, noon + 59]))
    assert "camera and minute 'Z 6 2024-05-01 12:30'" in said


def test_many_images_are_quick() -> None:
    count = 100_000
    images = images_of(
        count,
        split=["val" if i % 10 == 0 else "train" for i in range(count)],
        source=[f"clip{i // 50}" for i in range(count)],
        frame=list(range(count)),
    )
    rows = np.hstack([np.arange(count)[:, None], np.tile([0, 0.5, 0.5, 0.2, 0.2], (count, 1))])
    boxes = boxes_of(rows.tolist(), images)
    began = time.process_time()
    assert len(LeakedSource().find(images, pixels_of(count), boxes)) == count // 50
    assert time.process_time() - began < 2
