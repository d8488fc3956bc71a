"""A YAML file of settings → its entries, read like any stranger's file; what is wrong with it is told in one line."""

from __future__ import annotations

import os
from collections.abc import Mapping

from yoloaudit.dataset.descriptor import Entry
from yoloaudit.dataset.plain_yaml import YamlRefused, read_yaml
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten

MOST_BYTES = 100_000


def entries(path: str, what: str, advice: str = "") -> Mapping[str, Entry]:
    """The entries of a file of `what`, as in "hyper-parameters"; UsageError where it is not read, with that advice."""
    path = os.path.expanduser(path)
    shown = shorten(path, 200)
    try:
        document = read_yaml(Root(os.path.dirname(path)).read(path, MOST_BYTES).data)
    except FileRefused as refused:
        raise UsageError(f"file of {what} {shown!r} {refused}.{advice}") from None
    except YamlRefused as refused:
        why = str(refused).replace("with train, val and names", f"of {what}")
        raise UsageError(f"{shown}, line {refused.line}: {why}") from None
    if document.repeated:
        key, line = document.repeated[0]
        raise UsageError(f"{shown}, line {line}: {shorten(key)!r} stands twice")
    return document.entries
