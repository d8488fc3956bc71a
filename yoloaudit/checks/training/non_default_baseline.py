"""non-default-baseline: settings of the first training that are not the default."""

from yoloaudit.checks.base import Check, Example, Training, measured, unmeasured
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity
from yoloaudit.training_run import Run


class NonDefaultBaseline(Check):
    """A setting of the baseline that is not the default.

    The guide asks for a first training with default settings: only against that can it be told what a change was
    worth. Options and hyper-parameters are held against those of YOLOv5's train.py and of hyp.scratch-low.yaml; data
    set, size of the model, epochs and batch are a choice, and so is where things are kept. Where an earlier run is
    named (`--baseline DIR`), that is the one which is looked at. Train once with `yoloaudit baseline`, then change
    one thing at a time.
    """

    severity = Severity.WARNING
    message = "{kind} {name} is {given}, by default {usual}"

    good = (
        Example(title="all as by default"),
        Example(run=Training(options={"epochs": 300, "batch_size": 64, "weights": "yolov5n.pt", "freeze": [0]})),
        Example(
            run=Training(hyper={"lr0": 0.02}),
            baseline=Training(hyper={"lr0": 0.01}),
            title="another learning rate, and an earlier run without it",
        ),
    )
    bad = (
        Example(run=Training(hyper={"lr0": 0.02}), title="another learning rate"),
        Example(run=Training(options={"optimizer": "AdamW"})),
        Example(run=Training(options={"weights": ""}), title="from scratch"),
        Example(run=Training(), baseline=Training(options={"imgsz": 320}), title="an earlier run at another size"),
    )

    def find(self, run: Run) -> Defects:
        first = run.baseline or run
        if first.changed is None:
            return unmeasured("the run has neither opt.yaml nor hyp.yaml")
        defects = self.flag_whole(
            {
                "file": first.file("opt.yaml" if setting.kind == "option" else "hyp.yaml"),
                "kind": setting.kind,
                "name": setting.name,
                "given": setting.value,
                "usual": setting.default,
            }
            for setting in first.changed
        )
        return measured(defects, float(len(first.changed)))
