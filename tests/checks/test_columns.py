"""Class names and scores for messages."""

import numpy as np
import pytest

from yoloaudit.checks.columns import above, named


def test_names_for_messages() -> None:
    assert named(("cat", "x" * 100), np.array([0, 1, 2, -1])) == ["cat", "x" * 59 + "…", "2", "-1"]


def test_score_is_half_at_the_limit_and_below_one() -> None:
    assert above(4.0, np.array([4.0, 8.0, 4e9])).tolist() == pytest.approx([0.5, 0.75, 1.0])
