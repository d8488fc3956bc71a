"""What checks of boxes share: quantiles by class, and which images are frames of one video."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.boxes import (
    above,
    classes_of_size,
    corners,
    frames_of,
    matches,
    named,
    next_frames,
    of_video,
    quantiles,
)


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-100, 100, width=32)), max_size=40))
def test_quantiles_are_those_of_numpy(rows: list[tuple[int, float]]) -> None:
    groups = np.array([0, 1, 2] + [group for group, _ in rows])
    values = np.array([5.0, -1.0, 0.0] + [value for _, value in rows], dtype=np.float32)
    found = quantiles(groups, values, [0.25, 0.5, 0.75])
    for group in range(3):
        expected = np.quantile(values[groups == group].astype(float), [0.25, 0.5, 0.75])
        np.testing.assert_allclose(found[group], expected, atol=1e-4)


def test_quantiles_of_no_group() -> None:
    assert quantiles(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), [0.5]).shape == (0, 1)


def test_classes_of_size_leave_small_classes_out() -> None:
    boxes = boxes_of([(0, number, 0.5, 0.5, 0.1, 0.1) for number in (7, 2147483647, 7, 3, 2147483647, 7)], images_of(1))
    positions, codes = classes_of_size(boxes, np.array([True, True, True, True, True, False]), 2)
    assert positions.tolist() == [0, 1, 2, 4]
    assert codes.tolist() == [0, 1, 0, 1]


def test_names_for_messages() -> None:
    assert named(("cat", "x" * 100), np.array([0, 1, 2, -1])) == ["cat", "x" * 59 + "…", "2", "-1"]


def test_score_is_half_at_the_limit_and_below_one() -> None:
    assert above(4.0, np.array([4.0, 8.0, 4e9])).tolist() == pytest.approx([0.5, 0.75, 1.0])


def test_frames_follow_at_one_step() -> None:
    images = images_of(7, source="clip", frame=[30, 0, 10, 20, 50, 60, 70])
    frames = frames_of(images)
    assert list(zip(frames.before, frames.at, frames.after, strict=True)) == [(1, 2, 3), (2, 3, 0), (4, 5, 6)]
    earlier, later = next_frames(frames)
    assert sorted(zip(earlier.tolist(), later.tolist(), strict=True)) == [(1, 2), (2, 3), (3, 0), (4, 5), (5, 6)]


def test_short_clips_numberless_images_and_dropped_images_are_no_frames() -> None:
    assert not len(frames_of(images_of(4, source="clip", frame=[0, 1, 2, 3])).at)
    assert not len(frames_of(images_of(6, source=None, frame=[0, 1, 2, 3, 4, 5])).at)
    assert not len(frames_of(images_of(6, source="clip")).at)
    fate = ["used", "used", "dropped", "used", "used", "used", "used"]
    assert frames_of(images_of(7, source="clip", frame=range(7), fate=fate)).at.tolist() == [4, 5]


def test_a_clip_does_not_span_splits_or_repeat_a_number() -> None:
    split = ["train", "val"] * 4
    assert not len(frames_of(images_of(8, split=split, source="clip", frame=range(8))).at)
    assert not len(frames_of(images_of(8, source="clip", frame=[0, 0, 1, 1, 2, 2, 3, 3])).at)


def test_matches_are_between_the_two_images_alone() -> None:
    images = images_of(3)
    boxes = boxes_of(
        [
            (2, 0, 0.5, 0.5, 0.2, 0.2),
            (0, 0, 0.5, 0.5, 0.2, 0.2),
            (0, 0, 0.5, 0.5, 0.2, 0.2),
            (1, 0, 0.5, 0.5, 0.2, 0.2),
        ],
        images,
    )
    image = boxes["image"].to_numpy()
    found = list(matches(image, corners(boxes), np.array([0]), np.array([2]), 0.5))
    assert sorted((int(a), int(b)) for chunk in found for a, b in zip(chunk.first, chunk.second, strict=True)) == [
        (1, 0),
        (2, 0),
    ]


def test_photographs_with_running_numbers_are_no_video() -> None:
    images = images_of(8, source="photo", frame=range(8))
    apart = [(number, 0, 0.1 + 0.4 * (number % 3), 0.5, 0.1, 0.1) for number in range(8)]
    still = [(number, 0, 0.5, 0.5, 0.1, 0.1) for number in range(8)]
    for rows, many in ((apart, 0), (still, 6)):
        boxes = boxes_of(rows, images)
        frames = of_video(frames_of(images), boxes["image"].to_numpy(), corners(boxes), boxes["class_id"].to_numpy())
        assert len(frames.at) == many
