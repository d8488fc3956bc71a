"""The address of a file → its bytes in a part of the file, or one sentence that says why not.

A connection that ends early is taken up where it ended, in the same run or a later one, if the server says that the
file is still the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.client import HTTPResponse

from yoloaudit.progress import Progress, silent
from yoloaudit.train.release.part import Part
from yoloaudit.train.release.web import Failed, Interrupted, Source, ask, judged

CHUNK = 1 << 18
BUSY = {408, 429}
"""Answers that may be others a moment later, beside those from 500 on."""
STRONG = re.compile(r'"[!#-~]{1,200}"')
"""An ETag that promises the same bytes, not merely the same meaning."""
CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})")
LEAST_RATE, RATE_SECONDS = 1000, 30.0
"""Bytes a second, judged so often: a connection that is slower is given up."""


def fetch(url: str, part: Part, source: Source, *, tell: Callable[[str], None], progress: Progress = silent) -> None:
    """Add what is missing to the part, which has no bytes yet or some of an earlier try. Raises Failed, WriteError."""
    for wait in source.waits:
        try:
            _try(url, part, source, progress)
        except Interrupted as failure:
            tell(f"{failure}. Trying again in {wait:g} s")
            source.sleep(wait)
        else:
            return
    _try(url, part, source, progress)


def _try(url: str, part: Part, source: Source, progress: Progress) -> None:
    """One connection."""
    start = part.size if STRONG.fullmatch(part.mark) else 0
    with ask(url, {"Range": f"bytes={start}-", "If-Range": part.mark} if start else {}, source) as answer:
        total = _begin(answer, part, start)
        if total is not None and total > source.most:
            raise _too_large(part, source)
        missing = None if total is None else (total - part.size) // 1000
        with progress.task(f"{url.rpartition('/')[2]}, kB", missing) as step:
            for data in _body(answer, source):
                before = part.size
                part.append(data)
                if part.size > source.most:
                    raise _too_large(part, source)
                step(part.size // 1000 - before // 1000)
    if total is not None and part.size != total:
        raise Interrupted(f"the connection ended after {part.size:,} of {total:,} bytes")


def _too_large(part: Part, source: Source) -> Failed:
    part.restart("")
    return Failed(f"it has more than {source.most:,} bytes, which is the limit")


def _begin(answer: HTTPResponse, part: Part, start: int) -> int | None:
    """Make the part ready for what the answer holds, which need not be what was asked for; the bytes of the file."""
    etag, status = answer.headers.get("ETag", ""), answer.status
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise Failed("the server sends it in a form that was not asked for")
    if status == 200:
        part.restart(etag if STRONG.fullmatch(etag) else "")
        length = answer.headers.get("Content-Length", "")
        return int(length) if re.fullmatch("[0-9]{1,15}", length) else None
    if start and status == 206:
        span = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if span and int(span[1]) == start < int(span[2]) and etag == part.mark:
            return int(span[2])
    if start and status in (206, 416):
        part.restart("")
        raise Interrupted("the file is no longer the one that was begun")
    if status >= 500 or status in BUSY:
        raise Interrupted(f"the server is busy or out of order: it answers {status}")
    raise Failed("the server has no such file (404)" if status == 404 else f"the server answers {status}")


def _body(answer: HTTPResponse, source: Source) -> Iterator[bytes]:
    """The bytes as they come, as long as they come fast enough."""
    began, seen = source.clock(), 0
    while True:
        with judged(answer.url):
            data = answer.read1(CHUNK)
        if not data:
            return
        yield data
        seen += len(data)
        if source.clock() - began >= RATE_SECONDS:
            if seen < LEAST_RATE * RATE_SECONDS:
                raise Interrupted(f"the server sends less than {LEAST_RATE:,} bytes a second")
            began, seen = source.clock(), 0
