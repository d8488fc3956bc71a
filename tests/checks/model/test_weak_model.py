"""weak-model: the limits, one class, no labels at all."""

import pytest

from tests.example_seen import said, skill_of
from yoloaudit.checks.model.weak_model import WeakModel

NAN = float("nan")


@pytest.mark.parametrize(
    ("ap50", "confident", "reason"),
    [
        ([0.03, 0.03], 80, "mAP50 is 0.030, below 0.3"),
        ([0.3, 0.3], 25, None),
        ([0.9, NAN], 50, "49 detections are sure, fewer than 50"),
        ([NAN, NAN], 0, "no image that it looked at has a label of a class that it could be held against"),
        ([0.7], 50, None),
        ([], 0, "no image that it looked at has a label of a class that it could be held against"),
    ],
)
def test_limits(ap50: list[float], confident: int, reason: str | None) -> None:
    skill = skill_of(len(ap50), ap50=ap50, confident=confident)
    if reason and reason.startswith("49"):
        skill["confident"] = [49, 0]
    found = WeakModel().find(skill)
    expected = [] if reason is None else [f"the model is not good enough to judge labels: {reason}"]
    assert said(WeakModel(), found) == expected
    assert found.attrs["measured"] is not None
