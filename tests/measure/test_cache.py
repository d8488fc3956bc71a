"""What is kept comes back whole, or not at all."""

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from yoloaudit.measure import hint
from yoloaudit.measure.cache import Cache, default_folder
from yoloaudit.measure.facts import LOOKED, Facts, Texts, blank

PROJECT = Path(__file__).resolve().parents[2]


def _facts(count: int = 3) -> Facts:
    facts = blank(count)
    rng = np.random.default_rng(1)
    facts.records["state"], facts.records["decoded"] = LOOKED, True
    facts.records["sharpness"] = rng.uniform(size=count)
    for place in range(count):
        facts.records["content"][place] = np.void(bytes([place + 1] * 16))
    facts.texts[0] = Texts(damage="ends early", camera="Кадр \u2028 \udcff")
    facts.pictures[:] = rng.integers(0, 255, facts.pictures.shape)
    return facts


NAMES = [b"a.jpg", b"\xff\n.jpg", b"c.jpg"]


def _kept(folder: Path) -> str:
    cache = Cache(str(folder), "root")
    cache.keep(NAMES, _facts())
    cache.commit()
    cache.close()
    assert cache.problem is None
    assert cache.path is not None
    return cache.path


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    _kept(tmp_path)
    again, wanted = Cache(str(tmp_path), "root"), _facts()
    known = again.known()
    assert known.paths == NAMES
    assert known.records.tobytes() == wanted.records.tobytes()
    assert known.texts == wanted.texts
    keys = [bytes([3] * 16), bytes([9] * 16), bytes([1] * 16)]
    pictures, missing = again.pictures(keys)
    assert (pictures[[0, 2]] == wanted.pictures[[2, 0]]).all()
    assert missing == [1]


def test_a_cache_without_a_folder_works_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = Cache()
    cache.keep(NAMES, _facts())
    assert cache.known().paths == NAMES
    cache.close()
    assert list(tmp_path.iterdir()) == []


def test_another_root_or_limit_has_another_file(tmp_path: Path) -> None:
    paths = {Cache(str(tmp_path), root, limit).path for root in ("a", "b") for limit in (1, 2)}
    assert len(paths) == 4


@pytest.mark.parametrize("content", [b"", b"not a database, though long enough to look like one" * 100])
def test_what_is_no_database_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = _kept(tmp_path)
    Path(path).write_bytes(content)
    cache = Cache(str(tmp_path), "root")
    assert cache.known().paths == []
    cache.keep(NAMES, _facts())
    cache.commit()
    assert cache.problem is None
    assert Cache(str(tmp_path), "root").known().paths == NAMES


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recipe SET text = 'another'",
        "DELETE FROM recipe",
        "PRAGMA application_id = 7",
        "CREATE TABLE more (x)",
        "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END",
        "DROP TABLE pictures",
    ],
)
def test_a_foreign_database_is_made_anew(tmp_path: Path, statement: str) -> None:
    path = _kept(tmp_path)
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()
    assert Cache(str(tmp_path), "root").known().paths == []


def test_a_changed_row_or_picture_does_not_count(tmp_path: Path) -> None:
    path = _kept(tmp_path)
    database = sqlite3.connect(path)
    for table, column, key in (("files", "facts", "path"), ("pictures", "greys", "contents")):
        value, name = database.execute(f"SELECT {column}, {key} FROM {table} LIMIT 1").fetchone()
        flipped = value[:50] + bytes([value[50] ^ 1]) + value[51:]
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (flipped, name))
    database.execute("UPDATE files SET facts = 'text' WHERE path = ?", (NAMES[2],))
    database.commit()
    database.close()
    cache = Cache(str(tmp_path), "root")
    assert cache.known().paths == [NAMES[1]]
    assert cache.pictures([bytes([place] * 16) for place in (1, 2, 3)])[1] == [0, 1, 2]


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = _kept(tmp_path)
    whole, wanted = Path(path).read_bytes(), _facts()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(whole), 60).tolist():
        Path(path).write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        cache = Cache(str(tmp_path), "root")
        known = cache.known()
        for name, record in zip(known.paths, known.records, strict=True):
            assert record.tobytes() == wanted.records[NAMES.index(name)].tobytes()
        cache.close()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    path = _kept(tmp_path / "cache")
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    os.unlink(path)
    os.symlink(target, path)
    cache = Cache(str(tmp_path / "cache"), "root")
    cache.keep(NAMES, _facts())
    cache.commit()
    assert target.read_bytes() == b"mine"
    assert cache.problem is not None


def test_a_folder_that_cannot_be_made_is_a_problem_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(str(tmp_path / "file" / "below"), "root")
    cache.keep(NAMES, _facts())
    assert cache.problem is not None
    assert cache.known().paths == NAMES


def test_a_lock_of_another_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hint, "LOCK_SECONDS", 0.05)
    path = _kept(tmp_path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    cache = Cache(str(tmp_path), "root")
    assert cache.problem is not None
    assert cache.known().paths == []
    other.execute("ROLLBACK")
    other.close()
    assert Cache(str(tmp_path), "root").known().paths == NAMES


def test_the_default_folder_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() is None or os.path.isabs(default_folder() or "")
