"""class-ids-not-contiguous: keys of `names` that are not the integers from 0 on."""

from collections.abc import Mapping
from typing import Any

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity, shorten

MOST_SHOWN = 5


class ClassIdsNotContiguous(Check):
    """Class ids in the names that are not the integers 0 to n − 1.

    The trainer makes one output for each name and numbers them from 0. With a gap, the highest ids have no output, and
    training stops at the first label that uses one; keys that are texts stop it at once. Number the names without
    gaps, and the labels likewise.
    """

    severity = Severity.ERROR
    message = "{reason}"

    good = (described_by(CLEAN), described_by(CLEAN.replace("[cat, dog]", "{1: dog, 0: cat}")))
    bad = (
        described_by(CLEAN.replace("[cat, dog]", "{0: cat, 5: dog}")),
        described_by(CLEAN.replace("[cat, dog]", "{1: cat, 2: dog}")),
        described_by(CLEAN.replace("[cat, dog]", "{cat: 0, dog: 1}")),
        described_by(CLEAN.replace("[cat, dog]", "{'0': cat, '1': dog}")),
    )

    def find(self, descriptor: Descriptor) -> Defects:
        names = descriptor.value("names")
        reason = _reason(names) if descriptor.judged and isinstance(names, Mapping) else None
        if reason is None:
            return self.flag_whole()
        return self.flag_whole([{"file": descriptor.path, "line": descriptor.line("names"), "reason": reason}])


def _reason(names: Mapping[Any, Any]) -> str | None:
    wrong = [key for key in names if not isinstance(key, int) or isinstance(key, bool) or key < 0]
    if wrong:
        if all(isinstance(value, int) for value in names.values()):
            return "`names` maps names to ids; the trainer wants ids mapped to names, and stops"
        shown = ", ".join(repr(shorten(key) if isinstance(key, str) else key) for key in wrong[:MOST_SHOWN])
        return f"{len(wrong):,} of {len(names):,} keys of `names` are no class ids: {shown}; the trainer stops"
    gaps = [number for number in range(len(names)) if number not in names]
    if not gaps:
        return None
    shown = ", ".join(map(str, gaps[:MOST_SHOWN])) + (" …" if len(gaps) > MOST_SHOWN else "")
    beyond = max(names)
    shown_beyond = str(beyond) if beyond < 1_000_000 else f"{beyond:.3g}"
    return (
        f"{len(names):,} class names, but the ids go up to {shown_beyond} and leave out {shown}: "
        "the trainer makes an output only for the first, and stops at a label beyond"
    )
