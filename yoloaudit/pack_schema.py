"""Check classes → the JSON schema of a rule pack, so that an editor can complete and verify one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.checks.discover import all_checks
from yoloaudit.pack_files import NAME
from yoloaudit.packs import RuleKeys


def schema() -> dict[str, Any]:
    """The schema: a rule named after a check takes its parameters; a rule of another name says which check it runs."""
    checks = all_checks()
    rules = {
        "type": "object",
        "description": "rules by name",
        "propertyNames": {"pattern": f"^{NAME.pattern}$", "maxLength": 60},
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in checks},
        "additionalProperties": {"$ref": "#/$defs/rule-of-another-name"},
    }
    extends = {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "description": "packs that this one is laid over: guide, default, strict, or paths relative to this file",
    }
    any_rule = {"type": ["object", "null"], "properties": _or_null(RuleKeys.model_json_schema()["properties"])}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule pack of yoloaudit",
        "type": "object",
        "additionalProperties": False,
        "properties": {"extends": extends, "rules": rules},
        "$defs": {
            "any-rule": any_rule,
            "rule-of-another-name": _of_another_name(checks),
            **{name: _of_check(check) for name, check in checks.items()},
        },
    }


def schema_text() -> str:
    """The schema as the text of rules/schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _of_check(check: type[Check]) -> dict[str, Any]:
    return {
        "title": check.title(),
        "description": " ".join(check.why().split()),
        "$ref": "#/$defs/any-rule",
        "properties": {"check": {"const": check.name()}, **_or_null(check.model_json_schema().get("properties", {}))},
        "unevaluatedProperties": False,
    }


def _of_another_name(checks: Mapping[str, type[Check]]) -> dict[str, Any]:
    """A rule that runs the check it names, or one that files cannot answer."""
    runs = [{"if": {"properties": {"check": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}} for name in checks]
    return {
        "type": "object",
        "if": {"required": ["check"]},
        "then": {"properties": {"check": {"enum": list(checks)}}, "allOf": runs},
        "else": {"$ref": "#/$defs/any-rule", "required": ["not_measurable"], "unevaluatedProperties": False},
    }


def _or_null(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Each key may also be null, which takes back what an extended pack says; generated titles are left out."""
    found = {}
    for name, facts in properties.items():
        kept = {key: fact for key, fact in facts.items() if key != "title"}
        if "anyOf" not in kept and "enum" not in kept:
            kept["type"] = [kept["type"], "null"]
        elif "enum" in kept:
            kept = {"description": kept.get("description", ""), "enum": [*kept["enum"], None]}
        found[name] = kept
    return found
