"""class-count-mismatch: an `nc` that is not the number of names."""

from collections.abc import Mapping

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor, described
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Fix, Severity, shorten


class ClassCountMismatch(Check):
    """Class count that differs from the number of names.

    The trainer goes by the names and overwrites `nc` without a word; other versions stop. Where the two differ, a name
    was lost or one too many was added, and every class id after it means something else. Compare the names with the
    ids in the labels, then write the true number or leave `nc` out.
    """

    severity = Severity.ERROR
    message = "{reason}"
    fix = Fix("recount", safe=False)

    good = (described_by(CLEAN), described_by(CLEAN + "nc: 2\n"))
    bad = (described_by(CLEAN + "nc: 3\n"), described_by(CLEAN + "nc: two\n"), described_by(CLEAN + "nc: 1000000000\n"))

    def find(self, descriptor: Descriptor) -> Defects:
        count, names = descriptor.value("nc"), descriptor.value("names")
        if not descriptor.judged or count is None or not isinstance(names, list | Mapping):
            return self.flag_whole()
        if isinstance(count, int) and not isinstance(count, bool):
            if count == len(names):
                return self.flag_whole()
            reason = f"`nc` is {count:,}, but there are {len(names):,} names: the trainer goes by the names"
        else:
            shown = f"the text {shorten(count)!r}" if isinstance(count, str) else described(count)
            reason = f"`nc` is {shown}, not a whole number: the trainer goes by the {len(names):,} names"
        whole = float(count) if isinstance(count, int) else None
        place = {"file": descriptor.path, "line": descriptor.line("nc")}
        return self.flag_whole([{**place, "reason": reason, "value": whole, "limit": float(len(names))}])
