"""A web server on the loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import io
import os
import socket
import ssl
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yoloaudit.train.release.download import fetch
from yoloaudit.train.release.part import Part
from yoloaudit.train.release.web import Failed, Source

Asked = Mapping[str, str]
"""The headers of a request."""


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """`Content-Length` is that of the body unless it is said here; an empty one is not sent."""
    wait: float = 0.0
    """Seconds before each byte of the body."""
    reset: bool = False
    """The connection breaks after the body, otherwise it ends."""


Respond = Callable[[Asked], Answer]


@dataclass
class Server:
    origin: str
    respond: Respond = lambda asked: Answer(404)
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def in_turn(self, *answers: Answer | Respond) -> None:
        """Answer so, one request after the other; the last answer is given from then on."""
        left = list(answers)

        def respond(asked: Asked) -> Answer:
            answer = left.pop(0) if len(left) > 1 else left[0]
            return answer if isinstance(answer, Answer) else answer(asked)

        self.respond = respond


class Handler(BaseHTTPRequestHandler):
    """Answers for the `Server` that its web server bears."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.told.asked.append(dict(self.headers))
        server.told.paths.append(self.path)
        self.answer(server.told.respond(server.told.asked[-1]), server.stopping)

    do_CONNECT = do_GET  # noqa: N815 - the name that the library looks for

    def answer(self, answer: Answer, stopping: threading.Event) -> None:
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(answer.body), 1 if answer.wait else len(answer.body) or 1):
            if stopping.wait(answer.wait):
                break
            self.wfile.write(answer.body[start : start + 1] if answer.wait else answer.body)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class Listening(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.stopping = threading.Event()
        self.told = Server(f"http://127.0.0.1:{self.server_port}")
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.told.origin = f"https://localhost:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server of its own for the time being; with a context it speaks TLS."""
    with Listening(context) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield http.told
        finally:
            http.stopping.set()
            http.shutdown()
            thread.join()


def file_of(data: bytes, etag: str = '"one"', cut: int | None = None, **rest: bool) -> Respond:
    """A file as servers hold it, whole or from where it is asked for; after `cut` bytes the connection ends."""

    def respond(asked: Asked) -> Answer:
        start = 0
        if asked.get("If-Range") == etag and "Range" in asked:
            start = int(asked["Range"].removeprefix("bytes=").rstrip("-"))
        headers = {"ETag": etag, "Content-Length": str(len(data) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        body = data[start:] if cut is None else data[start : start + cut]
        return Answer(206 if start else 200, body, headers, **rest)

    return respond


def archive(size: int = 100_000, seed: int = 0) -> bytes:
    """A ZIP archive of uncompressed noise."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(zipfile.ZipInfo("archive/data.pkl"), np.random.default_rng(seed).bytes(size))
    return made.getvalue()


class Clerk:
    """A source on the loopback, and what it was told and how long it slept."""

    def __init__(self, server: Server, **rest: Any) -> None:
        self.slept: list[float] = []
        self.told: list[str] = []
        self.source = Source(frozenset({server.origin}), timeout=5.0, sleep=self.slept.append, **rest)
        self.url = f"{server.origin}/v7.0/yolov5n.pt"

    def fetch(self, path: Path) -> bytes:
        with closing(Part(str(path))) as part:
            fetch(self.url, part, self.source, tell=self.told.append)
            part.finish()
        return path.read_bytes()

    def refused(self, path: Path) -> str:
        with pytest.raises(Failed) as caught:
            self.fetch(path)
        assert not path.exists()
        return str(caught.value)


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing stand between a test and its server."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
