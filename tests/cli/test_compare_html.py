"""The page of a comparison: it stands alone, loads nothing, runs no script, and what runs say is text in it."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.example_compared import lay_out
from tests.example_evidence import HEIGHT, WIDTH, evidence, of_old, worse
from yoloaudit.cli.compare_html import NO_IMAGES, page
from yoloaudit.compare.comparison import Comparison, compare
from yoloaudit.train.score.evidence import held_against

EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"]
ALLOWED = {"href": re.compile(r"#[\w-]+|data:image/webp;base64,[A-Za-z0-9+/=]+")}


class Strict(HTMLParser):
    """Notes what a page would load or run, and whether all tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.guilty: list[str] = []
        self.policy = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img"):
            self.guilty.append(tag)
        for name, value in values.items():
            if name.startswith("on") or name in ("src", "style", "action", "formaction"):
                self.guilty.append(f"{tag} {name}")
            if name in ALLOWED and not ALLOWED[name].fullmatch(value):
                self.guilty.append(f"{tag} {name}={value[:40]}")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag not in ("meta", "br", "wbr", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(text: str) -> Strict:
    made = Strict()
    made.feed(text)
    made.close()
    return made


@pytest.fixture
def made(tmp_path: Path) -> Comparison:
    """Hostile names, other labels, and a difference."""
    good = evidence(1, images=20, labels=80, detections=200)
    assert good.truth is not None
    less = held_against(worse(good, 0.4), good.truth.at(np.arange(0, len(good.truth.images), 2)))
    root = str(tmp_path / "data")
    more = {"hyper": {"lr0": "<b>0.1"}, "dataset": {"root": root, "names": EVIL, "fingerprint": "<i>"}}
    a, b = lay_out(tmp_path / "a", good, EVIL), lay_out(tmp_path / "b", less, EVIL, **more)
    return compare([a], [b], samples=200)


def test_nothing_is_loaded_or_run(made: Comparison) -> None:
    found = parsed(page(made))
    assert found.guilty == []
    assert found.open == []
    assert "default-src 'none'" in found.policy
    assert "script-src" not in found.policy
    assert "unsafe" not in found.policy


def test_names_are_text(made: Comparison) -> None:
    text = page(made)
    assert "<script>" not in text
    assert "{{ 7 * 7 }}" in text
    said = " ".join(parsed(text).text)
    assert all(name in said for name in EVIL)


def test_it_tells_what_there_is(made: Comparison) -> None:
    said = " ".join(parsed(page(made)).text)
    for title in ("Scores", "What the labels did", "Training", "By class", "By size of object", "What else differs"):
        assert title in said
    assert "Images whose detections changed most" in said
    assert NO_IMAGES in said


def test_thumbnails_show_labels_solid_and_detections_dashed(made: Comparison, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "grey").save(buffer, "JPEG")
    for path in made.paired.images:
        place = tmp_path / "data" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(buffer.getvalue())
    text = page(made)
    assert parsed(text).guilty == []
    assert text.count("data:image/webp;base64,") == 2 * len(made.changed)
    assert 'class="mark label"' in text
    assert 'class="mark wrong"' in text
    assert NO_IMAGES not in text
    elsewhere = page(made, str(tmp_path / "data" / "images"))
    assert "data:image" not in elsewhere
    assert "No picture" in elsewhere


def test_images_outside_of_the_folder_are_not_shown(made: Comparison, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "red").save(buffer, "JPEG")
    (tmp_path / "secret.jpg").write_bytes(buffer.getvalue())
    for path in made.paired.images:
        place = tmp_path / "data" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(tmp_path / "secret.jpg")
    assert "data:image" not in page(made)


def test_records_of_old_have_a_page(tmp_path: Path) -> None:
    good = of_old(evidence(1, images=20, labels=80, detections=200))
    folders = [lay_out(tmp_path / "a", good), lay_out(tmp_path / "b", worse(good, 0.4))]
    (tmp_path / "a" / "results.csv").unlink()
    found = parsed(page(compare(folders[:1], folders[1:], samples=200), str(tmp_path)))
    assert found.guilty == []
    assert "By size" not in " ".join(found.text)
