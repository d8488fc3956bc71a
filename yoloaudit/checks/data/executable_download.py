"""executable-download: a `download` that the trainer would run."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor, described
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity, shorten


class ExecutableDownload(Check):
    """Download entry that the trainer would run as a program.

    If `val` does not exist, the trainer hands a `download` that begins with bash to a shell and runs any other text as
    Python; only an address that ends in .zip is merely fetched. It is never run or fetched here. Read it before you
    train, or take it out. In a data set that is not trusted it is an error.
    """

    severity = Severity.WARNING
    message = "`download` {what}; it was not run"

    good = (described_by(CLEAN), described_by(CLEAN + "download: null\n"))
    bad = (
        described_by(CLEAN + "download: |\n  from pathlib import Path\n  Path('x').mkdir()\n"),
        described_by(CLEAN + "download: bash fetch.sh\n"),
        described_by(CLEAN + "download: https://example.org/pets.zip\n"),
    )

    def find(self, descriptor: Descriptor) -> Defects:
        value = descriptor.value("download")
        if value is None or value == "" or not descriptor.judged:
            return self.flag_whole()
        text = value if isinstance(value, str) else described(value)
        fetched = text.startswith(("http://", "https://")) and text.endswith(".zip") and "\n" not in text
        shown = shorten(" ".join(text.split()), 80)
        if fetched:
            what, grade = f"is an address that the trainer fetches and unpacks: {shown!r}", Severity.INFO
        else:
            how = "as a shell line" if text.startswith("bash ") else "as Python"
            what, grade = f"holds a script that the trainer runs {how}: {shown!r}", Severity.WARNING
        if descriptor.untrusted:
            grade = Severity.WARNING if fetched else Severity.ERROR
        return self.flag_whole(
            [{"file": descriptor.path, "line": descriptor.line("download"), "what": what, "severity": grade}]
        )
