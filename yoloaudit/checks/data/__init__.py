"""Checks of the descriptor and of how files are laid out; here what several of them need."""

from __future__ import annotations

from collections.abc import Mapping

from yoloaudit.checks.base import Example
from yoloaudit.dataset.descriptor import SplitPath
from yoloaudit.findings import shorten

CLEAN = "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n"
"""The descriptor of a clean example."""


def described_by(text: str | bytes, files: Mapping[str, str] | None = None) -> Example:
    """The base example with this descriptor, and these files beside it."""
    return Example({"data.yaml": text, **(files or {})})


def shown(folder: str | None) -> str:
    """A folder of the data set, for a message."""
    return "the data set's folder" if folder == "." else shorten(folder or "", 120)


def written(path: SplitPath) -> str:
    """A path as it stands in the descriptor, for a message."""
    return f"`{path.key}` is {shorten(path.text)!r}"
