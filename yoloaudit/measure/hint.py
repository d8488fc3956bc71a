"""A path and the form of what lies there → a SQLite database that is ours and whole, or one that is soon gone.

What is kept is a hint, and never trusted: whoever keeps rows keeps a checksum in each. A file that is no database,
belongs to something else or was written by another recipe is made anew. No failure of the database ends anything.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

LOCK_SECONDS = 1.0
"""A lock of another process is waited for no longer; what could not be kept is found out again next time."""
PAGE_BYTES = 32768
RECIPE_TABLE = "CREATE TABLE recipe (text TEXT NOT NULL)"

T = TypeVar("T")


class Form(NamedTuple):
    """What tells a database of ours from all others."""

    application: int
    tables: tuple[str, ...]
    """The statements that make them, besides the recipe."""
    recipe: str
    """What the rows depend on."""


class Hint:
    """A database that may be lost at any time; without a path it lasts as long as this object."""

    def __init__(self, path: str | None, form: Form) -> None:
        self.path = path
        self.problem: str | None = None
        """Why nothing is kept for the next time."""
        self._database = self._open(form)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._database.close()

    def commit(self) -> None:
        """Make what was written last."""
        self._try(self._database.commit, None)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a query finds; nothing where the database fails."""
        nothing: list[Any] = []
        return self._try(lambda: self._database.execute(query, values).fetchall(), nothing)

    def write(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        """Write rows, or let it be."""
        if rows:
            self._try(lambda: self._database.executemany(statement, rows), None)

    def _try(self, action: Callable[[], T], otherwise: T) -> T:
        try:
            return action()
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            self.problem = str(error)
            return otherwise

    def _open(self, form: Form) -> sqlite3.Connection:
        if self.path is None:
            return _passing(form)
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            if os.path.islink(self.path):
                raise OSError("it is a link")
            return _ours(self.path, form)
        except (sqlite3.Error, OSError) as error:
            self.problem = str(error)
            return _passing(form)


def _passing(form: Form) -> sqlite3.Connection:
    """A database that is gone once it is closed: a file without a name, or memory where none can be written."""
    try:
        return _laid_out(_connect(""), form)
    except sqlite3.Error:
        return _laid_out(_connect(":memory:"), form)


def _ours(path: str, form: Form) -> sqlite3.Connection:
    """The database at this path, made anew unless it is ours and whole."""
    for _ in range(2):
        database, kept = None, False
        try:
            database = _connect(path)
            kept = _is_ours(database, form)
            if kept:
                return database
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise
        finally:
            if database is not None and not kept:
                database.close()
        for suffix in ("", "-journal"):
            with suppress(FileNotFoundError):
                os.unlink(path + suffix)
    raise sqlite3.DatabaseError("it cannot be made anew")


def _connect(path: str) -> sqlite3.Connection:
    """A database whose own text cannot run anything."""
    database = sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level="IMMEDIATE", check_same_thread=False)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a new database
        database.execute("PRAGMA synchronous = OFF")  # checksums tell what a loss of power may leave
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_ours(database: sqlite3.Connection, form: Form) -> bool:
    """Whether this is of that form; an empty database becomes so."""
    database.execute("BEGIN IMMEDIATE")
    if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _laid_out(database, form)
        return True
    ours = database.execute("PRAGMA application_id").fetchone()[0] == form.application
    layout = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    ours = ours and layout == [RECIPE_TABLE, *form.tables]
    written = database.execute("SELECT text FROM recipe").fetchall() if ours else None
    database.rollback()
    return written == [(form.recipe,)]


def _laid_out(database: sqlite3.Connection, form: Form) -> sqlite3.Connection:
    for statement in (RECIPE_TABLE, *form.tables):
        database.execute(statement)
    database.execute("INSERT INTO recipe VALUES (?)", (form.recipe,))
    database.execute(f"PRAGMA application_id = {form.application}")
    database.commit()
    return database
