"""adjacent-frames: one sampling step, measured on the clip as a whole."""

import pytest

from tests.example_looks import number, sentences
from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.splits.adjacent_frames import AdjacentFrames
from yoloaudit.dataset.tables import Defects


def find(splits: list[str], frames: list[int], clips: list[str] | None = None, still: bool = True) -> Defects:
    count = len(splits)
    images = images_of(count, split=splits, source=clips or ["clip"] * count, frame=frames)
    rows = [(i, 0, 0.5 if still else 0.1 + i % 3 * 0.4, 0.5, 0.2, 0.2) for i in range(count)]
    return AdjacentFrames().find(images, boxes_of(rows, images))


def pairs(defects: Defects) -> list[tuple[int, int]]:
    return [(row["image"], row["related"][0]["image"]) for row in defects.to_dict("records")]


def test_only_the_frame_at_the_border_is_beside_train() -> None:
    defects = find(["train"] * 4 + ["val"] * 4, [0, 10, 20, 30, 40, 50, 60, 70])
    assert pairs(defects) == [(4, 3)]
    assert number(defects) == 0.25
    assert sentences(AdjacentFrames(), defects) == [
        "frame 40 of 'clip' is 10 from train frame 30, within one step of 10"
    ]


@pytest.mark.parametrize(("gap", "found"), [(10, [(5, 4)]), (11, [])])
def test_a_gap_wider_than_a_step_is_enough(gap: int, found: list[tuple[int, int]]) -> None:
    frames = [0, 10, 20, 30, 40, *(40 + gap + 10 * i for i in range(4))]
    assert pairs(find(["train"] * 5 + ["val"] * 4, frames)) == found


def test_the_nearer_train_frame_counts_on_either_side() -> None:
    assert pairs(find(["train", "train", "train", "val", "train", "train"], [0, 10, 20, 28, 30, 40])) == [(3, 4)]
    assert pairs(find(["val", *["train"] * 5], [0, 10, 20, 30, 40, 50])) == [(0, 1)]


def test_rows_in_any_order_and_test_frames_too() -> None:
    splits = ["test", "train", "train", "train", "train", "val"]
    assert pairs(find(splits, [10, 50, 40, 30, 20, 0])) == [(0, 4)]


def test_clips_are_kept_apart() -> None:
    frames = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]
    assert pairs(find(["train"] * 6 + ["val"] * 6, frames, ["a"] * 6 + ["b"] * 6)) == []


def test_photographs_with_running_numbers_are_no_clip() -> None:
    assert pairs(find(["train", "val"] * 4, list(range(8)), still=False)) == []
    assert len(find(["train", "val"] * 4, list(range(8)))) == 4
