"""Edits are done whole or not at all, whatever fails, and whenever the process dies."""

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.example_mending import Facts, tree
from yoloaudit import files
from yoloaudit.errors import YoloauditError
from yoloaudit.repair import apply as applying
from yoloaudit.repair import journal, undo
from yoloaudit.repair.apply import apply
from yoloaudit.repair.edits import Edit, Move, Write
from yoloaudit.repair.lock import held
from yoloaudit.repair.places import Places, digest_of
from yoloaudit.repair.undo import recovered

OLD = {
    "labels/a.txt": b"old a",
    "labels/b.txt": b"",
    "labels/c.TXT": b"c",
    "images/d.jpg": b"old d",
    "labels/e.txt": b"e",
}
EDITS: list[Edit] = [
    Write("labels/a.txt", b"old a", b"new a"),
    Write("labels/b.txt", b"", b"new b"),
    Move("labels/c.TXT", "labels/c.txt", digest_of(b"c")),
    Write("images/d.jpg", b"old d", b"new d", keep=".yoloaudit/quarantine/0001/images/d.jpg"),
    Move("labels/e.txt", ".yoloaudit/quarantine/0001/labels/e.txt", digest_of(b"e")),
    Write("labels/more/f.txt", None, b""),
]
NEW = {"labels/a.txt": b"new a", "labels/b.txt": b"new b", "labels/c.txt": b"c", "images/d.jpg": b"new d"}
CALLS = [(os, "replace"), (os, "rename"), (os, "unlink"), (os, "mkdir"), (os, "rmdir"), (os, "utime"), (os, "fsync")]
MADE = [(applying, "create"), (undo, "create"), (files, "write_all"), (applying, "sync_all"), (undo, "sync_all")]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name, content in OLD.items():
        place = tmp_path / "set" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, ns=(10**18, 10**18))
    return Places(str(tmp_path / "set"))


def shown(places: Places) -> dict[str, Facts | str | None]:
    return tree(Path(places.path))


def contents(places: Places) -> dict[str, bytes]:
    """What is in the files of the data set, and of none of ours."""
    facts = tree(Path(places.path), without=".yoloaudit")
    return {name: found[0] for name, found in facts.items() if isinstance(found, tuple)}


def do(places: Places) -> applying.Applied:
    with held(places):
        recovered(places)
        return apply(places, EDITS, "test")


def take_back(places: Places) -> undo.Undone | None:
    with held(places):
        return undo.undo(places)


def test_all_is_done_and_all_is_taken_back_with_times_and_modes(places: Places) -> None:
    os.chmod(os.path.join(places.path, "labels/a.txt"), 0o640)
    before = shown(places)
    applied = do(places)
    assert (len(applied.done), applied.refused, applied.number) == (6, [], 1)
    assert contents(places) == NEW | {"labels/more/f.txt": b""}
    assert os.stat(os.path.join(places.path, "labels/a.txt")).st_mode & 0o777 == 0o640
    assert Path(places.path, ".yoloaudit/quarantine/0001/images/d.jpg").read_bytes() == b"old d"
    undone = take_back(places)
    assert undone is not None
    assert (undone.restored, undone.kept) == (6, [])
    assert shown(places) == before


def test_fixes_are_taken_back_one_after_the_other(places: Places) -> None:
    before = shown(places)
    do(places)
    middle = shown(places)
    with held(places):
        apply(places, [Write("labels/a.txt", b"new a", b"newer")], "again")
    take_back(places)
    assert shown(places) == middle
    take_back(places)
    assert shown(places) == before
    assert take_back(places) is None


@contextmanager
def counted(act: Callable[[int], None]) -> Iterator[list[int]]:
    """Call `act` with the number of each call that changes the file system, before it is made."""
    count, fsync = [0], os.fsync
    kept = [(module, name, getattr(module, name)) for module, name in (*CALLS, *MADE)]

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def one(*arguments: Any, **options: Any) -> Any:
            count[0] += 1
            act(count[0])
            return None if call is fsync else call(*arguments, **options)

        return one

    for module, name, call in kept:
        setattr(module, name, wrapped(call))
    try:
        yield count
    finally:
        for module, name, call in kept:
            setattr(module, name, call)


def killed(work: Callable[[], object], at: int) -> bool:
    """Do the work in a process that dies by kill -9 before its call number `at`; whether it got so far."""
    child = os.fork()
    if child == 0:
        with counted(lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == at else None):
            work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("then", ["undo", "again"])
def test_a_kill_at_any_moment_leaves_one_of_the_two_whole_states_to_be_had(
    places: Places, then: str, tmp_path: Path
) -> None:
    before, at = shown(places), 1
    while killed(lambda: do(places), at):
        if then == "undo":
            take_back(places)
        else:
            do(places)
            assert contents(places) == NEW | {"labels/more/f.txt": b""}, f"killed at call {at}"
            take_back(places)
        assert shown(places) == before, f"killed at call {at}"
        at += 1
    assert at > 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("then", ["undo", "again"])
