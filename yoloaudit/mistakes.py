"""A user's mistake in words: the name that was probably meant, and the first problem of a failed validation."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic import ValidationError

from yoloaudit.findings import shorten


def meant(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'tiny-box'?` for the nearest known name, or nothing where none is near."""
    near = get_close_matches(name[:100], list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Where the first problem is (`min_side`, `classes.0`) and what it is, with the value that was given."""
    problem = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    text = problem["msg"][:1].lower() + problem["msg"][1:]
    return place, f"{text}, not {shorten(repr(problem['input']), 40)}"
