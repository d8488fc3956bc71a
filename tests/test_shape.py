"""The house's bounds: sizes, names, docstrings, a test tree that mirrors the source, nothing left lying about."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("yoloaudit", "tests", "benchmarks", "sample_data")
TEXT = (*CODE, "docs", "rules")
MOST_LINES, MOST_FUNCTION_LINES = 300, 45
BANNED = {"utils", "util", "common", "helpers", "helper", "misc", "core", "manager", "factory", "registry"}
NO_SOURCE = {
    "tests/test_shape.py",
    "tests/test_layers.py",
    "tests/test_startup.py",
    "tests/test_public.py",
    "tests/test_sample_data.py",
    "tests/test_truth.py",
    "tests/checks/test_examples.py",
    "tests/test_action.py",
}
"""Tests of the project as a whole."""
MACHINE_FOLDERS = ("Users", "home", "root", "opt", "work", "workspace", "mnt")
UNFINISHED = ("TODO", "FIXME", "XXX", "HACK", "NotImplementedError", "mark.skip(", "mark.xfail")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".md", ".toml", ""})
    for folder in TEXT:
        for suffix in ("py", "md", "yaml", "json"):
            inside = (ROOT / folder).rglob(f"*.{suffix}")
            yield from (path for path in inside if not {"clean", "defective"} & set(path.parts))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", python_files(*CODE), ids=named)
def test_file_keeps_the_bounds(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says in its docstring what goes in and what comes out"
    assert text.count("\n") < MOST_LINES, "two ideas in one file: find the second one's name"
    long = [f"{node.name}: {size}" for node in functions(tree) if (size := length(node)) >= MOST_FUNCTION_LINES]
    assert not long, "functions too long"
    assert not BANNED & set(path.with_suffix("").parts[len(ROOT.parts) :]), "a name that says nothing"


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_only_the_command_line_prints() -> None:
    guilty = [
        f"{named(path)}:{node.lineno}"
        for path in python_files("yoloaudit")
        if "cli" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not guilty


@pytest.mark.parametrize("path", python_files("tests"), ids=named)
def test_tests_mirror_the_source(path: Path) -> None:
    if not path.name.startswith("test_") or named(path) in NO_SOURCE:
        return
    place = path.relative_to(ROOT / "tests")
    source = ROOT / "yoloaudit" / place.parent / place.stem.removeprefix("test_")
    assert source.with_suffix(".py").exists() or (source / "__init__.py").exists(), f"no {named(source)} to test"


def test_exceptions_are_not_stale() -> None:
    assert not [name for name in NO_SOURCE if not (ROOT / name).exists()]


def test_architecture_names_every_module() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    checks = ROOT / "yoloaudit" / "checks"
    modules = [path for path in python_files("yoloaudit") if path.parent.parent != checks]
    named_there = set(re.findall(r"[\w.]+\.py\b", page)) | {"__init__.py"}
    assert not [named(path) for path in modules if path.name not in named_there]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    assert "".join(f"    {layer}\n" for layer in layers) in page


def test_no_path_of_a_machine() -> None:
    pattern = re.compile(rf"(?<![\w.$~/])/(?:{'|'.join(MACHINE_FOLDERS)})/[\w.]")
    assert not matches(pattern)


def test_nothing_unfinished() -> None:
    pattern = re.compile("|".join(rf"\b{re.escape(mark)}" for mark in UNFINISHED))
    assert not matches(pattern)


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Places outside of this file where the pattern stands."""
    return [
        f"{named(path)}:{number}: {line.strip()[:80]}"
        for path in text_files()
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if pattern.search(line)
    ]
