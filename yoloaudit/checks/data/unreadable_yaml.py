"""unreadable-yaml: descriptors that cannot be read, or say one thing twice."""

from yoloaudit.checks.base import Check
from yoloaudit.checks.data import CLEAN, described_by
from yoloaudit.dataset.descriptor import Descriptor
from yoloaudit.dataset.tables import Defects
from yoloaudit.findings import Severity, shorten

DECISIVE = frozenset(("path", "train", "val", "test", "names", "nc"))


class UnreadableYaml(Check):
    """Descriptor that cannot be read as a plain YAML mapping.

    A data.yaml is UTF-8 text that maps keys to texts, numbers and lists of them. Without a descriptor there are no
    splits and no class names, and nothing else can be judged. Tags, anchors, aliases and merge keys are refused: a data
    set needs none of them, and with other readers they run code or fill the memory. Of a key that stands twice, the
    last one counts without a word: remove the other.
    """

    severity = Severity.ERROR
    message = "{reason}"

    good = (described_by(CLEAN), described_by(b"\xef\xbb\xbf" + CLEAN.encode()))
    bad = (
        described_by("train: [images/train\nval: images/val\n"),
        described_by("- images/train\n- images/val\n"),
        described_by(CLEAN.encode("utf-16")),
        described_by("train: !!python/name:os.system images/train\nval: images/val\nnames: [cat]\n"),
        described_by(CLEAN + "train: images/val\n"),
    )

    def find(self, descriptor: Descriptor) -> Defects:
        if descriptor.problem is not None:
            reason = f"the descriptor {descriptor.problem}"
            if descriptor.layout == "yolo":
                reason += "; nothing of the data set can be read without it"
            return self.flag_whole([{"file": descriptor.path, "line": descriptor.problem_line, "reason": reason}])
        return self.flag_whole(
            {
                "file": descriptor.path,
                "line": line,
                "reason": f"the key {shorten(key)!r} stands twice: the last one counts, the first is lost",
                "severity": Severity.ERROR if key in DECISIVE else Severity.WARNING,
            }
            for key, line in descriptor.repeated
        )
