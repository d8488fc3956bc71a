"""The output gate: text of the user in, text that no terminal, CI log or report takes for anything else out."""

import codecs
import re

MOST = 200
"""Characters of one piece of text that are shown."""
COMMAND = re.compile(r":(?=:)|^:|:$|(?<=#)#(?=\[|vso\[)", re.IGNORECASE)
"""Characters that could begin a workflow command: `::error`, `##[group]`, `##vso[task]`."""
IN_ASCII = {"…": "...", "≥": ">=", "≤": "<=", "×": "x", "–": "-", "→": "->", "·": "-", "─": "-", "−": "-"}


def show(text: str, most: int = MOST) -> str:
    r"""The text with everything invisible or commanding spelt out as `\xNN` or `\u{NNNN}`, cut to `most` characters.

    Invisible is what `str.isprintable` refuses: control and format characters, direction marks, lone surrogates,
    line separators, spaces other than the plain one. A surrogate that stands for an undecodable byte shows that byte.
    """
    cut = text[:most]
    if not cut.isprintable():
        cut = "".join(letter if letter.isprintable() else _spelt(letter) for letter in cut)
    cut = COMMAND.sub(lambda found: f"\\x{ord(found[0]):02x}", cut)
    return cut if len(cut) <= most and len(text) <= most else cut[: most - 1] + "…"


def _spelt(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Error handler of an encoding that lacks our signs: `≥` becomes `>=`, other letters their escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(letter) or _spelt(letter) for letter in letters), error.end


codecs.register_error("yoloaudit", in_ascii)
