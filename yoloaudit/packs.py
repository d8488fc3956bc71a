"""rules/*.yaml → a list of Rule: packs that extend packs, every name and parameter checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yoloaudit.checks.base import Check
from yoloaudit.checks.discover import all_checks
from yoloaudit.errors import UsageError
from yoloaudit.findings import Severity, shorten
from yoloaudit.mistakes import first_problem, meant
from yoloaudit.pack_files import MENTIONED, Setting, read_packs
from yoloaudit.selection import chosen, with_reason

MAX_SCALE = 1000.0
NO_SCALES = Setting([], "")


@dataclass(frozen=True)
class Rule:
    """A check switched on, graded, parameterised and scoped; or a sentence of the guide that files cannot answer."""

    name: str
    check: Check | None
    severity: Severity | None = None
    """None: as graded by the check."""
    classes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    why: str | None = None
    guide: str | None = None
    skipped: str | None = None
    """Why a rule without a check is not run: `not measurable here: …`, `ignored: …`."""
    max_count: int = 0
    max_share: float = 0.0
    off: bool = False
    """Switched off by a pack; `load_rules` leaves such rules out unless they are selected by name."""

    def tolerates(self, defects: int, share: float) -> bool:
        """Whether so many defects, in this share of the images, pass without a finding."""
        return defects <= self.max_count or 0 < share <= self.max_share


class RuleKeys(BaseModel):
    """What a pack may say of any rule; every other key is a parameter of the rule's check."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    check: str | None = Field(
        default=None, description="check that the rule runs; left out: the check of the rule's own name"
    )
    off: bool = Field(default=False, description="true: the rule is not run")
    severity: Literal["error", "warning", "info"] | None = Field(
        default=None, description="severity of every finding of the rule; left out: as the check grades each"
    )
    classes: list[str] = Field(default=[], description="names of the classes whose boxes are looked at; empty: all")
    splits: list[Literal["train", "val", "test"]] = Field(
        default=[], description="splits that are looked at; empty: all"
    )
    ignore: list[str] = Field(
        default=[], description="globs over image paths, relative to the root, that are passed over"
    )
    why: str | None = Field(default=None, description="why the rule is set as it is")
    max_count: int = Field(default=0, ge=0, description="defects that are tolerated without a finding")
    max_share: float = Field(default=0.0, ge=0, le=1, description="share of the images in which defects are tolerated")
    guide: str | None = Field(default=None, description="sentence of the guide that the rule stands for")
    not_measurable: str | None = Field(
        default=None, description="why files alone cannot answer the rule, and what can; the rule then never passes"
    )
    scales: list[str] = Field(default=[], description="whole-number parameters that --guide-scale multiplies")


def load_rules(
    names_or_paths: Sequence[str] = ("default",),
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    guide_scale: float = 1.0,
    limits: Mapping[str, int] = MappingProxyType({}),
    plugins: bool = False,
) -> list[Rule]:
    """The rules that these packs switch on.

    `select` and `ignore` take names, families, globs and `all`, `ignore` also `NAME=reason`: an ignored rule stays in
    the list, skipped; one that is not selected is left out. `limits` are numbers of defects tolerated, by rule.
    """
    if not 0 < guide_scale <= MAX_SCALE:
        raise UsageError(f"--guide-scale is a number above 0 and up to {MAX_SCALE:g}, not {guide_scale}")
    checks = all_checks(plugins)
    packs = read_packs(names_or_paths)
    rules = [_rule(name, settings, checks, guide_scale) for name, settings in packs.items()]
    families, known = _families(rules), {name: check.family() for name, check in checks.items()}
    reasons = _reasons(ignore, families, known)
    return _limited(_ignored(_selected(rules, select, checks, known), reasons), limits, [*packs, *checks])


def _families(rules: Sequence[Rule]) -> dict[str, str | None]:
    return {rule.name: rule.check.family() if rule.check else None for rule in rules}


def _selected(
    rules: Sequence[Rule], select: Sequence[str], checks: Mapping[str, type[Check]], known: Mapping[str, str]
) -> list[Rule]:
    """Without a selection all rules that are on; a rule that is off, or in no pack, is run if selected by its name."""
    if not select:
        return [rule for rule in rules if not rule.off]
    named = set(select)
    rules = [*rules, *(Rule(name, checks[name]()) for name in checks if name in named - {rule.name for rule in rules})]
    families, wanted = _families(rules), set[str]()
    for selector in select:
        found = {rule.name for rule in rules if not rule.off or rule.name in named} & chosen(selector, families, known)
        if not found:
            raise UsageError(f"none of the rules that are on is meant by {shorten(selector)!r}")
        wanted |= found
    return [replace(rule, off=False) for rule in rules if rule.name in wanted]


def _reasons(ignore: Sequence[str], families: Mapping[str, str | None], known: Mapping[str, str]) -> dict[str, str]:
    """Why each ignored rule is skipped; where two selectors mean a rule, the last one counts."""
    reasons: dict[str, str] = {}
    for text in ignore:
        selector, reason = with_reason(text)
        reasons |= dict.fromkeys(chosen(selector, families, known), reason)
    return reasons


