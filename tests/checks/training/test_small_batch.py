"""small-batch: against 16, or against what fits."""

from tests.example_trained import run_of, said
from yoloaudit.checks.training.small_batch import SmallBatch


def test_why_it_is_small() -> None:
    check = SmallBatch()
    assert said(check, check.find(run_of(batch=4))) == [
        "batch 4, below 16: statistics of batch normalisation will be poor"
    ]
    assert said(check, check.find(run_of(batch=20, most_batch=64))) == ["batch 20, below 32: the hardware holds 64"]
    assert not len(check.find(run_of(batch=16, most_batch=18)))
    assert check.find(run_of(batch=None)).attrs["measured"] is None
