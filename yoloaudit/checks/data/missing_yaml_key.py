"""missing-yaml-key: train, val or names that the descriptor does not have."""

from collections.abc import Mapping

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import ALIASES, Descriptor, described
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Fix, Severity, shorten

WANTED = ("train", "val", "names")


class MissingYamlKey(Check):
    """Key that the trainer needs and the descriptor does not have.

    The trainer stops without `train`, `val` and `names`, and `names` must be a list or a mapping of ids to names. Keys
    like `valid` or `classes` are not looked at by it, though other tools write them. Rename the key, or add it.
    """

    severity = Severity.ERROR
    message = "{reason}"
    fix = Fix("rename", safe=True)

    good = (described_by(CLEAN), described_by(CLEAN.replace("[cat, dog]", "{0: cat, 1: dog}")))
    bad = (
        described_by(CLEAN.replace("val:", "valid:")),
        described_by(CLEAN.replace("val: images/val\n", "")),
        described_by(CLEAN.replace("[cat, dog]", "cat")),
        described_by(CLEAN.replace("names: [cat, dog]", "nc: 2")),
        described_by(CLEAN.replace("images/train", "null")),
    )

    def find(self, descriptor: Descriptor) -> Defects:
        if not descriptor.judged:
            return self.flag_whole()
        lacking = [(key, _reason(descriptor, key)) for key in WANTED]
        return self.flag_whole(
            {
                "file": descriptor.path,
                "line": descriptor.line(_alias(descriptor, key) or key),
                "reason": reason,
                "fix": self.fix if _alias(descriptor, key) and key not in descriptor.entries else None,
            }
            for key, reason in lacking
            if reason
        )


def _alias(descriptor: Descriptor, key: str) -> str | None:
    return next((other for other in ALIASES[key] if descriptor.value(other) is not None), None)


def _reason(descriptor: Descriptor, key: str) -> str | None:
    value = descriptor.value(key)
    if value is None:
        lacks = "has no value" if key in descriptor.entries else "is missing"
        alias = _alias(descriptor, key)
        if alias and descriptor.format == "yaml":
            return f"`{key}` {lacks}, and `{alias}` stands in its place: the trainer does not know that key and stops"
        return f"`{key}` {lacks}: the trainer stops without it"
    if key == "names" and not isinstance(value, list | Mapping):
        shown = f"the text {shorten(value)!r}" if isinstance(value, str) else described(value)
        return f"`names` is {shown}, not a list of names or a mapping of ids to names: the trainer stops"
    return f"`{key}` is empty: the trainer stops" if value in ([], {}) else None
