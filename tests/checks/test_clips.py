"""Which images are frames of one video, and which boxes match from one to the next."""

import numpy as np

from tests.example_tables import boxes_of, images_of
from yoloaudit.checks.clips import frames_of, matches, next_frames, of_video
from yoloaudit.checks.columns import corners


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
