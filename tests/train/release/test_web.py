"""Which servers are asked, by which ways, and what becomes of the ways in which asking fails."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loopback import Answer, Clerk, Server, file_of, serving, without_proxies
from yoloaudit.train.release import web
from yoloaudit.train.release.web import Failed, Interrupted

DATA = np.random.default_rng(5).bytes(700_000)
REST = np.random.default_rng(6).bytes(700_000)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def test_a_redirect_elsewhere_is_refused_and_nobody_is_asked(server: Server, tmp_path: Path) -> None:
    with serving() as foreign:
        host = foreign.origin.removeprefix("http://")
        clerk = Clerk(server)
        own = server.origin.removeprefix("http://")
        clerk.source = replace(clerk.source, origins=frozenset({server.origin, f"https://{host}"}))
        places = [
            *(foreign.origin, f"http://{own}@{host}", f"{server.origin}\\@{host}", f"//{host}"),
            *(f"https://{own}", "http://localhost:" + own.partition(":")[2], f"{server.origin}.example.org"),
            *("ftp://127.0.0.1", "file:///etc/passwd", "data:,x", "http://[", f"{server.origin}\x85/x"),
        ]
        for place in places:
            server.in_turn(Answer(302, b"", {"Location": f"{place}/yolov5n.pt"}))
            text = clerk.refused(tmp_path / "a.pt")
            assert "no such place" in text or "address" in text or "Invalid" in text, place
        assert foreign.asked == []
        assert len(server.asked) == len(places)
        assert clerk.slept == []


@pytest.mark.parametrize("place", ["/again", ""])
def test_redirects_end(server: Server, tmp_path: Path, place: str) -> None:
    server.in_turn(Answer(301, b"", {"Location": place}))
    assert "without an end" in Clerk(server).refused(tmp_path / "a.pt")
    assert len(server.asked) == web.MOST_HOPS


def test_only_what_is_named_is_asked_in_the_first_place(server: Server, tmp_path: Path) -> None:
    clerk = Clerk(server)
    clerk.source = replace(clerk.source, origins=frozenset({"https://github.com"}))
    assert "no such place" in clerk.refused(tmp_path / "a.pt")
    assert server.asked == []


def test_nobody_listens(server: Server, tmp_path: Path) -> None:
    with serving() as gone:
        origin = gone.origin
    clerk = Clerk(server)
    clerk.source = replace(clerk.source, origins=frozenset({origin}))
    clerk.url = f"{origin}/yolov5n.pt"
    assert "refused" in clerk.refused(tmp_path / "a.pt")
    assert clerk.slept == []


def test_a_proxy_is_asked_where_the_environment_names_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.origin)
    server.in_turn(Answer(403))
    clerk = Clerk(server)
    clerk.source = replace(clerk.source, origins=frozenset({"https://github.invalid"}))
    clerk.url = "https://github.invalid/yolov5n.pt"
    assert "403" in clerk.refused(tmp_path / "a.pt")
    assert server.paths == ["github.invalid:443"]


def test_a_name_that_nobody_knows(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    clerk = Clerk(server)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    clerk.source = replace(clerk.source, origins=frozenset({"https://github.invalid"}))
    clerk.url = "https://github.invalid/yolov5n.pt"
    text = clerk.refused(tmp_path / "a.pt")
    assert text.startswith("github.invalid is not found")
    assert clerk.slept == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_certificate_of_nobody_is_not_trusted(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    (tmp_path / "cache").mkdir()
    with serving(context) as server:
        server.respond = file_of(DATA)
        clerk = Clerk(server)
        text = clerk.refused(tmp_path / "cache" / "a.pt")
        assert "certificate of" in text
        assert "not to be trusted" in text
        assert clerk.slept == []
        assert server.asked == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(certificate))
            assert clerk.fetch(tmp_path / "cache" / "a.pt") == DATA


def _raise(error: BaseException) -> None:
    with web.judged("https://github.com/a"):
        raise error


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (TimeoutError("timed out"), True),
        (ConnectionResetError(104, "reset"), True),
        (BrokenPipeError(), True),
        (IncompleteRead(b""), True),
        (URLError(TimeoutError()), True),
        (ssl.SSLEOFError(8, "EOF occurred"), True),
        (ssl.SSLCertVerificationError(1, "self-signed"), False),
        (ssl.SSLError(1, "wrong version number"), False),
        (OSError(101, "Network is unreachable"), False),
        (URLError("odd"), False),
        (ValueError("bad\nline"), False),
    ],
)
def test_errors_pass_or_do_not(error: BaseException, passing: bool) -> None:
    with pytest.raises(Failed) as caught:
        _raise(error)
    assert isinstance(caught.value, Interrupted) == passing
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stop_is_a_stop() -> None:
    with pytest.raises(KeyboardInterrupt):
        _raise(KeyboardInterrupt())


@given(st.text() | st.text("ht:/ps.[]@\\#?1:gub com", min_size=5).map(lambda rest: f"https:{rest}"))
def test_no_address_but_the_named_hosts_gets_through(url: str) -> None:
    try:
        origin = web._origin(url)
    except ValueError:
        return
    assert origin != "https://github.com" or url.lower().startswith("https://github.com")
