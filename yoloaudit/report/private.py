"""Texts of a run → the same without paths of a machine and names of its people, to be shown to strangers.

A text that is a path as a whole keeps its last part; in other texts every absolute path does. Names of users are those
that the machine tells, and those that stand in the paths of homes; they are replaced wherever they stand as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HIDDEN, USER, HOST = "…", "user", "host"
WHOLE = re.compile(r"\s*(?:/|\\\\|~|[A-Za-z]:[\\/]|file:/)", re.IGNORECASE)
"""How a text begins that is a path of a machine."""
INSIDE = re.compile(
    r"(?<![\w./~:…-])(?:/[^\s/\"'<>|,;]+){2,}/?"
    r"|\b[A-Za-z]:(?:[\\/][^\s\\/\"'<>|,;]+)+"
    r"|\\\\[^\s\"'<>|]+"
)
"""Absolute paths in other texts: of two parts and more, for `/` also divides."""
HOMES = re.compile(r"(?:/home/|/Users/|/u/|[A-Za-z]:[\\/](?:Users|Documents and Settings)[\\/])([^\\/\s\"':,;]+)")
PARTS = re.compile(r"[\\/]+")
SHORTEST = 3
"""Letters of a name that is replaced; shorter ones stand in too many words."""
COMMON = frozenset(
    (
        *("root", "user", "users", "admin", "administrator", "ubuntu", "debian", "centos", "runner", "docker"),
        *("vscode", "jovyan", "home", "work", "data", "app", "public", "shared", "default", "guest", "colab"),
        *("kaggle", "localhost", "train", "val", "test", "images", "labels", "runs", "exp", "weights", "none"),
        *("true", "false", "auto"),
    )
)
"""Names that tell of nobody, and words that settings are made of."""


@dataclass(frozen=True)
class Secrets:
    """What is not to be told."""

    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    def known(self, texts: Iterable[str]) -> Secrets:
        """With the users whose homes are named in these texts."""
        found = [name for text in texts for name in HOMES.findall(text)]
        return Secrets(tuple(dict.fromkeys((*self.users, *found))), self.hosts)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a plain value, keys of mappings among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts_of(key)
            yield from texts_of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_of(each)


def scrubbed(value: Any, secrets: Secrets) -> Any:
    """A plain value with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value, secrets)
    if isinstance(value, Mapping):
        return {scrubbed(key, secrets): scrubbed(each, secrets) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(each, secrets) for each in value]
    return value


def scrub(text: str, secrets: Secrets) -> str:
    """One text without absolute paths and without names."""
    if WHOLE.match(text) and "\n" not in text:
        text = last_part(text)
    else:
        text = INSIDE.sub(lambda found: f"{HIDDEN}/{last_part(found[0])}", text)
    for names, instead in ((secrets.users, USER), (secrets.hosts, HOST)):
        for name in names:
            if len(name) >= SHORTEST and name.casefold() not in COMMON:
                text = re.sub(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", instead, text, flags=re.IGNORECASE)
    return text


def last_part(path: str) -> str:
    """The last part of a path of any system."""
    parts = [part for part in PARTS.split(path.strip()) if part and part != "~"]
    return parts[-1] if parts and not (len(parts) == 1 and parts[0].endswith(":")) else HIDDEN
