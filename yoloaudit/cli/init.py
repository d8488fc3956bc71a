"""`yoloaudit init`: settings for a data set and a CI workflow that checks it, written after asking."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

from yoloaudit.cli import init_comment, init_config, init_github, init_gitlab, options, streams
from yoloaudit.cli.repository import base_of
from yoloaudit.errors import UsageError
from yoloaudit.findings import shorten

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset

CONFIG = "yoloaudit.toml"
GITHUB, COMMENT, GITLAB = ".github/workflows/yoloaudit.yml", ".github/workflows/yoloaudit-comment.yml", ".gitlab-ci.yml"
MOST_ATTRIBUTES = 1_000_000
SYSTEMS = ("github", "gitlab", "none")

System: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--ci", metavar="SYSTEM", help="github, gitlab or none. Default: what the repository uses, else github."
    ),
]
Comment: TypeAlias = Annotated[
    bool, typer.Option("--comment", help="Also a workflow for GitHub that comments on pull requests.")
]
Branch: TypeAlias = Annotated[str, typer.Option("--branch", metavar="NAME", help="Branch that changes land on.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking; files that exist are kept.")]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Write over files that exist.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")]


class Planned(NamedTuple):
    """A file that is to be written: its path from the root of the repository, and its text."""

    path: str
    text: str


def init(
    data: options.Data = None,
    ci: System = None,
    comment: Comment = False,
    branch: Branch = "main",
    yes: Yes = False,
    force: Force = False,
    dry_run: DryRun = False,
) -> None:
    """Write settings for a data set, and a CI workflow that checks every change of it.

    They are written at the root of the repository that the working folder lies in. Exit code: 0 done, 2 cannot run.
    """
    if ci is not None and ci not in SYSTEMS:
        raise UsageError(f"--ci takes {', '.join(SYSTEMS[:-1])} or {SYSTEMS[-1]}, not {shorten(ci)!r}")
    base = base_of(".") or os.path.realpath(".")
    files = planned(data, base, ci or system_of(base), comment, branch)
    if dry_run:
        streams.emit(printed(files))
        return
    ask = not yes and not force
    if ask and not sys.stdin.isatty():
        raise UsageError("init asks before it writes, and nobody is here to answer. Say --yes, or look with --dry-run")
    changed = [each for each in files if not same(each, base)]
    written = [each for each in changed if wanted(each, base, ask=ask, force=force)]
    for each in written:
        write(os.path.join(base, each.path), each.text)
    words = {each: "wrote" if each in written else "kept " if each in changed else "same " for each in files}
    streams.emit(said(data, words))


def planned(data: str | None, base: str, ci: str, comment: bool, branch: str) -> list[Planned]:
    """The files for a data set, which is read."""
    from yoloaudit.cli.console import progress
    from yoloaudit.dataset.load import load

    with progress() as shown:
        dataset = load(data, headers=None, progress=shown)
    path = _plain(_path_of(data, dataset, base), "the data set's path")
    files = [Planned(CONFIG, init_config.settings_text(path, dataset))]
    if ci == "github":
        text = init_github.workflow(path, _plain(branch, "--branch"), lfs=uses_lfs(base), comment=comment)
        files.append(Planned(GITHUB, text))
        files += [Planned(COMMENT, init_comment.comment_workflow())] if comment else []
    elif ci == "gitlab":
        files.append(Planned(GITLAB, init_gitlab.pipeline(path)))
    return files


def _path_of(data: str | None, dataset: Dataset, base: str) -> str:
    whole = os.path.realpath(data if data else os.path.join(dataset.root, dataset.descriptor.path))
    path = os.path.relpath(whole, base)
    if path == os.pardir or path.startswith(os.pardir + os.sep) or os.path.isabs(path):
        raise UsageError(f"{shorten(whole, 200)} lies outside of {shorten(base, 200)}, so a workflow cannot check it")
    return path.replace(os.sep, "/")


def _plain(text: str, what: str) -> str:
    """Text that YAML, a shell and the expressions of a CI system take for nothing but text."""
    if not text.isprintable() or "$" in text or "@" in text or not text:
        raise UsageError(f"{what} holds a sign that a workflow would act on: {shorten(text, 200)!r}. Rename it")
    return text


def system_of(base: str) -> str:
    """The CI system that a repository uses, as far as its files tell."""
    github = os.path.isdir(os.path.join(base, ".github"))
    return "gitlab" if os.path.lexists(os.path.join(base, GITLAB)) and not github else "github"


def uses_lfs(base: str) -> bool:
    """Whether files are kept in Git LFS."""
    return b"filter=lfs" in (_read(base, ".gitattributes", MOST_ATTRIBUTES) or b"")


def same(file: Planned, base: str) -> bool:
    """Whether the file is there already, as it would be written."""
    text = file.text.encode("utf-8")
    return _read(base, file.path, len(text) + 1) == text


def _read(base: str, path: str, most: int) -> bytes | None:
    """The beginning of a file of the repository; None where there is none to read."""
    from yoloaudit.errors import FileRefused
    from yoloaudit.files import Root

    root = Root(base, contained=True)
    try:
        return root.read(os.path.join(base, path), most, head=True).data
    except FileRefused:
        return None


def wanted(file: Planned, base: str, *, ask: bool, force: bool) -> bool:
    """Whether to write this file: a person says so, or it is not there yet, or it is to be written over."""
    exists = os.path.lexists(os.path.join(base, file.path))
    if not ask:
        return force or not exists
    question = f"{file.path} exists. Write over it?" if exists else f"Write {file.path}?"
    return typer.confirm(question, default=not exists)


def write(path: str, text: str) -> None:
    """Write one file and the folders that it lies in."""
    from yoloaudit.files import write_atomically, writing

    with writing(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, text.encode("utf-8"))


def printed(files: list[Planned]) -> list[str]:
    """Every file with its name above it."""
    lines = []
    for file in files:
        lines += [f"# ---- {file.path}", *file.text.rstrip("\n").split("\n"), ""]
    return lines[:-1]


def said(data: str | None, words: dict[Planned, str]) -> list[str]:
    """What was written, what was kept, and what to do next."""
    from yoloaudit.report.text import show

    lines = [f"{word}  {file.path}" for file, word in words.items()]
    if "kept " in words.values():
        lines.append("kept files differ from what init would write: --dry-run shows it, --force writes it")
    check = f"yoloaudit check {show(data, 4096)}" if data else "yoloaudit check"
    return [
        *lines,
        "",
        "Next",
        f"  {check}",
        "      what the check says now",
        f"  {check} --ratchet {init_github.RATCHET} --write-ratchet",
        "      accept what it says now, so that only new findings fail",
        "  git add, commit, and have changes of these files reviewed: who changes them changes what is checked",
    ]
