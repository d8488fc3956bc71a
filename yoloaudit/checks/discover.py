"""Finds every check: a walk of this package, and the entry points of other packages where they are trusted."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

import yoloaudit.checks as package
from yoloaudit.checks.base import Check


@cache
def all_checks(plugins: bool = False) -> dict[str, type[Check]]:
    """Check classes by name, in order of family and name; `plugins` adds the entry-point group `yoloaudit.checks`."""
    found: dict[str, type[Check]] = {}
    for family in sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg):
        folder = importlib.import_module(f"{package.__name__}.{family}")
        for module in sorted(info.name for info in pkgutil.iter_modules(folder.__path__)):
            found |= _checks_of(f"{folder.__name__}.{module}", module)
    if plugins:
        for point in entry_points(group="yoloaudit.checks"):
            check = point.load()
            found.setdefault(check.name(), check)
    return found


def _checks_of(module_name: str, file_name: str) -> dict[str, type[Check]]:
    module = importlib.import_module(module_name)
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Check) and value.__module__ == module_name
    ]
    if [check.name() for check in classes] != [file_name.replace("_", "-")]:
        raise ImportError(f"{module_name} must hold one check, named after its file")
    return {check.name(): check for check in classes}
