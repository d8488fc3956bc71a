"""Names of peers → each installed in an environment of its own, and the seconds it takes for a folder of images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RUNS = Path(__file__).with_name("peer_runs.py")
LIMIT_SECONDS = 1800
SHOWN = 300


class PeerFailed(Exception):
    """A peer that cannot be installed or does not do its work; the message says why."""


def installed(name: str, venvs: Path) -> Path:
    """The interpreter of this peer's environment, made unless it is there."""
    place = (venvs / name).resolve()
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not python.exists():
        told([sys.executable, "-m", "venv", str(place)])
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if subprocess.run([*pip, "show", name], capture_output=True, check=False).returncode:
        told([*pip, "install", name])
    return python


def run(name: str, python: Path, images: Path, scratch: Path) -> Mapping[str, Any]:
    """What the peer prints of its run over these images; `seconds` leave its imports out."""
    settings = scratch / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "YOLO_CONFIG_DIR": str(settings)}
    environment.pop("PYTHONPATH", None)
    out = told([str(python), "-P", str(RUNS), name, str(images.resolve())], cwd=scratch, environment=environment)
    facts: Mapping[str, Any] = json.loads(out.splitlines()[-1])
    return facts


def told(
    command: Sequence[str],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limit: float = LIMIT_SECONDS,
) -> str:
    """Standard output of a command that must succeed in time."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise PeerFailed(f"not done after {limit:.0f} s") from late
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise PeerFailed(f"ended with {done.returncode}: {' | '.join(said[-2:])[-SHOWN:]}")
    return done.stdout
