"""What was seen comes back whole, or not at all; two processes may share a file; nothing in it is believed."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yoloaudit.measure import hint
from yoloaudit.measure import prediction_cache as module
from yoloaudit.measure.prediction_cache import DETECTION, Known, PredictionCache

SETTINGS = {"imgsz": 640, "conf": 0.001}


def known(count: int, seed: int = 0) -> Known:
    random = np.random.default_rng(seed)
    records = np.zeros(count, DETECTION)
    records["box"], records["score"] = random.uniform(0, 640, (count, 4)), random.uniform(size=count)
    records["class_id"] = random.integers(0, 80, count)
    return Known(480, 640, records)


SEEN = [(bytes([number] * 16), known(number, number)) for number in range(4)]
KEYS = [content for content, _ in SEEN]


def cache(folder: Path, weights: str = "abc") -> PredictionCache:
    return PredictionCache(str(folder), weights, SETTINGS)


def kept(folder: Path) -> Path:
    made = cache(folder)
    made.keep(SEEN)
    made.close()
    assert made.problem is None
    assert made.path is not None
    return Path(made.path)


def equal(found: Known, wanted: Known) -> bool:
    return found[:2] == wanted[:2] and found.detections.tobytes() == wanted.detections.tobytes()


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    kept(tmp_path)
    found = cache(tmp_path).known([*KEYS, b"?" * 16, KEYS[0]])
    assert list(found) == KEYS
    assert all(equal(found[content], wanted) for content, wanted in SEEN)
    assert cache(tmp_path).known([]) == {}


def test_without_a_folder_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = PredictionCache(None, "abc", SETTINGS)
    made.keep(SEEN)
    assert list(made.known(KEYS)) == KEYS
    made.close()
    assert list(tmp_path.iterdir()) == []


def test_other_weights_and_settings_have_other_files(tmp_path: Path) -> None:
    made = [
        cache(tmp_path),
        cache(tmp_path, "abd"),
        PredictionCache(str(tmp_path), "abc", SETTINGS | {"imgsz": 320}),
        PredictionCache(str(tmp_path), "abc", SETTINGS | {"half": False}),
    ]
    assert len({one.path for one in made}) == 4
    assert cache(tmp_path).path == PredictionCache(str(tmp_path), "abc", dict(reversed(SETTINGS.items()))).path


@pytest.mark.parametrize("content", [b"", b"not a database, though long enough to look like one" * 100])
def test_what_is_no_database_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = kept(tmp_path)
    path.write_bytes(content)
    again = cache(tmp_path)
    assert again.known(KEYS) == {}
    again.keep(SEEN)
    assert again.problem is None
    assert list(cache(tmp_path).known(KEYS)) == KEYS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recipe SET text = 'another'",
        "PRAGMA application_id = 7",
        "CREATE TABLE more (x)",
        "CREATE TRIGGER t AFTER INSERT ON seen BEGIN DELETE FROM seen; END",
        "DROP TABLE recipe",
    ],
)
def test_a_foreign_database_is_made_anew(tmp_path: Path, statement: str) -> None:
    database = sqlite3.connect(kept(tmp_path))
    database.execute(statement)
    database.commit()
    database.close()
    assert cache(tmp_path).known(KEYS) == {}


def test_a_row_of_another_content_or_of_half_its_length_does_not_count(tmp_path: Path) -> None:
    path = kept(tmp_path)
    database = sqlite3.connect(path)
    (body,) = database.execute("SELECT body FROM seen WHERE content = ?", (KEYS[3],)).fetchone()
    database.execute("UPDATE seen SET body = ? WHERE content = ?", (body, KEYS[1]))
    database.execute("UPDATE seen SET body = ? WHERE content = ?", (body[:-5], KEYS[2]))
    database.execute("UPDATE seen SET body = 'text' WHERE content = ?", (KEYS[0],))
    database.commit()
    database.close()
    assert list(cache(tmp_path).known(KEYS)) == [KEYS[3]]


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = kept(tmp_path)
    whole = path.read_bytes()
    for place in np.random.default_rng(0).integers(0, len(whole), 60).tolist():
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        made = cache(tmp_path)
        for content, found in made.known(KEYS).items():
            assert equal(found, SEEN[KEYS.index(content)][1])
        made.close()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    path = kept(tmp_path / "cache")
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    path.unlink()
    os.symlink(target, path)
    made = cache(tmp_path / "cache")
    made.keep(SEEN)
    assert target.read_bytes() == b"mine"
    assert made.problem is not None


def test_a_folder_that_cannot_be_made_is_a_problem_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made = cache(tmp_path / "file")
    made.keep(SEEN)
    assert made.problem is not None
    assert list(made.known(KEYS)) == KEYS


def test_a_lock_of_another_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hint, "LOCK_SECONDS", 0.05)
    made = cache(tmp_path)
    other = sqlite3.connect(str(made.path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    made.keep(SEEN)
    assert made.problem is not None
    other.execute("ROLLBACK")
    other.close()
    assert cache(tmp_path).known(KEYS) == {}


def test_two_processes_keep_side_by_side(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(module.__file__).parents[2])!r})
import numpy as np
from yoloaudit.measure.prediction_cache import DETECTION, Known, PredictionCache
cache = PredictionCache({str(tmp_path)!r}, "abc", {SETTINGS!r})
first = int(sys.argv[1])
for number in range(first, first + 40):
    cache.keep([(number.to_bytes(16, "big"), Known(1, number, np.zeros(number, DETECTION)))])
print(cache.problem)
"""
    run = [sys.executable, "-c", code]
    both = [subprocess.Popen([*run, first], stdout=subprocess.PIPE, text=True) for first in ("0", "40")]
    assert [process.communicate(timeout=60)[0].strip() for process in both] == ["None", "None"]
    found = cache(tmp_path).known([number.to_bytes(16, "big") for number in range(80)])
    assert [len(one.detections) for one in found.values()] == [one.width for one in found.values()]
    assert len(found) == 80
