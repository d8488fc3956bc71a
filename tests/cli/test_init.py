"""`yoloaudit init`: files that are true of the data set, written only where a person wants them."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.example_ci import parsed
from yoloaudit.checks.base import Example
from yoloaudit.cli.init import COMMENT, CONFIG, GITHUB, GITLAB, init
from yoloaudit.config import Options, load_settings
from yoloaudit.errors import DataError, UsageError
from yoloaudit.testing import lay_out


def test_writes_settings_and_a_workflow(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init("pets", yes=True)
    out = capsys.readouterr().out
    assert f"wrote  {CONFIG}" in out
    assert f"wrote  {GITHUB}" in out
    assert "--write-ratchet" in out
    (check,) = [step for step in parsed(repository / GITHUB)["jobs"]["check"]["steps"] if step.get("id") == "check"]
    assert check["env"]["DATA"] == "pets"
    assert not (repository / COMMENT).exists()


def test_settings_are_valid_and_say_what_the_data_set_holds(repository: Path) -> None:
    init("pets/data.yaml", yes=True, ci="none")
    text = (repository / CONFIG).read_text(encoding="utf-8")
    settings = load_settings(str(repository / CONFIG))
    assert settings.options == Options(rules=["default"], fail_on="error", imgsz=640)
    assert "for pets/data.yaml: 2 classes;" in text
    assert "images in train" in text
    assert "is in 1 of train" in text
    for line in re.findall(r"(?m)^# ([a-z-]+ = .*)$", text):
        Options.model_validate(tomllib.loads(line))
    assert len(re.findall(r"(?m)^# [a-z-]+ = ", text)) == 3


def test_from_a_folder_below_it_is_written_at_the_root(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "pets")
    init(yes=True)
    assert (repository / GITHUB).exists()
    assert '"pets/data.yaml"' in (repository / GITHUB).read_text(encoding="utf-8")
    assert sorted(path.name for path in (repository / "pets").iterdir() if path.is_file()) == ["data.yaml"]


def test_a_dry_run_prints_and_writes_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(repository.rglob("*"))
    init("pets", dry_run=True, comment=True)
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("# ---- ")] == [
        f"# ---- {name}" for name in (CONFIG, GITHUB, COMMENT)
    ]
    assert sorted(repository.rglob("*")) == before


def test_what_exists_is_kept_unless_it_is_to_be_written_over(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / CONFIG).write_text("imgsz = 320\n")
    init("pets", yes=True)
    assert (repository / CONFIG).read_text() == "imgsz = 320\n"
    out = capsys.readouterr().out
    assert f"kept   {CONFIG}" in out
    assert "--force writes" in out
    init("pets", force=True)
    assert "imgsz = 640" in (repository / CONFIG).read_text(encoding="utf-8")
    capsys.readouterr()
    init("pets", yes=True)
    out = capsys.readouterr().out
    assert f"same   {CONFIG}" in out
    assert "--force" not in out


def test_a_link_to_elsewhere_is_not_followed(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (repository / CONFIG).symlink_to(tmp_path / "precious")
    init("pets", yes=True)
    assert (repository / CONFIG).is_symlink()
    init("pets", force=True)
    assert not (repository / CONFIG).is_symlink()
    assert (tmp_path / "precious").read_text() == "mine"


def test_asks_for_each_file(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def confirm(question: str, default: bool) -> bool:
        asked.append((question, default))
        return "workflows" not in question

    (repository / CONFIG).touch()
    monkeypatch.setattr("typer.confirm", confirm)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    init("pets")
    assert asked == [(f"{CONFIG} exists. Write over it?", False), (f"Write {GITHUB}?", True)]
    assert (repository / CONFIG).read_text()
    assert not (repository / GITHUB).exists()


def test_writes_nothing_where_nobody_can_answer(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="--yes"):
        init("pets")
    assert not (repository / CONFIG).exists()


def test_errors_say_what_to_do(repository: Path, tmp_path: Path) -> None:
    lay_out(str(tmp_path / "other"), Example())
    lay_out(str(repository / "a${{ secrets.X }}"), Example())
    with pytest.raises(UsageError, match="lies outside of"):
        init(str(tmp_path / "other"), yes=True)
    with pytest.raises(UsageError, match="holds a sign"):
        init("a${{ secrets.X }}", yes=True)
    with pytest.raises(UsageError, match="--branch holds a sign"):
        init("pets", yes=True, branch="a\nb")
    with pytest.raises(UsageError, match="--ci takes github, gitlab or none"):
        init("pets", yes=True, ci="jenkins")
    with pytest.raises(DataError):
        init("nowhere", yes=True)
    assert not (repository / CONFIG).exists()


def test_a_repository_with_a_gitlab_pipeline_keeps_it(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / GITLAB).write_text("mine: {script: [x]}\n")
    init("pets", yes=True)
    assert (repository / GITLAB).read_text() == "mine: {script: [x]}\n"
    assert f"kept   {GITLAB}" in capsys.readouterr().out
    assert not (repository / ".github").exists()


def test_git_lfs_is_noticed(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.jpg filter=lfs diff=lfs merge=lfs -text\n")
    init("pets", yes=True)
    assert "lfs: true" in (repository / GITHUB).read_text(encoding="utf-8")
