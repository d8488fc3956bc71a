"""A figure of matplotlib → SVG that may stand in a page: no style of its own, colours by class, text as text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from yoloaudit.train.plot import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

NAMED = {
    ink.TEXT: "ink",
    ink.FAINT: "soft",
    ink.RULE: "line",
    ink.PAPER: "paper",
    **{colour: f"c{number}" for number, colour in enumerate(ink.COLOURS[:4])},
}
"""Colours that the page has its own of, by which it is dark or light."""
DENSITY = (0.18, 0.5, 0.82)
"""Red, green and blue of a density, which shows on dark and on light."""
TAG = re.compile(r"<[^>]*>")
"""What stands between tags is anybody's text, in which matplotlib leaves no bracket."""
STYLE = re.compile(r' style="([^"]*)"')
DROPPED = re.compile(r"<\?xml.*?\?>|<!DOCTYPE[^>]*>|<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", re.DOTALL)
IDENTITY = re.compile(r' id="([^"]*)"')
REFERENCE = re.compile(r'(url\(#|xlink:href="#|href="#)([^")]*)')
FONT = re.compile(r"(?:(bold|\d{3})\s+)?([\d.]+)px")
DOTS = 144


@contextmanager
def style() -> Iterator[None]:
    """Text is text, in the fonts of the page; the same figure is the same SVG."""
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "yoloaudit", "svg.image_inline": True}):
        yield


def figure(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of so many inches, and its axes."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), dpi=DOTS, layout="tight")
    made.patch.set_visible(False)
    plot = made.add_subplot()
    plot.patch.set_visible(False)
    return made, plot


def density() -> Colormap:
    """From nearly nothing to the full colour."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("density", [(*DENSITY, 0.12), (*DENSITY, 1.0)])


def by_root() -> Normalize:
    """Few are seen beside many."""
    from matplotlib.colors import PowerNorm

    return PowerNorm(0.5, vmin=0)


def of(figure: Figure, name: str) -> str:
    """The figure as an element of a page; `name` tells its parts from those of others."""
    buffer = StringIO()
    nothing: dict[str, Any] = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=nothing)
    return inlined(
        buffer.getvalue(), "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
    )


def inlined(text: str, name: str) -> str:
    """SVG of matplotlib without its prologue, whose styles are attributes and whose names begin with `name`."""
    text = DROPPED.sub("", text)
    used = {reference for tag in TAG.findall(text) for _, reference in REFERENCE.findall(tag)}
    text = TAG.sub(lambda found: _tag(found[0], name, used), text)
    head = re.compile(r"<svg[^>]*>").search(text)
    assert head is not None
    view = re.search(r'viewBox="([^"]*)"', head[0])
    assert view is not None
    opened = f'<svg class="plot" viewBox="{view[1]}" aria-hidden="true">'
    return re.sub(r"\n\s*", "\n", opened + text[head.end() :]).strip()


def _tag(tag: str, name: str, used: Container[str]) -> str:
    tag = STYLE.sub(lambda found: _attributes(found[1]), tag)
    tag = IDENTITY.sub(lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", tag)
    return REFERENCE.sub(lambda found: f"{found[1]}{name}-{found[2]}", tag)


def _attributes(declared: str) -> str:
    """A style as attributes; colours that the page has become classes."""
    told, classes = [], []
    for part in declared.split(";"):
        key, _, value = (each.strip() for each in part.partition(":"))
        if key == "font" and (font := FONT.match(value)):
            told.append(f'font-size="{font[2]}"' + (f' font-weight="{font[1]}"' if font[1] else ""))
        elif key in ("fill", "stroke") and value in NAMED:
            classes.append(f"{'fill' if key == 'fill' else 'line'}-{NAMED[value]}")
        elif key and value and key not in ("stroke-linejoin", "stroke-linecap", "font-family"):
            told.append(f'{key}="{value}"')
    return "".join(f" {each}" for each in (*told, *([f'class="{" ".join(classes)}"'] if classes else [])))
