"""non-default-baseline: which file, and of which run."""

from tests.example_trained import run_of, said
from yoloaudit.checks.training.non_default_baseline import NonDefaultBaseline
from yoloaudit.training_run import Setting

LR = Setting("lr0", "0.02", "0.01", "hyper-parameter")
SIZE = Setting("imgsz", "320", "640")


def test_each_setting_is_told_at_its_file() -> None:
    check = NonDefaultBaseline()
    defects = check.find(run_of(changed=(SIZE, LR)))
    assert said(check, defects) == [
        "option imgsz is 320, by default 640",
        "hyper-parameter lr0 is 0.02, by default 0.01",
    ]
    assert defects["file"].tolist() == ["runs/exp/opt.yaml", "runs/exp/hyp.yaml"]
    assert defects.attrs["measured"] == 2


def test_an_earlier_run_is_the_baseline() -> None:
    check = NonDefaultBaseline()
    assert not len(check.find(run_of(changed=(LR,), baseline=run_of(changed=()))))
    assert len(check.find(run_of(changed=(), baseline=run_of(changed=(LR,))))) == 1
    assert check.find(run_of(changed=None)).attrs["measured"] is None
