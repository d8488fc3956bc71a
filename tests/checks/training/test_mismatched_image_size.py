"""mismatched-image-size: validation and use, each on its own."""

from tests.example_trained import run_of, said
from yoloaudit.checks.training.mismatched_image_size import MismatchedImageSize


def test_each_is_told() -> None:
    check = MismatchedImageSize()
    run = run_of(evaluated_at=1280)
    assert said(check, check.find(run, 320)) == [
        "trained at 640 px, validated at 1,280 px",
        "trained at 640 px, to be used at 320 px",
    ]
    assert not len(check.find(run_of(evaluated_at=640), 640))
    assert not len(check.find(run_of(), 640)), "nobody validated it"
    assert check.find(run_of(imgsz=None), 640).attrs["measured"] is None
