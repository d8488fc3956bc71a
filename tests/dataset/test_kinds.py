"""What long rows look like."""

import numpy as np

from yoloaudit.dataset.kinds import looks_like


def test_keypoints_and_oriented_boxes_are_recognised() -> None:
    pose = [0, 0.5, 0.5, 0.4, 0.4, *[0.5, 0.6, 2] * 17]
    assert looks_like(np.array([56, 56]), [pose, pose]) == "keypoints"
    assert looks_like(np.array([9, 9]), [[0.0] * 9]) == "oriented"
    assert looks_like(np.array([9, 11]), [[0.0] * 9]) is None
    outline = [0, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9, 0.05, 0.5]
    assert looks_like(np.array([11, 11]), [outline]) is None
