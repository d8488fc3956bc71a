"""An address → the answer of a server that is trusted, or one sentence that says why there is none.

HTTPS from a few named servers alone, by whatever proxy the environment names.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from yoloaudit.findings import shorten
from yoloaudit.version import __version__

MOST_HOPS = 5
REDIRECTS = {301, 302, 303, 307, 308}
PASSING = (
    *(TimeoutError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError, IncompleteRead),
    *(ssl.SSLEOFError, ssl.SSLZeroReturnError),
)
"""Errors of a connection that the next one may be spared."""


class Failed(Exception):
    """A download that cannot succeed; the text says why."""


class Interrupted(Failed):
    """A download that may succeed if it is tried again."""


@dataclass(frozen=True)
class Source:
    """Whom a download may talk to, and how patiently."""

    origins: frozenset[str]
    """Schemes and hosts, as `https://github.com`: others are not asked, whoever refers to them."""
    most: int = 2_000_000_000
    """Bytes of a file."""
    timeout: float = 20.0
    """Seconds without a sign of the server."""
    waits: tuple[float, ...] = (1.0, 3.0, 9.0)
    """Seconds before each further try."""
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


def ask(url: str, headers: dict[str, str], source: Source) -> HTTPResponse:
    """The answer of the server that is referred to in the end, whatever its status. Raises Failed."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(context=ssl.create_default_context())):
        opener.add_handler(handler)
    send = opener.open  # without a handler of redirects and errors every answer comes back as it is
    headers = {"User-Agent": f"yoloaudit/{__version__}", "Accept-Encoding": "identity", **headers}
    for _ in range(MOST_HOPS):
        with judged(url):
            origin = _origin(url)
            if origin not in source.origins:
                raise Failed(f"it leads to {shorten(origin)}, and weights are taken from no such place")
            answer: HTTPResponse = send(Request(url, headers=headers), timeout=source.timeout)  # noqa: S310 - see above
            if answer.status not in REDIRECTS:
                return answer
            answer.close()
            url = urljoin(url, answer.headers.get("Location", ""))
    raise Failed("it leads from one address to the next without an end")


def _origin(url: str) -> str:
    """Scheme and host of an address."""
    if not (url.isascii() and url.isprintable()):
        raise ValueError("not an address")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


@contextmanager
def judged(url: str) -> Iterator[None]:
    """Whatever goes wrong with a connection becomes Failed or Interrupted."""
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        text = shorten(" ".join(str(getattr(cause, "strerror", None) or cause).split()), 200) or type(cause).__name__
    else:
        return
    if isinstance(cause, PASSING):
        raise Interrupted(f"the connection broke ({text})")
    if isinstance(cause, socket.gaierror):
        text = f"{urlsplit(url).hostname} is not found ({text}), as happens without a network"
    elif isinstance(cause, ssl.SSLCertVerificationError):
        why = getattr(cause, "verify_message", text)
        text = f"the certificate of {urlsplit(url).hostname} is not to be trusted ({why})"
    raise Failed(text)
