"""The root of a repository: as a CI system names it, else where git's folder lies."""

from pathlib import Path

import pytest

from yoloaudit.cli.repository import VARIABLES, base_of


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_the_nearest_folder_with_git(tmp_path: Path) -> None:
    (tmp_path / "repo" / "a" / "b").mkdir(parents=True)
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere")
    assert base_of(str(tmp_path / "repo" / "a" / "b")) == str(tmp_path / "repo")
    assert base_of(str(tmp_path / "repo")) == str(tmp_path / "repo")


def test_none_outside_of_any(tmp_path: Path) -> None:
    assert base_of(str(tmp_path)) is None


@pytest.mark.parametrize("variable", VARIABLES)
def test_what_ci_says_counts_where_the_folder_lies_in_it(
    tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work" / "repo").mkdir(parents=True)
    (tmp_path / "elsewhere" / ".git").mkdir(parents=True)
    monkeypatch.setenv(variable, str(tmp_path / "work"))
    assert base_of(str(tmp_path / "work" / "repo")) == str(tmp_path / "work")
    assert base_of(str(tmp_path / "elsewhere")) == str(tmp_path / "elsewhere")
