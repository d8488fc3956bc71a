"""Text of the user → the same as text in HTML, in a workflow command, in a SARIF message and in a URI.

Everything but a URI passes `report.text.show` first, so that what is invisible or commanding is spelt out.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from yoloaudit.report.text import show

MOST_PATH, MOST_MESSAGE, MOST_WORD = 4096, 500, 80
SPECIAL = re.compile(
    r"[@#$]|[!~%&][\w\"]|:(?!\s|$)|www\.|\b(?=\d*[a-f])[0-9a-f]{7,}\b|\bgh-\d|(?-i:\b[A-Z][A-Z0-9_]+-\d)", re.IGNORECASE
)
"""What GitHub or GitLab might link, mention or draw where it stands in plain text: in <code> they leave it alone."""

BACKTICKS = re.compile(r"`([^`]+)`")
ENTITIES = {ord(letter): f"&#{ord(letter)};" for letter in "@[]"}
"""Letters of links, pictures and mentions, spelt so that not even a reader of Markdown who knows no HTML takes them."""


def code(text: str, most: int = MOST_WORD) -> str:
    """Text in <code>, for HTML blocks: no Markdown is read in them, and in <code> nothing is linked or mentioned."""
    return f"<code>{_escaped(show(text, most))}</code>"


def prose(text: str, most: int = MOST_MESSAGE) -> str:
    """A sentence that may quote data, for HTML blocks: as it is, or in <code> where it could be more than text."""
    return code(text, most) if SPECIAL.search(text) else marked(show(text, most))


def marked(text: str) -> str:
    """A sentence of our own for HTML blocks, with `…` in <code>."""
    return BACKTICKS.sub(r"<code>\1</code>", _escaped(text))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).translate(ENTITIES)


def command_data(text: str) -> str:
    """The message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """A property of a workflow command, as `file` and `title`."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def sarif_message(text: str, most: int = MOST_MESSAGE) -> str:
    r"""A plain text message: `{` and `}`, which make placeholders, are doubled; `[a](b)`, a link, becomes `\[a\](b)`.

    SARIF 2.1.0, sections 3.11.5 and 3.11.6.
    """
    shown = show(text, most).replace("{", "{{").replace("}", "}}")
    return shown.replace("[", "\\[").replace("]", "\\]") if "](" in shown else shown


def uri(path: str) -> str:
    """A path with `/` as a URI reference: relative, or `file://` where it is absolute, its bytes percent-encoded.

    RFC 3986: all but letters, digits and `-._~` is encoded, also `:`, which would make a scheme of the first part.
    """
    if path.startswith("/"):
        return "file:///" + quote(raw(path.lstrip("/")), safe="/")
    drive = re.match(r"[A-Za-z]:(?=[\\/])", path)
    return f"file:///{path[:2]}{quote(raw(path[2:]), safe='/')}" if drive else quote(raw(path), safe="/")


def raw(path: str) -> bytes:
    """The bytes of a name on disk; those of a text that no name can have, all the same."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")
