"""summary.md: sections, and nothing in them that is markup."""

from typing import Any

from yoloaudit.cli.bundle_summary import summary

NOTHING: dict[str, Any] = dict.fromkeys(("imgsz", "batch", "epochs", "planned", "best", "map50", "changed"))


def test_nothing_known_is_said_so() -> None:
    lines = summary("exp", NOTHING, []).splitlines()
    assert lines[0] == "# Run exp"
    assert "- not known" in lines
    assert lines.count("- none") == 2


def test_facts_and_findings() -> None:
    best = {"epoch": 7, "precision": None, "recall": 0.5, "map50": 0.25, "map50_95": 0.125}
    known = {"low": 0.2, "high": 0.3, "images": 16, "value": 0.25}
    changed = [{"name": "lr0", "value": "0.02", "default": "0.01"}]
    facts = NOTHING | {"imgsz": 640, "batch": 8, "epochs": 9, "planned": 300, "best": best, "map50": known}
    text = summary("exp", facts | {"changed": changed}, ["error x: <b>y</b>\n# z"])
    assert "- 640 px, batch 8\n- 9 epochs of 300\n- best epoch 7: recall 0.500, mAP50 0.250, mAP50-95 0.125\n" in text
    assert "- lr0: 0.02 (default 0.01)\n" in text
    assert "- error x: \\<b\\>y\\</b\\> \\# z\n" in text
