"""What a download makes of files that come whole, in pieces, changed, too slowly, or without an end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.loopback import Answer, Clerk, Server, file_of, serving, without_proxies
from yoloaudit.train.release.download import fetch
from yoloaudit.train.release.part import Part

DATA = np.random.default_rng(5).bytes(700_000)
REST = np.random.default_rng(6).bytes(700_000)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def _left(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_comes_whole(server: Server, tmp_path: Path) -> None:
    server.respond = file_of(DATA)
    clerk = Clerk(server)
    assert clerk.fetch(tmp_path / "a.pt") == DATA
    assert _left(tmp_path) == ["a.pt"]
    assert not clerk.told
    assert not clerk.slept
    assert "Range" not in server.asked[0]
    assert server.asked[0]["User-Agent"].startswith("yoloaudit/")


def test_progress_counts_what_comes(server: Server, tmp_path: Path) -> None:
    steps: list[int] = []
    tasks: list[tuple[str, int | None]] = []

    class Counter:
        @contextmanager
        def task(self, name: str, total: int | None = None) -> Iterator[Any]:
            tasks.append((name, total))
            yield steps.append

    server.in_turn(file_of(DATA, cut=300_500), file_of(DATA))
    clerk = Clerk(server)
    with closing(Part(str(tmp_path / "a.pt"))) as part:
        fetch(clerk.url, part, clerk.source, tell=clerk.told.append, progress=Counter())
    assert tasks == [("yolov5n.pt, kB", 700), ("yolov5n.pt, kB", 399)]
    assert sum(steps) == 700


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_connection_is_taken_up_where_it_ended(server: Server, tmp_path: Path, reset: bool) -> None:
    server.in_turn(file_of(DATA, cut=300_000, reset=reset), file_of(DATA, cut=100_000), file_of(DATA))
    clerk = Clerk(server)
    assert clerk.fetch(tmp_path / "a.pt") == DATA
    assert clerk.slept == [1.0, 3.0]
    if not reset:
        assert [asked.get("Range") for asked in server.asked] == [None, "bytes=300000-", "bytes=400000-"]
        assert clerk.told[0] == "the connection ended after 300,000 of 700,000 bytes. Trying again in 1 s"


def test_a_later_run_takes_it_up_as_well(server: Server, tmp_path: Path) -> None:
    server.respond = file_of(DATA, cut=200_000)
    assert "after 200,000 of" in Clerk(server, waits=()).refused(tmp_path / "a.pt")
    assert _left(tmp_path) == ["a.pt.part", "a.pt.part.mark"]
    server.respond = file_of(DATA)
    assert Clerk(server).fetch(tmp_path / "a.pt") == DATA
    assert server.asked[-1]["Range"] == "bytes=200000-"
    assert server.asked[-1]["If-Range"] == '"one"'
    assert _left(tmp_path) == ["a.pt"]


def test_a_file_that_has_changed_begins_anew(server: Server, tmp_path: Path) -> None:
    server.in_turn(file_of(DATA, cut=300_000), file_of(REST, etag='"two"'))
    assert Clerk(server).fetch(tmp_path / "a.pt") == REST


@pytest.mark.parametrize(
    "odd",
    [
        Answer(206, REST[300_000:], {"ETag": '"two"', "Content-Range": "bytes 300000-699999/700000"}),
        Answer(206, DATA[300_000:], {"Content-Range": "bytes 300000-699999/700000"}),
        Answer(206, DATA[299_999:], {"ETag": '"one"', "Content-Range": "bytes 299999-699999/700000"}),
        Answer(206, DATA[300_000:], {"ETag": '"one"'}),
        Answer(416, b"", {"Content-Range": "bytes */700000"}),
    ],
)
def test_an_answer_that_does_not_fit_begins_anew(server: Server, tmp_path: Path, odd: Answer) -> None:
    server.in_turn(file_of(DATA, cut=300_000), odd, file_of(DATA))
    assert Clerk(server).fetch(tmp_path / "a.pt") == DATA
    assert "Range" not in server.asked[2]


@pytest.mark.parametrize("etag", ["", 'W/"weak"', "bare", '"' + "x" * 300 + '"'])
def test_without_a_strong_mark_nothing_is_taken_up(server: Server, tmp_path: Path, etag: str) -> None:
    server.in_turn(file_of(DATA, etag, cut=300_000), file_of(DATA, etag))
    assert Clerk(server).fetch(tmp_path / "a.pt") == DATA
    assert "Range" not in server.asked[1]
    server.respond = file_of(DATA, etag, cut=300_000)
    Clerk(server, waits=()).refused(tmp_path / "b.pt")
    assert _left(tmp_path) == ["a.pt"]


def test_a_mark_that_is_none_is_never_sent(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.pt.part").write_bytes(b"planted")
    (tmp_path / "a.pt.part.mark").write_bytes(b'"one"\r\nX-Evil: 1')
    server.respond = file_of(DATA)
    assert Clerk(server).fetch(tmp_path / "a.pt") == DATA
    assert "Range" not in server.asked[0]


@pytest.mark.parametrize("status", [500, 502, 503, 408, 429])
def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.in_turn(Answer(status), Answer(status), file_of(DATA))
    clerk = Clerk(server)
    assert clerk.fetch(tmp_path / "a.pt") == DATA
    assert clerk.slept == [1.0, 3.0]
    server.in_turn(Answer(status))
    assert f"answers {status}" in clerk.refused(tmp_path / "b.pt")
    assert clerk.slept == [1.0, 3.0, 1.0, 3.0, 9.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206, 304, 416])
def test_a_refusal_is_final(server: Server, tmp_path: Path, status: int) -> None:
    server.in_turn(Answer(status))
    clerk = Clerk(server)
    assert str(status) in clerk.refused(tmp_path / "a.pt")
    assert clerk.slept == []
    assert _left(tmp_path) == []


def test_a_body_that_stays_short_is_refused_in_the_end(server: Server, tmp_path: Path) -> None:
    server.in_turn(Answer(200, DATA, {"Content-Length": "800000"}))
    clerk = Clerk(server)
    assert "after 700,000 of 800,000 bytes" in clerk.refused(tmp_path / "a.pt")
    assert len(server.asked) == 4


def test_a_length_that_is_none_is_not_believed(server: Server, tmp_path: Path) -> None:
    for length in ("", "-5", "many", "9" * 30):
        server.in_turn(Answer(200, DATA, {"Content-Length": length}))
        assert Clerk(server).fetch(tmp_path / "a.pt") == DATA


def test_chunks_are_understood_and_a_missing_end_is_seen(server: Server, tmp_path: Path) -> None:
    chunk = f"{len(DATA):x}\r\n".encode() + DATA + b"\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    server.in_turn(Answer(200, chunk, headers), Answer(200, chunk + b"0\r\n\r\n", headers))
    clerk = Clerk(server)
    assert clerk.fetch(tmp_path / "a.pt") == DATA
    assert len(clerk.slept) == 1


@pytest.mark.parametrize("said", ["", "700000"])
def test_no_more_than_the_limit_is_taken(server: Server, tmp_path: Path, said: str) -> None:
    server.in_turn(Answer(200, DATA, {"Content-Length": said, "ETag": '"one"'}))
    clerk = Clerk(server, most=600_000)
    assert "more than 600,000 bytes" in clerk.refused(tmp_path / "a.pt")
    assert _left(tmp_path) == []
    assert clerk.slept == []


def test_a_form_that_was_not_asked_for_is_refused(server: Server, tmp_path: Path) -> None:
    server.in_turn(Answer(200, DATA, {"Content-Encoding": "gzip"}))
    assert "form" in Clerk(server).refused(tmp_path / "a.pt")
    assert server.asked[0]["Accept-Encoding"] == "identity"


def test_a_redirect_to_a_trusted_host_is_followed_with_the_range(server: Server, tmp_path: Path) -> None:
    with serving() as store:
        server.in_turn(Answer(302, b"", {"Location": f"{store.origin}/file?signature=1"}))
        store.in_turn(file_of(DATA, cut=300_000), file_of(DATA))
        clerk = Clerk(server)
        clerk.source = replace(clerk.source, origins=frozenset({server.origin, store.origin}))
        assert clerk.fetch(tmp_path / "a.pt") == DATA
        assert store.asked[1]["Range"] == "bytes=300000-"
        assert store.paths == ["/file?signature=1"] * 2


def test_a_silent_server_is_left_after_a_while(server: Server, tmp_path: Path) -> None:
    server.in_turn(Answer(200, b"xx", wait=60))
    clerk = Clerk(server)
    clerk.source = replace(clerk.source, timeout=0.1)
    assert "connection broke (timed out)" in clerk.refused(tmp_path / "a.pt")
    assert len(server.asked) == 4


def test_a_server_that_drips_is_left_as_well(server: Server, tmp_path: Path) -> None:
    ticks = iter(range(0, 10**6, 10))
    server.in_turn(Answer(200, b"x" * 1000, {"ETag": '"two"'}, wait=0.01), file_of(DATA))
    clerk = Clerk(server, clock=lambda: float(next(ticks)))
    assert clerk.fetch(tmp_path / "a.pt") == DATA
    assert clerk.told == ["the server sends less than 1,000 bytes a second. Trying again in 1 s"]
