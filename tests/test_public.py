"""The public interface: every promised name, loaded on first use, and seen by type checkers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import yoloaudit

SOURCE = Path(yoloaudit.__file__)


def imported_for_type_checkers() -> set[str]:
    (block,) = (node for node in ast.parse(SOURCE.read_text(encoding="utf-8")).body if isinstance(node, ast.If))
    return {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_all_is_what_is_promised() -> None:
    assert set(yoloaudit.__all__) == imported_for_type_checkers()
    assert list(yoloaudit.__all__) == sorted(yoloaudit.__all__)
    assert {"load", "audit", "write", "load_rules", "Report", "Finding", "__version__"} <= set(yoloaudit.__all__)
    assert set(yoloaudit.__all__) <= set(dir(yoloaudit))


@pytest.mark.parametrize("name", yoloaudit.__all__)
def test_name_is_there(name: str) -> None:
    value = getattr(yoloaudit, name)
    assert value is getattr(yoloaudit, name)
    assert getattr(value, "__name__", name) == name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = yoloaudit.lod


def test_import_loads_nothing_else() -> None:
    """Not even modules of Python: `python -m yoloaudit` imports this while a file of the data could shadow them."""
    code = "import sys; before = set(sys.modules); import yoloaudit; print(sorted(set(sys.modules) - before))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SOURCE.parent.parent
    )
    assert ran.stdout.strip() == "['yoloaudit']"
