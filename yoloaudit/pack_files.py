"""Names and paths of rule packs → their settings, each pack laid over those it extends; a setting knows its file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from yoloaudit.dataset.plain_yaml import LOADER, typed
from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.mistakes import meant

MAX_BYTES = 200_000
MAX_DEPTH = 10
MAX_NUMBER = 1e15
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""What a rule may be called."""
KEYS = ("extends", "rules")


class Setting(NamedTuple):
    """The value of a key of a rule, and the pack that set it."""

    value: Any
    file: str


Written: TypeAlias = dict[str, dict[str, Setting]]
"""Rule name → key → setting."""
MENTIONED = ""
"""The key of a setting that only tells which pack named the rule last."""


def packs_folder() -> Path:
    """Where the packs lie: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    return package / "rules" if (package / "rules").is_dir() else package.parent / "rules"


def read_packs(names_or_paths: Sequence[str]) -> Written:
    """The settings of these packs; a later one overrides an earlier one key by key."""
    known: dict[str, Written] = {}
    merged: Written = {}
    for name in names_or_paths:
        _lay_over(merged, _resolve(_path_of(name, "", None), (), known))
    return merged


def _path_of(name: str, folder: str, asked_by: str | None) -> str:
    """The file of a pack: one of ours by name, else a path, taken relative to the pack that names it."""
    where = f"{asked_by}: extends: " if asked_by else ""
    if "\0" in name:
        raise UsageError(f"{where}{shorten(name)!r} is a name that no file can have")
    if name.endswith((".yaml", ".yml")) or "/" in name or os.sep in name:
        return os.path.join(folder, os.path.expanduser(name))
    ours = sorted(path.stem for path in packs_folder().glob("*.yaml"))
    if name not in ours:
        hint = meant(name, ours) or f" There are {', '.join(ours)}; a pack of your own is named by its path."
        raise UsageError(f"{where}no rule pack is called {shorten(name)!r}.{hint}")
    return str(packs_folder() / f"{name}.yaml")


def _resolve(path: str, chain: tuple[str, ...], known: dict[str, Written]) -> Written:
    """A pack laid over those it extends; `chain` holds the packs that led here, `known` those already resolved."""
    place = os.path.realpath(path)
    if place in chain:
        raise UsageError(f"{path}: the pack extends itself: {' → '.join(map(os.path.basename, (*chain, place)))}")
    if place not in known:
        merged: Written = {}
        extends, rules = _parts(path, read_pack(path, chain[-1] if chain else None))
        for name in extends:
            wanted = _path_of(name, os.path.dirname(path), path)
            _lay_over(merged, _resolve(wanted, (*chain, place), known))
        _lay_over(merged, rules)
        known[place] = merged
    return known[place]


def _lay_over(below: Written, above: Written) -> None:
    for name, keys in above.items():
        below[name] = {**below.get(name, {}), **keys}


def _parts(path: str, pack: Any) -> tuple[list[str], Written]:
    """`extends` and `rules` of a pack, as far as they can be judged without knowing the checks."""
    if not isinstance(pack, dict):
        raise UsageError(f"{path}: a rule pack is a mapping with the keys `extends` and `rules`, not {_kind(pack)}")
    for key in pack:
        if key not in KEYS:
            raise UsageError(f"{path}: unknown key {shorten(key)!r}.{meant(key, KEYS)}")
    extends, rules = pack.get("extends") or [], pack.get("rules") or {}
    if not isinstance(extends, list) or not all(isinstance(name, str) and name for name in extends):
        raise UsageError(f"{path}: extends: must be a list of packs, as in `extends: [default]`")
    if not isinstance(rules, dict):
        raise UsageError(f"{path}: rules: must be a mapping from names of rules to their settings, not {_kind(rules)}")
    settings: Written = {}
    for name, keys in rules.items():
        if not NAME.fullmatch(name) or len(name) > 60:
            raise UsageError(f"{path}: rules: {shorten(name)!r} is no name for a rule: use lower-case-words")
        if not isinstance(keys, dict | None):
            raise UsageError(f"{path}: rules.{name}: must be a mapping such as {{severity: error}}, not {_kind(keys)}")
        settings[name] = {key: Setting(value, path) for key, value in (keys or {}).items()}
        settings[name][MENTIONED] = Setting(None, path)
    return extends, settings


def _kind(value: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")


class _Refused(ValueError):
    """A construct that a rule pack has no use for."""


def read_pack(path: str, asked_by: str | None = None) -> Any:
    """The value of a YAML file: plain data alone, keys as they are written."""
    try:
        text = Root(os.path.dirname(path)).read(path, MAX_BYTES).data.decode("utf-8-sig")
        events = iter(yaml.parse(text, Loader=LOADER))
        return _document(events)
    except FileRefused as refused:
        asked = f", extended by {asked_by}" if asked_by else ""
        raise UsageError(f"the rule pack {shorten(path, 200)!r}{asked}, {refused}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path}{line}: is not YAML: {error.problem}") from None
    except (_Refused, yaml.YAMLError) as error:
        raise UsageError(f"{path}: {' '.join(str(error).split())}") from None


def _document(events: Iterator[yaml.Event]) -> Any:
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    value = _value(next(events), events, 0)
    next(events)
    if not isinstance(next(events), yaml.StreamEndEvent):
        raise _Refused("holds more than one document")
    return value


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Any:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _Refused(f"line {line}: anchors and aliases are not read; write the value out")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event, line)
    if getattr(event, "tag", None) is not None:
        raise _Refused(f"line {line}: tags are not read")
    if depth >= MAX_DEPTH:
        raise _Refused(f"line {line}: is nested more than {MAX_DEPTH} levels deep")
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(item, events, depth + 1) for item in _until(yaml.SequenceEndEvent, events)]
    mapping: dict[str, Any] = {}
    for key in _until(yaml.MappingEndEvent, events):
        line = _line(key)
        if not isinstance(key, yaml.ScalarEvent) or key.tag is not None or key.anchor is not None:
            raise _Refused(f"line {line}: a key must be plain text")
        if key.value in mapping:
            raise _Refused(f"line {line}: the key {shorten(key.value)!r} stands twice")
        mapping[key.value] = _value(next(events), events, depth + 1)
    return mapping


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _until(end: type[yaml.Event], events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    while not isinstance(event := next(events), end):
        yield event


def _scalar(event: yaml.ScalarEvent, line: int) -> Any:
    """Null, a truth value, a number, or text; what YAML would read as a date stays text."""
    if event.tag is not None:
        raise _Refused(f"line {line}: tags are not read")
    value = typed(event.value) if event.implicit[0] else event.value
    if isinstance(value, int | float) and not abs(value) < MAX_NUMBER:
        raise _Refused(f"line {line}: {shorten(event.value, 20)!r} is not a number below {MAX_NUMBER:g}")
    return value
