"""What tests of commands share: a repository with a data set in it."""

from pathlib import Path

import pytest

from tests.example_ci import BROKEN
from yoloaudit.testing import lay_out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a data set in it, which is the working folder."""
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    lay_out(str(tmp_path / "repo" / "pets"), BROKEN)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"
