"""A folder → the root of the repository that it lies in, from which CI systems count paths."""

from __future__ import annotations

import os

VARIABLES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that they checked the repository out."""


def base_of(folder: str) -> str | None:
    """The checkout that a CI system names, else the nearest folder upwards that git knows; None where there is none."""
    here = os.path.realpath(folder)
    for variable in VARIABLES:
        named = os.environ.get(variable)
        if named and _holds(os.path.realpath(named), here):
            return os.path.realpath(named)
    while True:
        if os.path.lexists(os.path.join(here, ".git")):
            return here
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
