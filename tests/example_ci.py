"""What a CI system does with a step: run its script by a shell, in a folder, with the environment that it declares."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from yoloaudit.checks.base import Example

BROKEN = Example(files={"labels/train/a.txt": "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.3 0.3\n"})
"""A class that does not exist, in line 2 of a label file."""
STAND_IN = """#!/usr/bin/env bash
printf '%s\\0' "$@" > "$SEEN"
for argument in "$@"; do
  case "$argument" in summary=*) echo "### found" > "${argument#summary=}" ;; esac
done
exit "${CODE:-0}"
"""
"""Writes its arguments to the file SEEN, and a summary where one is asked for; ends with CODE."""


class Runner:
    """A machine with a workspace, a folder for temporary files, and a `yoloaudit` that only notes how it is called."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.temporary, self.bin = folder / "workspace", folder / "temp", folder / "bin"
        for each in (self.workspace, self.temporary, self.bin):
            each.mkdir()
        self.seen = folder / "seen"
        for name in ("output", "summary"):
            (folder / name).touch()
        self.output, self.summary = folder / "output", folder / "summary"
        self.install("yoloaudit", STAND_IN)

    def install(self, name: str, script: str) -> None:
        """Put a program on the path."""
        (self.bin / name).write_text(script, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def run(self, script: str, env: Mapping[str, str], *shell: str) -> subprocess.CompletedProcess[str]:
        """Run a script as GitHub Actions runs one of `shell: bash`."""
        bash = shell or ("bash", "--noprofile", "--norc", "-eo", "pipefail")
        here = {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.temporary),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_EVENT_NAME": "push",
            "SEEN": str(self.seen),
            "OMP_NUM_THREADS": "1",
        }
        return subprocess.run(
            [*bash, "-c", script] if shell else [*bash, self._file(script)],
            env={**here, **env},
            cwd=self.workspace,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def _file(self, script: str) -> str:
        path = self.temporary / "step.sh"
        path.write_text(script, encoding="utf-8")
        return str(path)

    def arguments(self) -> list[str]:
        """How `yoloaudit` was called."""
        return self.seen.read_bytes().decode().split("\0")[:-1]

    def outputs(self) -> dict[str, str]:
        """What the step said of itself."""
        return dict(line.split("=", 1) for line in self.output.read_text(encoding="utf-8").splitlines())


def real_command() -> str:
    """The installed command; skips where `check` does not take the options of CI."""
    command = Path(sys.executable).with_name("yoloaudit")
    if not command.exists():
        pytest.skip("yoloaudit is not installed as a command")
    told = subprocess.run([command, "check", "--help"], capture_output=True, encoding="utf-8", check=True).stdout
    missing = [option for option in ("--ratchet", "--against") if option not in told]
    if missing:
        pytest.skip(f"yoloaudit check does not take {', '.join(missing)}")
    return str(command)


def parsed(path: Path) -> dict[str, Any]:
    """A YAML file in which every scalar is text, also `on`."""
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return document


def linted(repository: Path, *command: str) -> None:
    """A linter has nothing to say; skips where it is not installed."""
    program = shutil.which(command[0]) or shutil.which(command[0], path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    run = subprocess.run([program, *command[1:]], cwd=repository, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
