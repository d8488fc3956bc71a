"""Walls that import-linter cannot say: what a check may import, and that nobody imports the package's own root."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "yoloaudit"
OPEN_TO_CHECKS = {
    "yoloaudit.dataset.descriptor",
    "yoloaudit.dataset.grammar",
    "yoloaudit.dataset.tables",
    "yoloaudit.errors",
    "yoloaudit.findings",
    "yoloaudit.geometry",
    "yoloaudit.training_run",
}
CLOSED_TO_CHECKS = {"os", "io", "pathlib", "subprocess", "shutil", "socket", "urllib", "PIL", "yaml", "rich", "typer"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (
                f"{module}.{alias.name}" if is_module(f"{module}.{alias.name}") else module for alias in node.names
            )


def is_module(name: str) -> bool:
    """Whether a dotted name is a file or a folder of our own: `from yoloaudit import parallel` imports a module."""
    place = SOURCE.parent.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def checks() -> list[Path]:
    """Checks, and what several of them share: every file of the package but the one that finds them."""
    apart = {"__init__.py", "discover.py", "base.py"}
    return sorted(path for path in SOURCE.glob("checks/**/*.py") if path.name not in apart)


SHARED_BY_CHECKS = {f"yoloaudit.checks.{path.stem}" for path in SOURCE.glob("checks/*.py") if path.stem != "discover"}


@pytest.mark.parametrize("path", checks(), ids=lambda path: path.stem)
def test_check_imports_only_what_a_check_may(path: Path) -> None:
    wanted = set(imports(path))
    own = {name for name in wanted if name.split(".")[0] == "yoloaudit"}
    assert own <= OPEN_TO_CHECKS | SHARED_BY_CHECKS | {f"yoloaudit.checks.{path.parent.name}"}
    assert not {name.split(".")[0] for name in wanted} & CLOSED_TO_CHECKS, (
        "a check is pure: it opens and prints nothing"
    )


def test_nobody_imports_the_root() -> None:
    guilty = [path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if "yoloaudit" in set(imports(path))]
    assert not guilty, "import the module, never the package's own root"


OPENERS = {"files.py", "claims.py", "testing.py", "catalogue.py", "cli/streams.py", "parallel.py", "measure/decode.py"}
"""`claims` locks what it opens, `testing` writes examples, `catalogue` the generated files, `streams` mends standard
streams, `parallel` asks the kernel how large it is, `decode` opens bytes in memory."""
OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes"}


def test_only_files_opens_files() -> None:
    guilty = [
        f"{name}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        if (name := path.relative_to(SOURCE).as_posix()) not in OPENERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and opens(node.func)
    ]
    assert not guilty


def opens(function: ast.expr) -> bool:
    """A call by one of these names; the methods of a `root`, which `files.Root` is, do it for everybody."""
    if isinstance(function, ast.Attribute):
        return function.attr in OPENING and not (isinstance(function.value, ast.Name) and function.value.id == "root")
    return isinstance(function, ast.Name) and function.id in OPENING