def test_a_kill_while_it_is_taken_back_does_no_harm(places: Places, then: str) -> None:
    before, at = shown(places), 1
    do(places)
    while killed(lambda: take_back(places), at):
        if then == "again":
            do(places)
            assert contents(places) == NEW | {"labels/more/f.txt": b""}, f"killed at call {at}"
        while take_back(places) is not None:
            pass
        assert shown(places) == before, f"killed at call {at}"
        do(places)
        at += 1
    assert at > 10


def failing(places: Places, at: int, code: int) -> tuple[int, str]:
    """Do it with this error at call number `at`; the calls that were made, and what was said."""

    def fail(number: int) -> None:
        if number == at:
            raise OSError(code, os.strerror(code))

    with counted(fail) as count:
        try:
            do(places)
        except YoloauditError as error:
            return count[0], str(error)
    return count[0], ""


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_leaves_all_as_it_was(places: Places, code: int) -> None:
    before, at, said = shown(places), 1, set()
    while True:
        calls, message = failing(places, at, code)
        if calls < at:
            break
        said.add(message.split(":")[0])
        if message.startswith("nothing was changed:"):
            assert shown(places) == before, f"failed at call {at}"
        while take_back(places) is not None:
            pass
        assert shown(places) == before, f"failed at call {at}"
        at += 1
    assert "nothing was changed" in said


def test_what_changed_since_the_fix_stays_and_what_it_was_is_kept(places: Places) -> None:
    do(places)
    Path(places.path, "labels/a.txt").write_bytes(b"by hand")
    Path(places.path, "labels/more/f.txt").write_bytes(b"by hand")
    undone = take_back(places)
    assert undone is not None
    assert {kept.path: kept.earlier for kept in undone.kept} == {
        "labels/a.txt": ".yoloaudit/kept/0001/labels/a.txt",
        "labels/more/f.txt": None,
    }
    assert contents(places) == {**OLD, "labels/a.txt": b"by hand", "labels/more/f.txt": b"by hand"}
    assert Path(places.path, ".yoloaudit/kept/0001/labels/a.txt").read_bytes() == b"old a"


@pytest.mark.parametrize("name", ["labels/a.txt", "labels/c.TXT"])
def test_an_edit_of_a_file_that_changed_is_refused(places: Places, name: str) -> None:
    Path(places.path, name).write_bytes(b"by hand")
    applied = do(places)
    assert [refused.edit.path for refused in applied.refused] == [name]
    assert len(applied.done) == 5
    assert Path(places.path, name).read_bytes() == b"by hand"


def test_nothing_is_moved_onto_another_file(places: Places) -> None:
    Path(places.path, "labels/c.txt").write_bytes(b"other")
    applied = do(places)
    assert "exists" in applied.refused[0].why
    assert Path(places.path, "labels/c.txt").read_bytes() == b"other"


def test_what_changed_in_the_last_moment_is_refused(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "sync_all", lambda _: Path(places.path, "labels/a.txt").write_bytes(b"by hand"))
    applied = do(places)
    assert [refused.edit.path for refused in applied.refused] == ["labels/a.txt"]
    assert Path(places.path, "labels/a.txt").read_bytes() == b"by hand"
    assert not [name for name in os.listdir(os.path.join(places.path, "labels")) if name.startswith(".")]


def test_where_all_is_refused_nothing_is_left_behind(places: Places) -> None:
    before = shown(places)
    with held(places):
        applied = apply(places, [Write("labels/a.txt", b"other", b"new")], "test")
    assert applied.number is None
    assert shown(places) == before


def test_an_interrupt_takes_all_back(places: Places) -> None:
    before = shown(places)

    def stop(number: int) -> None:
        if number == 12:
            raise KeyboardInterrupt

    with counted(stop), pytest.raises(KeyboardInterrupt):
        do(places)
    assert shown(places) == before


def test_a_folder_that_cannot_be_written_is_refused_in_words(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.create

    def create(path: str, data: bytes, like: os.stat_result | None = None) -> None:
        if "/labels/" in path:
            raise PermissionError(errno.EACCES, "Permission denied")
        real(path, data, like)

    monkeypatch.setattr(applying, "create", create)
    applied = do(places)
    assert {refused.why for refused in applied.refused} == {"cannot be written: Permission denied"}
    assert len(applied.done) == 3


def test_journals_are_numbered_on(places: Places) -> None:
    do(places)
    assert journal.numbers(places) == [(1, False)]
    assert journal.following(places) == 2
