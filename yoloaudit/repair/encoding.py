"""The bytes of a label file that is no plain text → the same text in UTF-8 with line feeds."""

from __future__ import annotations

from yoloaudit.dataset.labels import decode
from yoloaudit.repair.edits import NotMended
from yoloaudit.repair.lines import MARK

UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""Encodings by the mark that a file begins with."""


def encoded(data: bytes) -> tuple[bytes, str]:
    """The text anew, and what was done, in words; raises NotMended where the text cannot be told."""
    _, error, _ = decode(data)
    if error is None:
        body = data.removeprefix(MARK)
        lone = b"\r" in body.replace(b"\r\n", b"")
        new = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if lone else body
        words = "line ends written as line feeds" if lone else "byte order mark taken away"
        return new, words
    if "UTF-16" not in error:
        raise NotMended(f"{error}: what it said cannot be told")
    name = UTF16.get(data[:2]) or ("utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be")
    try:
        text = data.decode(name).removeprefix("\ufeff")
        new = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
    except UnicodeError:
        raise NotMended(f"{error}, and is damaged: what it said cannot be told") from None
    if b"\0" in new:
        raise NotMended(f"{error}, and holds NUL characters: what it said cannot be told")
    return new, "text written as UTF-8"
