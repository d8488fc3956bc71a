"""A judged run as text: every sentence with its word and its number, at any width."""

from pathlib import Path

import pytest

from tests.example_runs import of_yoloaudit
from yoloaudit.checks.base import Training
from yoloaudit.cli.advise import advice
from yoloaudit.cli.show_advice import Advice, document, met, text, told
from yoloaudit.findings import RuleRun, Severity
from yoloaudit.training_run import Run


def judged(tmp_path: Path, training: Training) -> Advice:
    folder = of_yoloaudit(tmp_path / "exp", training)
    return advice(str(folder), None, None, None, ["default"], untrusted=False, root=None)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_any_width(width: int, tmp_path: Path) -> None:
    made = judged(tmp_path, Training(best=10, rise=0.5, options={"batch_size": 2}))
    lines = text(made, width=width, lively=False)
    assert max(map(len, lines[1:-4])) <= width, "but for commands, which are never broken"
    flat = " ".join(" ".join(lines).split())
    assert "batch 2, below 16" in flat
    assert "Training settings: 3 of 6 sentences of the guide met, 1 not measurable" in flat


def test_each_line_of_the_document_is_one_entry(tmp_path: Path) -> None:
    made = judged(tmp_path, Training())
    lines = list(document(made))
    assert sum(line.startswith('{"rule":') for line in lines) == 10


def test_a_run_of_which_little_is_known() -> None:
    assert list(told(Run("exp"))) == []
    assert list(told(Run("exp", imgsz=640))) == ["640 px"]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("non-default-baseline", "it has default settings"),
        ("mismatched-image-size", "320 px throughout"),
        ("small-batch", "batch 16, and up to 20 fit"),
        ("image-size-too-small", "1600.0% of the boxes are small, up to 20% may be"),
        ("unheard-of", "16"),
    ],
)
def test_what_is_said_where_a_sentence_is_met(check: str, said: str) -> None:
    run = RuleRun(check, check, "training", Severity.INFO, "pass", 0, 16.0, 0.2, "Sentence.")
    assert met(run, Run("exp", imgsz=320, most_batch=20)) == said
