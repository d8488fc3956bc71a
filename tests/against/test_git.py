"""Git as plumbing: what a hostile repository would run is not run, what cannot be had is said in a line."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import example_repository as repository
from tests.cli.test_against import audited, counts, new
from tests.example_repository import git, needs_git
from yoloaudit.against import git as plumbing
from yoloaudit.errors import DataError, UsageError

pytestmark = needs_git
HOOKS = (
    "pre-commit",
    "post-checkout",
    "post-index-change",
    "fsmonitor-watchman",
    "reference-transaction",
    "pre-auto-gc",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    return repository.base(tmp_path / "pets", images=12)


def booby_trap(folder: Path, sentinel: Path) -> None:
    """Make everything that git can be told to run leave a mark."""
    run = f"touch '{sentinel}'"
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in HOOKS:
        for place in (hooks, folder / ".git" / "hooks"):
            (place / name).write_text(f"#!/bin/sh\n{run}\n")
            (place / name).chmod(0o755)
    settings = {
        "core.hooksPath": str(hooks),
        "core.fsmonitor": f"{run} #",
        "core.pager": run,
        "core.sshCommand": run,
        "core.askPass": run,
        "core.editor": run,
        "core.alternateRefsCommand": run,
        "core.gitProxy": run,
        "diff.external": run,
        "diff.evil.textconv": run,
        "diff.evil.command": run,
        "filter.evil.clean": run,
        "filter.evil.smudge": run,
        "filter.evil.process": run,
        "filter.evil.required": "true",
        "credential.helper": f"!{run}",
        "gpg.program": run,
        "alias.ls-tree": f"!{run}",
        "alias.cat-file": f"!{run}",
        "pager.ls-files": run,
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
        "remote.origin.url": f"ext::sh -c {run}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
    }
    for name, value in settings.items():
        git(folder, "config", name, value)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil text=auto\n")


@pytest.mark.parametrize("untrusted", [False, True])
def test_a_hostile_repository_runs_nothing(
    folder: Path, tmp_path: Path, untrusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentinel = tmp_path / "sentinel"
    (folder / ".gitattributes").write_text("* filter=evil diff=evil\n")
    repository.write(folder, "train/new1", repository.picture(1001), repository.GOOD)
    (folder / "labels/train/0001.txt").touch()
    missing = git(folder, "rev-parse", "main:labels/train/0002.txt").strip()
    (folder / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    booby_trap(folder, sentinel)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_PAGER", "GIT_EDITOR", "GIT_ASKPASS", "GIT_PROXY_COMMAND"):
        monkeypatch.setenv(name, f"touch '{sentinel}'")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch '{sentinel}' #")
    index = (folder / ".git" / "index").read_bytes()
    result = audited(folder, untrusted=untrusted)
    assert counts(result.report)["images added"] == 1
    assert [note for note in result.notes if "not in this clone" in note]
    assert not sentinel.exists()
    assert not (tmp_path / "trace").exists()
    assert (folder / ".git" / "index").read_bytes() == index


def test_the_trap_works(folder: Path, tmp_path: Path) -> None:
    """Git as a user calls it does run what the trap is made of."""
    sentinel = tmp_path / "sentinel"
    booby_trap(folder, sentinel)
    subprocess.run(["git", "-C", str(folder), "status"], check=False, capture_output=True)
    assert sentinel.exists()


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("--upload-pack=touch sentinel", "is no git ref"),
        ("-c", "is no git ref"),
        ("main\nHEAD", "is no git ref"),
        ("nowhere", "is neither a file, a folder, nor a ref of this git repository"),
        ("main:data.yaml", "is neither a file"),
        ("", "takes a git ref"),
    ],
)
def test_what_is_no_ref(folder: Path, ref: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        audited(folder, base=ref)
    assert "\n" not in str(caught.value)


def test_a_shallow_clone_says_what_to_fetch(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=change", folder.as_uri(), "shallow")
    with pytest.raises(UsageError, match=r"shallow clone\. Fetch it first: git fetch --depth=1 origin main"):
        audited(tmp_path / "shallow", base="origin/main")
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    assert counts(audited(tmp_path / "shallow", base="origin/main").report) == {}


def test_no_repository_and_no_git(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".git").rename(tmp_path / "git")
    with pytest.raises(DataError, match="is in no git repository"):
        audited(folder)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git, which is not installed"):
        audited(folder)


def test_a_repository_of_another_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(plumbing.ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(DataError, match=r"belongs to another user: git config --global --add safe\.directory"):
        audited(folder)


def test_a_bare_repository_among_the_data_is_not_used(folder: Path) -> None:
    """What looks like a repository can be part of a commit, settings and all."""
    for place in (folder / ".git").iterdir():
        place.rename(folder / place.name)
    (folder / ".git").rmdir()
    assert {"HEAD", "objects", "refs"} <= {place.name for place in folder.iterdir()}
    with pytest.raises(DataError, match=r"git cannot read the repository of .*bare"):
        audited(folder)


def test_untrusted_data_borrow_no_objects(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--shared", "--branch=change", str(folder), "borrower")
    assert counts(audited(tmp_path / "borrower", base="origin/main").report) == {}
    with pytest.raises(DataError, match="keeps its objects elsewhere"):
        audited(tmp_path / "borrower", base="origin/main", untrusted=True)


NAMES = (
    "with space",
    "new\nline",
    "tab\there",
    "quo'te\"s",
    "back\\slash",
    "ünï",
    "-dash",
    "$(touch sentinel)",
    "a;b",
    "🐈",
)


def test_names_of_every_kind(folder: Path) -> None:
    for number, name in enumerate(NAMES):
        repository.write(folder, f"train/{name}", repository.picture(2000 + number), repository.GOOD)
    raw = os.fsencode(folder) + b"/images/train/bad\xff\xfe.jpg"
    with open(raw, "wb") as file:
        file.write(repository.picture(3000))
    repository.commit(folder)
    assert counts(audited(folder, base="HEAD").report) == {}
    report = audited(folder).report
    assert counts(report) == {"images added": len(NAMES) + 1, "boxes added": len(NAMES)}
    assert report.change is not None
    added = {str(where.image) for _, where in report.change.places}
    assert {os.fsdecode(b"images/train/bad\xff\xfe.jpg"), "images/train/new\nline.jpg"} <= added


def test_links_in_the_tree(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("0 0.5 0.5 0.2 secret\n")
    (folder / "images/train/linked.jpg").symlink_to("../val/0005.jpg")
    (folder / "labels/train/linked.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "images/more").symlink_to("train")
    (folder / "loop").symlink_to("loop")
    repository.commit(folder)
    for untrusted in (False, True):
        same = audited(folder, base="HEAD", untrusted=untrusted).report
        assert counts(same) == {}
        assert new(same) == []
        assert "secret" not in "".join(finding.message for finding in same.findings) or not untrusted


def test_a_submodule_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    repository.base(tmp_path / "inner", images=2)
    git(
        folder,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(tmp_path / "inner"),
        "images/inner",
    )
    repository.commit(folder)
    notes = audited(folder, base="HEAD").notes
    assert [note for note in notes if "is a git submodule: images/inner" in note]


def test_a_huge_blob_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "labels/train/0001.txt").write_text(repository.GOOD * 1000)
    repository.commit(folder)
    monkeypatch.setattr("yoloaudit.against.mirror.MOST_TEXT", 1000)
    notes = audited(folder, base="HEAD").notes
    assert [note for note in notes if "bytes: labels/train/0001.txt" in note]
