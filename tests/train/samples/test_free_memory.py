"""How much memory is available is read from the system, and a container's limit is kept."""

from pathlib import Path

import pytest

from yoloaudit.train.samples import free_memory

MIB = 1 << 20
MEMINFO = "MemTotal:       1000000 kB\nMemFree:  1 kB\nMemAvailable:    2048 kB\n"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    groups = tuple(str(tmp_path / name) for name in ("max", "current", "stat"))
    monkeypatch.setattr(free_memory, "SYSTEM", str(tmp_path / "meminfo"))
    monkeypatch.setattr(free_memory, "GROUPS", groups)
    return tmp_path


def test_this_system_has_some() -> None:
    assert free_memory.available() > MIB


def test_without_a_container(system: Path) -> None:
    (system / "meminfo").write_text(MEMINFO)
    assert free_memory.available() == 2 * MIB
    (system / "max").write_text("max\n")
    (system / "current").write_text("5")
    assert free_memory.available() == 2 * MIB


def test_in_a_container_files_that_can_be_read_again_do_not_count(system: Path) -> None:
    (system / "meminfo").write_text(MEMINFO)
    (system / "max").write_text(f"{2 * MIB}\n")
    (system / "current").write_text(f"{MIB + 100}\n")
    assert free_memory.available() == MIB - 100
    (system / "stat").write_text("anon 7\ninactive_file 100\n")
    assert free_memory.available() == MIB
    (system / "current").write_text(f"{9 * MIB}\n")
    assert free_memory.available() == 0


@pytest.mark.parametrize("text", ["", "MemAvailable:", "MemAvailable: many kB", "\0\xff"])
def test_a_system_that_says_nothing(system: Path, text: str) -> None:
    assert free_memory.available() == free_memory.UNKNOWN
    (system / "meminfo").write_text(text, encoding="latin-1")
    assert free_memory.available() == free_memory.UNKNOWN
