"""A location of a report → the path that a CI system knows: counted from the root of the repository.

`report.settings["base"]` is that root, an absolute path; where it is not set paths count from the data set's root.
"""

from __future__ import annotations

import os

from yoloaudit.findings import Finding, Location, Report


def path_of(where: Location, report: Report) -> str | None:
    """The file to point at: label, image or other file, else the descriptor; None where there is none."""
    path = where.path or report.dataset.get("descriptor")
    return in_repository(str(path), report) if path else None


def in_repository(path: str, report: Report) -> str:
    """A path of the report, counted from the root of the repository if it lies below that, else as it is."""
    base, root = str(report.settings.get("base") or ""), str(report.dataset.get("root") or "")
    if base and root:
        whole = path if os.path.isabs(path) else os.path.join(root, path)
        prefix = base.rstrip("/" + os.sep) + os.sep
        if whole.startswith(prefix):
            path = whole[len(prefix) :]
    return path.replace(os.sep, "/")


def sentence(finding: Finding) -> str:
    """The message; before it the split that it is about, where the finding has no file of its own."""
    where = finding.where
    return f"{where.split}: {finding.message}" if where.path is None and where.split else finding.message
