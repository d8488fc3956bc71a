"""Options as they are typed."""

from pathlib import Path

import pytest

from yoloaudit.cli.arguments import known_format, names, outputs, reasons, splits, tolerances
from yoloaudit.errors import UsageError


def test_lists_are_repeated_or_have_commas() -> None:
    assert names(["boxes,rows", " tiny-box "]) == ["boxes", "rows", "tiny-box"]
    assert names(None) is None
    assert names([]) is None


def test_a_reason_keeps_its_commas() -> None:
    assert reasons(["a,b=kept, on purpose", "c"]) == ["a", "b=kept, on purpose", "c"]
    assert reasons(["a=x=y"]) == ["a=x=y"]
    assert reasons(["=why"]) == ["=why"]


def test_tolerances() -> None:
    assert tolerances(["tiny-box=5,loose=0"]) == {"tiny-box": 5, "loose": 0}
    for wrong in ("tiny-box", "tiny-box=", "tiny-box=x", "tiny-box=-1", "tiny-box=9999999999"):
        with pytest.raises(UsageError, match="takes RULE=N"):
            tolerances([wrong])


def test_formats_and_splits_name_the_nearest() -> None:
    assert known_format("json") == "json"
    with pytest.raises(UsageError, match="Did you mean 'jsonl'"):
        known_format("jsnol")
    assert splits(["val,train"]) == ["val", "train"]
    with pytest.raises(UsageError, match="Did you mean 'train'"):
        splits(["trian"])


def test_outputs_are_verified_before_the_audit(tmp_path: Path) -> None:
    assert outputs([f"json={tmp_path}/a=b.json"]) == [("json", f"{tmp_path}/a=b.json")]
    for wrong, why in [
        ("json", "takes FORMAT=PATH"),
        ("json=", "takes FORMAT=PATH"),
        (f"jsno={tmp_path}/a", "no format"),
        (f"json={tmp_path}/nowhere/a.json", "there is no folder"),
        (f"json={tmp_path}", "is a folder"),
    ]:
        with pytest.raises(UsageError, match=why):
            outputs([wrong])
