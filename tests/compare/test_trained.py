"""Run folders are read like any stranger's: one that cannot be compared is refused with one line."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.example_compared import NAMES, lay_out, record_of
from tests.example_evidence import evidence, of_old
from tests.example_runs import of_yolov5
from yoloaudit.compare.budget import budget
from yoloaudit.compare.trained import Trained, read_trained
from yoloaudit.errors import DataError, UsageError, YoloauditError


def test_what_a_run_tells(tmp_path: Path) -> None:
    made = evidence(1)
    run = read_trained(lay_out(tmp_path / "exp", made))
    assert run.names == NAMES
    assert run.evidence.images == made.images
    assert run.epochs is not None
    assert len(run.epochs) == 3
    assert (run.told("options", "seed"), run.told("nothing", "at", "all")) == (0, None)
    assert run.told("evaluation", "evidence") is None


def test_a_record_of_old_is_read(tmp_path: Path) -> None:
    record = record_of(of_old(evidence(1)))
    packed = record["evaluation"]["evidence"]
    del packed["format"]
    packed["detections"]["score"] = " ".join(str(int(each) // 1000) for each in packed["detections"]["score"].split())
    (tmp_path / "record.json").write_text(json.dumps(record))
    run = read_trained(str(tmp_path))
    assert run.evidence.boxes is None
    assert run.epochs is None


def test_no_run_and_half_a_run(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("missing", "empty", "a\0b"):
        with pytest.raises(UsageError, match=r"no such folder|no run lies there"):
            read_trained(str(tmp_path / folder))
    with pytest.raises(DataError, match=r"not finished.*--resume"):
        read_trained(str(of_yolov5(tmp_path / "half")))


def test_the_run_of_a_fold_is_refused(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "exp" / "folds" / "1", evidence(1))
    with pytest.raises(UsageError, match=r"one fold.*Name the run above"):
        read_trained(folder)


def test_a_run_without_val_is_refused(tmp_path: Path) -> None:
    record = record_of(evidence(1))
    del record["evaluation"]
    (tmp_path / "record.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match="not held against val"):
        read_trained(str(tmp_path))


HOSTILE: list[bytes] = [
    b"", b"[]", b"{", b"null", b"NaN", b'"x"', b"\xff\xfe\0\0", b"[" * 99 + b"]" * 99, b'{"format": 2}',
    b'{"format": 1, "evaluation": 5}', b'{"format": 1, "evaluation": {"evidence": NaN}}',
    b'{"format": 1, "evaluation": {"evidence": {"images": ["a"], "digests": "x", "labels": 1, "detections": 2}}}',
    b'{"format": ' + b"9" * 100 + b"}", b'{"format": "' + b"x" * 1000 + b'"}',
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=lambda content: repr(content[:30]))
def test_a_spoilt_record_is_refused_with_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(YoloauditError) as told:
        read_trained(str(tmp_path))
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 600


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "exp").mkdir()
    lay_out(tmp_path / "other", evidence(1))
    (tmp_path / "exp" / "record.json").symlink_to(tmp_path / "other" / "record.json")
    with pytest.raises(DataError, match="link to outside the run folder"):
        read_trained(str(tmp_path / "exp"))


PLACES = ["dataset", "options", "hyper", "versions", "device", "epochs", "batch", "tool", "history"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_whatever_else_a_record_says_is_no_traceback(place: str, value: Any, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(json.dumps(record_of(evidence(1)) | {place: value}))
    run = Trained("", (), evidence(1))
    with suppress(DataError):
        run = read_trained(str(tmp_path))
    assert all(isinstance(name, str) for name in run.names)
    assert budget([run], [run]) == []


def test_names_that_stand_twice_are_told_apart(tmp_path: Path) -> None:
    assert read_trained(lay_out(tmp_path, evidence(1), ["cat", "cat", "dog"])).names == ("cat", "cat (2)", "dog")


def test_too_few_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no name"):
        read_trained(lay_out(tmp_path, evidence(1), ["cat"]))


def test_a_record_that_names_no_class_has_numbers(tmp_path: Path) -> None:
    record = record_of(evidence(1))
    del record["dataset"]["names"]
    (tmp_path / "record.json").write_text(json.dumps(record))
    assert read_trained(str(tmp_path)).names == ("class 0", "class 1", "class 2")