def _ignored(rules: Sequence[Rule], reasons: Mapping[str, str]) -> list[Rule]:
    """Ignored rules stay in the list, so that a report says what was not looked at."""
    return [replace(rule, check=None, skipped=reasons[rule.name]) if rule.name in reasons else rule for rule in rules]


def _limited(rules: Sequence[Rule], limits: Mapping[str, int], known: Sequence[str]) -> list[Rule]:
    for name, most in limits.items():
        if name not in known:
            raise UsageError(f"no rule is called {shorten(name)!r}.{meant(name, known)}")
        if most < 0:
            raise UsageError(f"rule {name!r} can tolerate 0 or more defects, not {most}")
    return [replace(rule, max_count=limits.get(rule.name, rule.max_count)) for rule in rules]


def _rule(name: str, given: Mapping[str, Setting], checks: Mapping[str, type[Check]], guide_scale: float) -> Rule:
    """One rule from the settings of all packs; an error names the file that made it."""
    settings = {key: setting for key, setting in given.items() if setting.value is not None}
    keys = _keys(name, {key: settings[key] for key in RuleKeys.model_fields if key in settings})
    parameters = {key: setting for key, setting in settings.items() if key not in RuleKeys.model_fields}
    check = None
    if keys.not_measurable is None:
        check_class = _check_class(name, keys, given, checks)
        check = _check(name, check_class, parameters, settings.get("scales", NO_SCALES), guide_scale)
    elif parameters:
        key, (_, file) = next(iter(parameters.items()))
        raise UsageError(f"{file}: rules.{name}: unknown key {shorten(key)!r}.{meant(key, RuleKeys.model_fields)}")
    return Rule(
        name=name,
        check=check,
        severity=None if keys.severity is None else Severity(keys.severity),
        classes=tuple(keys.classes),
        splits=tuple(keys.splits),
        ignore=tuple(keys.ignore),
        why=keys.why,
        guide=keys.guide,
        skipped=None if keys.not_measurable is None else f"not measurable here: {keys.not_measurable}",
        max_count=keys.max_count,
        max_share=keys.max_share,
        off=keys.off,
    )


def _keys(name: str, settings: Mapping[str, Setting]) -> RuleKeys:
    try:
        keys = RuleKeys.model_validate({key: setting.value for key, setting in settings.items()})
    except ValidationError as error:
        place, problem = first_problem(error)
        raise UsageError(f"{settings[place.split('.')[0]].file}: rules.{name}.{place}: {problem}") from None
    for glob in keys.ignore:
        if fault := _fault_of(glob):
            raise UsageError(f"{settings['ignore'].file}: rules.{name}.ignore: the glob {shorten(glob)!r} {fault}")
    return keys


def _fault_of(glob: str) -> str | None:
    """Why a glob over image paths can match nothing that is meant."""
    if not glob.strip():
        return "is empty"
    if glob.startswith(("/", "./", "~")) or "\\" in glob or ".." in glob.split("/"):
        return "must be relative to the data set's root, with `/`, as in 'images/train/*'"
    if glob.count("[") > glob.count("]"):
        return "opens a `[` that is not closed"
    return None


def _check_class(
    name: str, keys: RuleKeys, given: Mapping[str, Setting], checks: Mapping[str, type[Check]]
) -> type[Check]:
    wanted = keys.check or name
    where = f"{given['check' if keys.check else MENTIONED].file}: rules.{name}"
    if name in checks and wanted != name:
        raise UsageError(f"{where}: is the name of a check and cannot run {shorten(wanted)!r}; call the rule otherwise")
    if wanted not in checks:
        raise UsageError(f"{where}: no check is called {shorten(wanted)!r}.{meant(wanted, checks)}")
    return checks[wanted]


def _check(
    name: str, check: type[Check], parameters: Mapping[str, Setting], scales: Setting, guide_scale: float
) -> Check:
    known, values = check.model_fields, {key: setting.value for key, setting in parameters.items()}
    for key, setting in parameters.items():
        if key not in known:
            hint = meant(key, [*known, *RuleKeys.model_fields])
            raise UsageError(f"{setting.file}: rules.{name}: {check.name()!r} has no parameter {shorten(key)!r}.{hint}")
    for key in scales.value:
        if key not in known or known[key].annotation is not int:
            where = f"{scales.file}: rules.{name}.scales"
            raise UsageError(f"{where}: {shorten(key)!r} is no whole-number parameter.{meant(key, known)}")
    try:
        made = _made(check, values)
        scaled = {key: max(1, round(getattr(made, key) * guide_scale)) for key in scales.value}
        return _made(check, {**values, **scaled}) if scaled else made
    except ValidationError as error:
        place, problem = first_problem(error)
        key = place.split(".")[0]
        file = f"{parameters[key].file}: " if key in parameters else ""
        raise UsageError(f"{file}rules.{name}.{place}: {problem}") from None


def _made(check: type[Check], values: Mapping[str, Any]) -> Check:
    """Strict, so that '12' is no number; by way of JSON, so that a list may fill a tuple."""
    return check.model_validate_json(json.dumps(values), strict=True)
