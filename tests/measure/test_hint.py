"""A database that is ours and whole, or made anew, or one that is soon gone; the caches have tests of their own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yoloaudit.measure.hint import Form, Hint

PROJECT = Path(__file__).resolve().parents[2]
FORM = Form(77, ("CREATE TABLE facts (name BLOB PRIMARY KEY, body BLOB NOT NULL)",), "one")
INSERT, SELECT = "INSERT INTO facts VALUES (?, ?)", "SELECT name, body FROM facts"


def _kept(path: Path, form: Form = FORM) -> None:
    hint = Hint(str(path), form)
    hint.write(INSERT, [(b"a", b"1")])
    hint.commit()
    hint.close()
    assert hint.problem is None


def test_what_is_written_is_there_the_next_time(tmp_path: Path) -> None:
    _kept(tmp_path / "folder" / "a.sqlite")
    assert Hint(str(tmp_path / "folder" / "a.sqlite"), FORM).rows(SELECT) == [(b"a", b"1")]


MORE = (*FORM.tables, "CREATE TABLE more (c)")


@pytest.mark.parametrize("change", [{"recipe": "two"}, {"application": 78}, {"tables": MORE}])
def test_what_has_another_form_is_made_anew(change: dict[str, Any], tmp_path: Path) -> None:
    _kept(tmp_path / "a.sqlite")
    again = Hint(str(tmp_path / "a.sqlite"), FORM._replace(**change))
    assert (again.rows(SELECT), again.problem) == ([], None)


def test_a_failure_is_a_problem_and_nothing_found(tmp_path: Path) -> None:
    hint = Hint(None, FORM)
    hint.write(INSERT, [(b"a", b"1"), (b"a", b"2")])
    assert "UNIQUE" in (hint.problem or "")
    assert hint.rows("SELECT nothing FROM nowhere") == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_where_no_file_may_grow_rows_are_kept_in_memory(tmp_path: Path) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "from tests.measure.test_hint import FORM, INSERT, SELECT; from yoloaudit.measure.hint import Hint\n"
        f"hint = Hint({str(tmp_path / 'a.sqlite')!r}, FORM); told = hint.problem is not None\n"
        "hint.write(INSERT, [(b'a', b'1')]); print(told, hint.rows(SELECT))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=PROJECT)
    assert (ran.stdout.strip(), ran.returncode) == ("True [(b'a', b'1')]", 0), ran.stderr
