"""A journal that came with a data set is trusted in nothing: it changes labels and images of the folder, or nothing."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoloaudit.errors import DataError
from yoloaudit.repair import journal
from yoloaudit.repair.journal import Entry, Journal
from yoloaudit.repair.places import Places, digest_of
from yoloaudit.repair.undo import undo

TOKEN = "0123456789abcdef"


def planted(folder: Path, *edits: dict[str, Any], **head: Any) -> None:
    """A journal as somebody may put it into a data set."""
    (folder / ".yoloaudit").mkdir(parents=True, exist_ok=True)
    known = {"yoloaudit": "fix", "format": 1, "token": TOKEN, "when": "now", "made_by": "x", "folders": []} | head
    body = "\n".join(json.dumps(line) for line in (known, *edits)).encode()
    end = json.dumps({"end": len(edits), "sha256": hashlib.sha256(body).hexdigest()}).encode()
    (folder / ".yoloaudit/fix-0001.done").write_bytes(body + b"\n" + end + b"\n")


def evil(path: str) -> dict[str, Any]:
    return {"path": path, "digest": digest_of(b"now"), "old": base64.b64encode(b"evil").decode()}


@given(
    st.lists(
        st.builds(
            Entry,
            st.text(st.characters(codec=None), min_size=1),
            st.just("d"),
            st.one_of(st.none(), st.binary()),
            keep=st.none(),
            was=st.none(),
            modified_ns=st.one_of(st.none(), st.integers(0, 2**62)),
            to=st.one_of(st.none(), st.text(min_size=1)),
        ),
        max_size=3,
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> None:
    places = Places(str(tmp_path_factory.mktemp("set")))
    (Path(places.path) / ".yoloaudit").mkdir()
    written = Journal(3, TOKEN, "yoloaudit fix", "now", entries, ["labels/a"])
    journal.write(places, written)
    assert journal.last(places) == written


@pytest.mark.parametrize(
    "path", ["../victim.txt", "/etc/passwd.txt", ".git/hooks/x.txt", "setup.py", "a/../../victim.txt"]
)
def test_no_other_file_is_ever_written(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "set"
    for place in (tmp_path / "victim.txt", folder / ".git/hooks/x.txt", folder / "setup.py"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"now")
    planted(folder, evil(path))
    undone = undo(Places(str(folder)))
    assert undone is not None
    assert not undone.restored
    for place in (tmp_path / "victim.txt", folder / ".git/hooks/x.txt", folder / "setup.py"):
        assert place.read_bytes() == b"now"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "labels").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    for place in (tmp_path / "victim.txt", tmp_path / "away/b.txt"):
        place.write_bytes(b"now")
    (folder / "labels/a.txt").symlink_to(tmp_path / "victim.txt")
    (folder / "labels/away").symlink_to(tmp_path / "away")
    planted(folder, evil("labels/a.txt"), evil("labels/away/b.txt"), folders=["../away", ".git"])
    undone = undo(Places(str(folder)))
    assert undone is not None
    assert not undone.restored
    assert (tmp_path / "victim.txt").read_bytes() == (tmp_path / "away/b.txt").read_bytes() == b"now"


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "token", "json", "old", "time"])
def test_a_damaged_journal_is_refused_in_a_line(tmp_path: Path, harm: str) -> None:
    edit = evil("labels/a.txt")
    facts: dict[str, dict[str, Any]] = {"old": {"old": "***"}, "time": {"modified_ns": 10**30}}
    edit |= facts.get(harm, {})
    planted(tmp_path, edit, **({"token": "../x"} if harm == "token" else {}))
    place = tmp_path / ".yoloaudit/fix-0001.done"
    data = place.read_bytes()
    damaged = {"cut": data[:-30], "flip": data.replace(b"labels", b"labelz"), "empty": b"", "json": b"[1]\n[2]\n"}
    place.write_bytes(damaged.get(harm, data))
    with pytest.raises(DataError, match="no whole journal"):
        undo(Places(str(tmp_path)))
