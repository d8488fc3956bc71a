"""The outcome of a training as text."""

from typing import Any

from yoloaudit.cli.show_train import text

FACTS: dict[str, Any] = {
    "epochs": 2,
    "seconds": 75.0,
    "device": "cpu (2 threads)",
    "best": {"epoch": 1},
    "broken_batches": [],
    "unreadable": {},
    "model": None,
    "files": {"folder": "runs/train/exp\x1b[0m", "names": ["results.csv", "weights/best.pt"]},
}


def test_what_was_trained_and_where_it_lies() -> None:
    lines = text(FACTS, width=80, lively=False)
    assert lines[0] == "2 epochs in 1:15 on cpu (2 threads); the best was number 2"
    assert lines[-1].endswith("2 files")
    assert "\x1b" not in "".join(lines)


def test_what_went_wrong_is_said() -> None:
    facts = {**FACTS, "epochs": 1, "best": None, "broken_batches": [{}], "unreadable": {"a\x1b.jpg": "ends early"}}
    said = "\n".join(text(facts, width=80, lively=False))
    assert said.startswith("1 epoch in 1:15 on cpu (2 threads)\n1 batch was skipped")
    assert "left out while training: a" in said
    assert "ends early" in said
    assert "\x1b" not in said
