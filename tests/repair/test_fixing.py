"""Whole fixes: what is promised is gone, nothing worse has come, twice is once, and undo gives every byte back."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.example_mending import grow, label_files, tree
from yoloaudit.cli.fix_audit import audited
from yoloaudit.cli.fix_run import Asked, Story
from yoloaudit.dataset.load import load
from yoloaudit.engine import audit
from yoloaudit.findings import Finding, Severity
from yoloaudit.packs import load_rules
from yoloaudit.repair.edits import Write
from yoloaudit.repair.fixing import undo_last

SELECTED = ["rows", "boxes"]
WHOLE = ("class-id-offset", "pixel-coordinates", "corner-coordinates")
"""Rules that are told once for all of their rows."""
ENDS = (rb"\r\n", rb"\r(?!\n)", rb"(?<!\r)\n")
SLOW = settings(
    max_examples=300 if os.environ.get("YOLOAUDIT_SLOW") else 8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def mend(folder: Path, *, unsafe: bool = False, diff: bool = False) -> Story:
    asked = Asked(data=str(folder), unsafe=unsafe, diff=diff)
    return audited(asked, None, {"select": SELECTED, "workers": 1})


def findings(folder: Path) -> Iterator[Finding]:
    rules = load_rules(select=SELECTED)
    yield from audit(load(str(folder), workers=1), rules).findings


@SLOW
@given(labels=st.lists(label_files(), min_size=1, max_size=3), unsafe=st.booleans())
def test_undo_gives_every_byte_back_and_twice_is_once(tmp_path: Path, labels: list[bytes], unsafe: bool) -> None:
    folder = grow(tmp_path / "set", {f"train/{'abc'[i]}": data for i, data in enumerate(labels)})
    before = tree(folder)
    first = mend(folder, unsafe=unsafe)
    after = tree(folder)
    second = mend(folder, unsafe=unsafe)
    assert not second.fixed.plan.edits
    assert tree(folder) == after
    assert (before == after) == (first.fixed.number is None)
    if first.fixed.number is not None:
        undo_last(str(folder))
        assert tree(folder) == before


def place_of(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.where.label or ""


def counted(folder: Path) -> Counter[tuple[str, str]]:
    return Counter(map(place_of, findings(folder)))


@SLOW
@given(labels=st.lists(label_files(), min_size=1, max_size=3), unsafe=st.booleans())
def test_what_is_mended_is_gone_and_nothing_as_bad_has_come(tmp_path: Path, labels: list[bytes], unsafe: bool) -> None:
    folder = grow(tmp_path / "set", {f"train/{'abc'[i]}": data for i, data in enumerate(labels)})
    unread = {f"labels/train/{'abc'[i]}.txt" for i, data in enumerate(labels) if data.count(b"\0") > len(data) // 8}
    before = counted(folder)
    plan = mend(folder, unsafe=unsafe).fixed.plan
    mended = Counter((each.rule, each.path) for each in plan.mends)
    after = counted(folder)
    for place, count in mended.items():
        if place[1] not in unread and place[0] not in WHOLE:
            assert after[place] <= max(0, before[place] - count), "a defect that was to be mended is there"
    edited = {edit.path for edit in plan.edits} - unread
    come = {place for place, count in after.items() if count > before[place] and place[1] in edited}
    worse = {each for each in findings(folder) if each.severity is Severity.ERROR and place_of(each) in come}
    assert not worse, "an error where there was none"


@SLOW
@given(data=label_files())
def test_lines_that_are_not_mended_keep_their_bytes(tmp_path: Path, data: bytes) -> None:
    folder = grow(tmp_path / "set", {"train/a": data})
    before = tree(folder)
    plan = mend(folder, diff=True).fixed.plan
    assert tree(folder) == before
    touched = {mend.line for mend in plan.mends}
    if None in touched:
        return  # the file as a whole was written anew
    for edit in plan.edits:
        assert isinstance(edit, Write)
        old, new = (re.split(rb"\r\n|\r|\n", content) for content in (edit.old or b"", edit.new))
        kept = iter([line for number, line in enumerate(old, 1) if number not in touched])
        wanted = next(kept, None)
        for line in new:
            if line == wanted:
                wanted = next(kept, None)
        assert wanted is None
        ends = [sum(1 for _ in re.finditer(end, content)) for content in (edit.new, edit.old or b"") for end in ENDS]
        assert all(now <= then for now, then in zip(ends[:3], ends[3:], strict=True))


def test_safe_mends_are_done_and_unsafe_ones_are_told(tmp_path: Path) -> None:
    folder = grow(
        tmp_path / "set",
        {"train/a": b"1.0 0.5 0.5 0.2 0.2\r\n0 0.95 0.5 0.2 0.2\r\n0 0.3 0.3 0.1 0.1\r\n0 0.3 0.3 0.1 0.1"},
    )
    story = mend(folder)
    assert (folder / "labels/train/a.txt").read_bytes() == (
        b"1 0.5 0.5 0.2 0.2\r\n0 0.925000 0.5 0.150000 0.2\r\n0 0.3 0.3 0.1 0.1\r\n"
    )
    assert {mend.rule for mend in story.fixed.plan.mends} == {
        "fractional-class-id",
        "box-outside-image",
        "duplicate-row",
    }
    (folder / "labels/train/b.txt").write_bytes(b"0 0.5 0.5 0 0.2\n")
    grow(tmp_path / "other", {"train/b": b"0 0.5 0.5 0 0.2\n0 0.5 0.5 0.3 0.3\n"})
    told = mend(tmp_path / "other")
    assert not told.fixed.plan.edits
    assert [(left.rule, left.kind) for left in told.fixed.plan.left] == [("degenerate-box", "unsafe")]
    assert mend(tmp_path / "other", unsafe=True).fixed.number == 1
    assert (tmp_path / "other/labels/train/b.txt").read_bytes() == b"0 0.5 0.5 0.3 0.3\n"


def test_a_mend_that_puts_an_error_in_the_place_of_another_is_not_done(tmp_path: Path) -> None:
    folder = grow(tmp_path / "set", {"train/a": b"9, 0.5, 0.5, 0.2, 0.2\n"})
    story = mend(folder)
    assert not story.fixed.plan.edits
    assert [left.kind for left in story.fixed.plan.left] == ["harm"]
    assert "class-out-of-range" in story.fixed.plan.left[0].why


def test_a_fix_goes_on_until_nothing_is_left_to_mend(tmp_path: Path) -> None:
    folder = grow(tmp_path / "set", {"train/a": "1.0, 0.5, 0.5, 0.2, 0.2\n1 0.5 0.5 0.2 0.2\n".encode("utf-16")})
    mend(folder)
    assert (folder / "labels/train/a.txt").read_bytes() == b"1 0.5 0.5 0.2 0.2\n"


def test_the_trainers_caches_that_would_not_notice_are_put_aside(tmp_path: Path) -> None:
    folder = grow(tmp_path / "set", {"train/a": b"1.0 0.5 0.5 0.2 0.2\n"})
    (folder / "labels/train.cache").write_bytes(b"made by the trainer")
    (folder / "labels/val.cache").write_bytes(b"made by the trainer")
    before = tree(folder)
    mend(folder)
    assert not (folder / "labels/train.cache").exists()
    assert (folder / "labels/val.cache").exists()
    assert (folder / ".yoloaudit/quarantine/0001/labels/train.cache").read_bytes() == b"made by the trainer"
    undo_last(str(folder))
    assert tree(folder) == before


@pytest.mark.parametrize("name", ["link", "hard link", "read-only"])
def test_what_may_not_be_changed_is_refused_and_the_rest_is_done(tmp_path: Path, name: str) -> None:
    text = b"1.0 0.5 0.5 0.2 0.2\n"
    folder = grow(tmp_path / "set", {"train/a": text, "train/b": text})
    place = folder / "labels/train/a.txt"
    if name == "link":
        place.rename(folder / "a.keep")
        place.symlink_to(folder / "a.keep")
    elif name == "hard link":
        (folder / "other.txt").hardlink_to(place)
    else:
        place.chmod(0o444)
    story = mend(folder)
    assert place.read_bytes() == text
    assert (folder / "labels/train/b.txt").read_bytes() == b"1 0.5 0.5 0.2 0.2\n"
    assert [left.path for left in story.fixed.refused] == ["labels/train/a.txt"]
    assert name.split()[0] in story.fixed.refused[0].why


def test_journals_are_text_that_says_what_was_done(tmp_path: Path) -> None:
    folder = grow(tmp_path / "set", {"train/a": b"1.0 0.5 0.5 0.2 0.2\n"})
    mend(folder)
    lines = (folder / ".yoloaudit/fix-0001.done").read_text().splitlines()
    assert json.loads(lines[0])["made_by"] == f"yoloaudit fix {folder}"
    assert json.loads(lines[1])["path"] == "labels/train/a.txt"


def test_what_all_rows_need_waits_until_all_can_be_read(tmp_path: Path) -> None:
    """Ids count from 1: rows that are readable only after another mend are shifted with the others."""
    rows = "1 0.5 0.5 0.2 0.2\n3 0.3 0.3 0.2 0.2\n"
    files = {
        "train/a": rows.encode(),
        "train/b": rows.encode("utf-16"),
        "train/c": rows.replace(" ", ",").encode() + b"3 0.1 0.1 0.3 0.1 0.3 0.3\n",
    }
    folder = grow(tmp_path / "set", files)
    (folder / "labels/val/z.txt").write_text("3 0.5 0.5 0.2 0.2\n")
    assert mend(folder, unsafe=True).fixed.number is not None
    classes = {path.stem: [line.split()[0] for line in path.read_text().splitlines()] for path in labels_in(folder)}
    assert classes == {"a": ["0", "2"], "b": ["0", "2"], "c": ["0", "2", "2"], "z": ["2"]}


def labels_in(folder: Path) -> list[Path]:
    return sorted((folder / "labels").rglob("*.txt"))
