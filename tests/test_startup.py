"""Start-up is part of the product: what the command imports, from where, and how long its help takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from yoloaudit.checks.base import Example
from yoloaudit.testing import lay_out

PROJECT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "torchvision", "sklearn", "scipy", "seaborn", "matplotlib")
LIST_MODULES = """
import os, sys, runpy
sys.argv[1:] = {arguments!r}
leave, command = os._exit, os.getpid()
def tell(code):
    if os.getpid() == command:
        os.write(2, ("MODULES " + " ".join(sys.modules) + chr(10)).encode())
    leave(code)
os._exit = tell
runpy.run_module("yoloaudit", run_name="__main__")
"""


def modules_after(*arguments: str) -> set[str]:
    """Names in sys.modules once the command has run."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    code = LIST_MODULES.format(arguments=list(arguments))
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    (line,) = (line for line in ran.stderr.splitlines() if line.startswith("MODULES "))
    return set(line.split()[1:])


def test_check_imports_no_trainer_and_no_plotter(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    loaded = modules_after("check", str(tmp_path / "data.yaml"))
    assert "pandas" in loaded
    assert not loaded & set(HEAVY)


def test_predictions_of_others_need_no_trainer(tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    seen = [{"image_id": "a", "category_id": 0, "bbox": [256, 256, 128, 128], "score": 0.9}]
    (tmp_path / "seen.json").write_text(json.dumps(seen))
    rules = ["--select", "weak-model", "--select", "merged-boxes", "--select", "confused-classes"]
    arguments = ["check", str(tmp_path / "data.yaml"), "--predictions", str(tmp_path / "seen.json"), *rules]
    loaded = modules_after(*arguments)
    assert "scipy.optimize" in loaded
    assert not loaded & {"torch", "torchvision", "matplotlib", "seaborn"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check", "--help"], ["--version"], ["explain", "--help"], ["split", "--help"]]
)
def test_help_imports_neither_tables_nor_checks(arguments: list[str]) -> None:
    loaded = modules_after(*arguments)
    assert "typer" in loaded
    assert loaded & {"pandas", "numpy", "yaml", "PIL", "rich.console", "yoloaudit.packs", *HEAVY} == set()


@pytest.mark.parametrize("planted", ["yaml", "numpy", "json", "typing", "__future__", "signal", "typer", "logging"])
def test_a_module_in_the_working_folder_is_not_imported(planted: str, tmp_path: Path) -> None:
    lay_out(str(tmp_path), Example())
    (tmp_path / f"{planted}.py").write_text("import os\nos.write(2, b'PLANTED')\nos._exit(9)\n")
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}"}
    run = [sys.executable, "-m", "yoloaudit", "check", "data.yaml", "--fail-on", "never"]
    ran = subprocess.run(run, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert "PLANTED" not in ran.stderr
    assert ran.returncode == 0, ran.stderr
