"""yoloaudit.toml, or [tool.yoloaudit] in pyproject.toml → the Settings of `check`, and where each was set."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yoloaudit.errors import FileRefused, UsageError
from yoloaudit.files import Root
from yoloaudit.findings import shorten
from yoloaudit.mistakes import first_problem, meant

MAX_BYTES = 1_000_000
FILES = ("yoloaudit.toml", "pyproject.toml")
"""What is looked for in each folder, upwards; a pyproject.toml counts if it has a table tool.yoloaudit."""


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Options(BaseModel):
    """What a settings file may say: the long options of `check`, without the dashes in front."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", alias_generator=_kebab, populate_by_name=True)

    rules: list[str] = Field(default=["default"], min_length=1)
    select: list[str] = []
    ignore: list[str] | dict[str, str] = []
    """Selectors, `NAME=reason`, or a table from selectors to reasons."""
    fail_on: Literal["error", "warning", "info", "never"] = "error"
    split: list[Literal["train", "val", "test"]] = []
    imgsz: int = Field(default=640, ge=32, le=100_000)
    guide_scale: float = Field(default=1.0, gt=0, le=1000)
    max: dict[str, int] = {}
    max_per_rule: int | None = Field(default=None, ge=0)
    """None: 20 in text, all elsewhere."""
    workers: int | None = Field(default=None, ge=1, le=1024)
    """None: as many as there are processors."""
    fast: bool = False
    no_cache: bool = False
    cache_dir: str | None = None
    """None: where the operating system wants caches."""
    deployed: str | None = None
    """A folder of images from where the model will work."""
    run: str | None = None
    """The folder of a run of training."""
    baseline: str | None = None
    """That of an earlier run, which the other is held against."""
    weights: str | None = None
    """A file of weights, or an official name, that judges the labels."""
    predictions: str | None = None
    """A file of detections that judge them: COCO results JSON, or our own Parquet."""
    coco80to91: bool = False
    """Whether its category ids are COCO's own."""
    ratchet: str | None = None
    """The file of accepted findings."""
    strict_ratchet: bool = False
    against: str | None = None
    """A git ref, or another data set, that was there before."""
    format: str = "text"
    output: list[str] = []
    """`FORMAT=PATH`."""


KEYS = [_kebab(name) for name in Options.model_fields]


@dataclass(frozen=True)
class Settings:
    """The options of `check`, and by key where each was set: a file, the command line, or `default`."""

    options: Options = field(default_factory=Options)
    file: str | None = None
    """The settings file that was read."""
    passed_over: str | None = None
    """A settings file that lies in the way, and was not read because the data are not trusted."""
    sources: Mapping[str, str] = field(default_factory=dict)

    def with_given(self, given: Mapping[str, Any], source: str = "command line") -> Self:
        """These settings with what the command line gives put on top: keys as in Options, None where nothing is given.

        A value replaces that of the file, but what is ignored or tolerated is added to it.
        """
        values = {name: value for name, value in given.items() if value is not None}
        if "ignore" in values:
            values["ignore"] = [*self.ignore, *values["ignore"]]
        if "max" in values:
            values["max"] = {**self.options.max, **values["max"]}
        options = _options({**self.options.model_dump(exclude_unset=True), **values}, source)
        return type(self)(
            options, self.file, self.passed_over, {**self.sources, **{_kebab(name): source for name in values}}
        )

    @property
    def ignore(self) -> list[str]:
        """What is ignored, a table written as `NAME=reason`."""
        given = self.options.ignore
        return given if isinstance(given, list) else [f"{name}={reason}" for name, reason in given.items()]

    def rows(self) -> list[tuple[str, Any, str]]:
        """Key, value and source of every setting, for --show-settings."""
        values = self.options.model_dump()
        return [(_kebab(name), values[name], self.sources.get(_kebab(name), "default")) for name in values]


def load_settings(explicit: str | None = None, folder: str = ".", untrusted: bool = False) -> Settings:
    """The settings of the named file, else of the nearest one from `folder` upwards; untrusted: a named one or none."""
    if explicit is not None:
        return _settings(explicit, _table(explicit, named=True) or {})
    try:
        here = os.path.abspath(folder)
    except OSError:
        raise UsageError("the working folder does not exist any more; change to one that does") from None
    found = [path for path in _upwards(here) if os.path.lexists(path)]
    if untrusted:
        return Settings(passed_over=next((path for path in found if path.endswith(FILES[0])), None))
    for path in found:
        if (table := _table(path)) is not None:
            return _settings(path, table)
    return Settings()


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield from (os.path.join(folder, name) for name in FILES)
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def _table(path: str, named: bool = False) -> Mapping[str, Any] | None:
    """The settings of a file as written; None for a pyproject.toml that has none."""
    is_project = os.path.basename(path) == "pyproject.toml"
    try:
        data = Root(os.path.dirname(path)).read(path, MAX_BYTES).data
        if is_project and not named and b"yoloaudit" not in data:
            return None
        table = tomllib.loads(data.decode("utf-8-sig"))
    except FileRefused as refused:
        raise UsageError(f"settings file {path!r} {refused}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text") from None
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{path}: is not TOML: {shorten(str(error), 200)}") from None
    if not is_project:
        return table
    tool = table.get("tool")
    own = tool.get("yoloaudit") if isinstance(tool, dict) else None
    if named and own is None:
        raise UsageError(f"{path}: has no table [tool.yoloaudit]")
    if own is not None and not isinstance(own, dict):
        raise UsageError(f"{path}: tool.yoloaudit must be a table")
    return own


def _settings(path: str, table: Mapping[str, Any]) -> Settings:
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{path}: unknown key {shorten(key)!r}.{meant(key, KEYS)}")
    options = _relative(_options(table, path), os.path.dirname(os.path.abspath(path)))
    return Settings(options, path, None, dict.fromkeys(table, path))


def _options(values: Mapping[str, Any], source: str) -> Options:
    try:
        return Options.model_validate(values)
    except ValidationError as error:
        place, problem = first_problem(error)
        raise UsageError(f"{source}: {_kebab(place)}: {problem}") from None


def _relative(options: Options, folder: str) -> Options:
    """Paths in a settings file are relative to that file."""
    changed: dict[str, Any] = {}
    if "rules" in options.model_fields_set:
        changed["rules"] = [_placed(name, folder) if _is_path(name) else name for name in options.rules]
    if "output" in options.model_fields_set:
        pairs = [text.partition("=") for text in options.output]
        changed["output"] = [f"{kind}={_placed(path, folder)}" if path else kind for kind, _, path in pairs]
    for name in ("cache_dir", "deployed", "run", "baseline", "predictions", "ratchet"):
        if (path := getattr(options, name)) is not None:
            changed[name] = _placed(path, folder)
    if options.weights is not None and ("/" in options.weights or os.path.exists(_placed(options.weights, folder))):
        changed["weights"] = _placed(options.weights, folder)
    return options.model_copy(update=changed)


def _is_path(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name or os.sep in name


def _placed(path: str, folder: str) -> str:
    return os.path.join(folder, os.path.expanduser(path))
