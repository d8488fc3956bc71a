"""Edits → a unified diff that a person reads, and `patch -p1` where the files are plain text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from yoloaudit.repair.edits import Edit, Move, Write
from yoloaudit.report.text import show

MOST = 10_000
"""Characters of a line that are shown."""
MANY_ROWS = 20_000
"""Lines of a file above which it is only said that it changes: comparing them would take long."""
STYLES = (("diff ", "bold"), ("--- ", "bold"), ("+++ ", "bold"), ("@@", "cyan"), ("-", "red"), ("+", "green"))
CHUNK = 1000
"""Lines that are coloured at once."""
NO_END = "\\ No newline at end of file"


def lines(edits: Sequence[Edit]) -> Iterator[str]:
    """The lines of the diff, in order of the paths."""
    for edit in sorted(edits, key=lambda edit: edit.path):
        yield from _moved(edit) if isinstance(edit, Move) else _rewritten(edit)


def coloured(diff: Iterable[str]) -> Iterator[str]:
    """The lines as a terminal shows them: what goes red, what comes green."""
    from rich.text import Text

    from yoloaudit.cli.console import paper, written

    rest = iter(diff)
    while some := list(islice(rest, CHUNK)):
        sheet = paper(lively=True)
        for line in some:
            style = next((style for start, style in STYLES if line.startswith(start)), "")
            sheet.print(Text(line, style), soft_wrap=True)
        yield from written(sheet)


def _moved(edit: Move) -> Iterator[str]:
    yield f"diff --git a/{show(edit.path, MOST)} b/{show(edit.to, MOST)}"
    yield "similarity index 100%"
    yield f"rename from {show(edit.path, MOST)}"
    yield f"rename to {show(edit.to, MOST)}"


def _rewritten(edit: Write) -> Iterator[str]:
    path = show(edit.path, MOST)
    old, new = edit.old or b"", edit.new
    yield f"diff --git a/{path} b/{path}"
    if edit.old is None:
        yield "new file mode 100644"
    if edit.keep is not None or b"\0" in old or b"\0" in new:
        yield f"Binary files a/{path} and b/{path} differ"
        return
    if max(old.count(b"\n"), new.count(b"\n")) > MANY_ROWS:
        yield f"Files a/{path} and b/{path} differ: {len(old):,} bytes become {len(new):,}"
        return
    if not old and not new:
        return
    yield "--- /dev/null" if edit.old is None else f"--- a/{path}"
    yield f"+++ b/{path}"
    hide = all(data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r") for data in (old, new))
    before, after = (_split(data, hide=hide) for data in (old, new))
    for line in list(difflib.unified_diff(before, after, n=3, lineterm=""))[2:]:
        yield from _shown(line)


def _split(data: bytes, *, hide: bool) -> list[str]:
    """Lines with their line feeds; carriage returns are hidden where all lines of both files end in them."""
    text = data.decode("utf-8", "surrogateescape")
    text = text.replace("\r\n", "\n") if hide else text
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _shown(line: str) -> Iterator[str]:
    if line.startswith("@@"):
        yield line
        return
    yield line[0] + show(line[1:].removesuffix("\n").replace("\t", "    "), MOST)
    if not line.endswith("\n"):
        yield NO_END
