"""undecodable-label: label files that are no plain text, or cannot be read at all."""

from yoloaudit.checks.base import Check, Example
from yoloaudit.dataset.tables import Defects, Labels
from yoloaudit.findings import Fix, Severity, shorten

ROW = "0 0.5 0.5 0.2 0.2\n"
MARK, RETURNS = "byte order mark", "carriage returns alone"


class UndecodableLabel(Check):
    """Label file that is no plain text, or cannot be read at all.

    Labels are UTF-8 text without a byte order mark, a row a line. Another encoding, a NUL byte or a byte order mark
    makes the first number unreadable, and the trainer drops the image. Lines that end in carriage returns alone are
    read, yet other tools take them for one line. The fix writes the text anew as UTF-8 with line feeds.
    """

    severity = Severity.ERROR
    message = "{reason}"
    fix = Fix("encode", safe=True)

    good = (ROW, Example(files={"labels/train/a.txt": ROW.replace("\n", "\r\n").encode()}, title="Windows line ends"))
    bad = (
        Example(files={"labels/train/a.txt": b"\xef\xbb\xbf" + ROW.encode()}, title="byte order mark"),
        Example(files={"labels/train/a.txt": ROW.encode("utf-16")}, title="UTF-16"),
        Example(files={"labels/train/a.txt": b"0 0.5 \xff\xfe 0.2 0.2\n"}, title="not UTF-8"),
        Example(files={"labels/train/a.txt": b"0 0.5 0.5 0.2 0.2\0\n"}, title="NUL byte"),
        Example(files={"labels/train/a.txt": (ROW * 2).replace("\n", "\r").encode()}, title="carriage returns alone"),
    )

    def find(self, labels: Labels) -> Defects:
        odd = labels[(labels["error"].notna() | labels["flaw"].notna()) & (labels["image"] >= 0)]
        troubles = [
            error if isinstance(error, str) else flaw for error, flaw in zip(odd["error"], odd["flaw"], strict=True)
        ]
        return self.flag(
            odd,
            reason=[_sentence(trouble, lost) for trouble, lost in zip(troubles, odd["error"].notna(), strict=True)],
            severity=[Severity.WARNING if trouble == RETURNS else Severity.ERROR for trouble in troubles],
            fix=[self.fix if trouble in (MARK, RETURNS) or "UTF-16" in trouble else None for trouble in troubles],
        )


def _sentence(trouble: str, lost: bool) -> str:
    if trouble == MARK:
        return "label file begins with a byte order mark: the trainer fails on the first number and drops the image"
    if trouble == RETURNS:
        return "lines end in carriage returns alone: the trainer reads them, yet other tools see one line"
    if not lost:
        return f"label file: {shorten(trouble, 200)}"
    effect = "the trainer drops the image" if "text" in trouble else "its rows cannot be judged"
    return f"label file {shorten(trouble, 200)}: {effect}"
