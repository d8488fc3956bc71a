"""A headless Chromium that tests start: pages are opened, keys pressed and questions asked over the DevTools protocol.

The protocol runs over two pipes, as Chromium's `--remote-debugging-pipe` has it, so that nothing but a Chromium is
needed: messages of JSON that end with a zero byte, written to its descriptor 3 and read from its descriptor 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio"),
    *("--disable-extensions", "--disable-component-update", "--disable-background-networking", "--disable-sync"),
    *("--hide-scrollbars", "--force-color-profile=srgb", "--disable-default-apps", "--no-default-browser-check"),
)
CONNECT = """
import os, sys
reading, writing = int(sys.argv[1]), int(sys.argv[2])
os.dup2(reading, 13), os.dup2(writing, 14)
os.dup2(13, 3), os.dup2(14, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
PATIENCE = 60.0
SHIFT = 8

FAINT = """(() => {
  const bright = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => bright(Number(part) / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = new Set();
  for (const node of document.querySelectorAll("p, a, span, td, th, li, dd, dt, h1, h2, h3, button, summary")) {
    if (!node.textContent.trim() || node.closest("[hidden], svg, .out-of-sight, .skip, .anchor, .copy")) continue;
    const [more, less] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    const contrast = (more + 0.05) / (less + 0.05);
    if (contrast < 4.5) faint.add(`${node.tagName}.${node.className} ${contrast.toFixed(1)}`);
  }
  return [...faint];
})()"""
"""Texts that contrast less with their ground than WCAG 2.1 asks for (1.4.3)."""


def chromium() -> str | None:
    """Where a Chromium is, if there is one."""
    return next((place for name in NAMES if (place := shutil.which(name))), None)


class Browser:
    """One window of a Chromium, and all that it said."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._rest, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """What a method of the protocol answers; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") != self._number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._reading], [], [], max(0.0, until - time.monotonic()))
            part = os.read(self._reading, 1 << 20) if ready else b""
            if not part:
                raise TimeoutError("Chromium says nothing any more")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def open(self, place: Path | str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Load a file, in a window of this size, and wait until it is there."""
        self.size(width, height)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        url = place.as_uri() if isinstance(place, Path) else place
        self.call("Page.navigate", url="about:blank")
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def size(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = 20.0) -> None:
        """Until an expression is true."""
        until = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < until, f"never came true: {expression}"
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """A key, as a person presses it."""
        printable = len(key) == 1
        facts: dict[str, Any] = {"key": key, "modifiers": SHIFT if printable and key.isupper() else 0}
        if printable:
            facts |= {"text": key, "windowsVirtualKeyCode": ord(key.upper())}
        codes = {"Escape": 27, "Tab": 9, "Enter": 13}
        if key in codes:
            facts |= {"windowsVirtualKeyCode": codes[key], "code": key}
        if key == "Enter":
            facts["text"] = "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown" if "text" in facts else "rawKeyDown", **facts)
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in facts.items() if k != "text"})
        self.settle()

    def type(self, text: str) -> None:
        """Text, into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def settle(self) -> None:
        """Until the page has drawn what was asked of it."""
        self.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def complaints(self) -> list[str]:
        """What the console was told by way of errors and warnings, and exceptions that nobody caught."""
        told = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                told.append(str(params["exceptionDetails"].get("exception", params["exceptionDetails"])))
            elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                told.append(params["entry"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
                told.append(str(params["args"]))
        return told

    def requests(self) -> list[str]:
        """Addresses that the page asked for, other than its own file and what it holds itself."""
        sent = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent" and event["params"].get("type") != "Document"
        ]
        return [url for url in sent if not url.startswith("data:")]

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A screenshot as PNG, of what the window shows or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A Chromium that keeps its things in this folder; ends with the block."""
    place = chromium()
    assert place is not None, "there is no Chromium"
    to_it, from_it = os.pipe(), os.pipe()
    command = [sys.executable, "-c", CONNECT, str(to_it[0]), str(from_it[1]), place, "--remote-debugging-pipe"]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--user-data-dir={folder / 'profile'}", *FLAGS],
            pass_fds=(to_it[0], from_it[1]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    os.close(to_it[0])
    os.close(from_it[1])
    try:
        yield Browser(from_it[0], to_it[1])
    finally:
        os.close(to_it[1])
        os.close(from_it[0])
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait(5)
