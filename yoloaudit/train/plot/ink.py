"""What all pictures are drawn with: colours that colour-blind people can tell apart, fonts, and legible text.

Names of classes and files are anybody's text: nothing in them is taken for markup, and what has no shape is left out.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import ImageFont

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXT, FAINT, RULE, PAPER = "#1f2328", "#6e7781", "#d0d7de", "#ffffff"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f5539")
"""Okabe and Ito's, without black and yellow, which do not show on photographs or paper; brown in their place."""
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))
"""With so many colours, this many lines can be told apart."""
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.usetex": False,
    "text.parse_math": False,
    "text.color": TEXT,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": TEXT,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "path.simplify": True,
}
MOST_LETTERS = 60
FIRST_WIDE = "\u2e80"
"""Chinese, Japanese and Korean letters and emoji come from here on."""
WIDE = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei"),
    *("PingFang SC", "Hiragino Sans GB", "Hiragino Sans", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS"),
)
"""Fonts with Chinese, Japanese and Korean letters; the first that is installed serves."""


def legible(text: str, most: int = MOST_LETTERS) -> str:
    """Text that can be drawn on one line, cut in its middle to `most` characters; `·` stands for what has no shape."""
    if len(text) > most:
        head = (most - 1) // 2
        text = f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"
    return "".join(letter if letter.isprintable() else "·" for letter in text) or "·"


def fitted(text: str, width: float) -> str:
    """Text as above, cut until it is no wider than so many times the size of the font."""
    most = min(len(text), MOST_LETTERS)
    drawn = legible(text, most)
    while most > 2 and _width(drawn) > width:
        most -= 1
        drawn = legible(text, most)
    return drawn


def _width(text: str) -> float:
    """In sizes of the font; a letter that is as wide as high, or that the font may lack, counts as one and a bit."""
    wide = sum(letter >= FIRST_WIDE for letter in text)
    narrow = "".join(letter for letter in text if letter < FIRST_WIDE)
    return letters(64).getlength(narrow) / 64 + 1.1 * wide


@contextmanager
def _no_settings_here() -> Iterator[None]:
    """Matplotlib reads a settings file of the working folder when it is imported: that folder may be the data set's.

    The working folder is every thread's, and so it is another one no longer than that takes.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    try:
        here = os.getcwd()
    except OSError:
        yield
        return
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    try:
        yield
    finally:
        os.chdir(here)


@contextmanager
def drawing() -> Iterator[None]:
    """Our style, whatever the user's settings are, and no word about letters that a font lacks."""
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)
    with _no_settings_here():
        import matplotlib

    with warnings.catch_warnings(), matplotlib.rc_context(STYLE):
        warnings.simplefilter("ignore")
        if wide := _wide_font():
            matplotlib.rcParams["font.family"] = ["DejaVu Sans", wide]
        yield


def as_png(figure: Figure) -> bytes:
    """The figure as a file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi, facecolor=PAPER, metadata={"Software": None})
    return buffer.getvalue()


@lru_cache(maxsize=1)
def _wide_font() -> str | None:
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in WIDE if name in installed), None)


@lru_cache(maxsize=64)
def letters(size: int) -> ImageFont.FreeTypeFont:
    """A font of this size in pixels, for text on photographs: DejaVu Sans, which matplotlib brings along."""
    with drawing():
        from matplotlib import font_manager

        return ImageFont.truetype(font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans")), size)


def colour_of(number: int) -> tuple[int, int, int]:
    """Red, green and blue of a class, 0 to 255."""
    value = int(COLOURS[number % len(COLOURS)][1:], 16)
    return value >> 16, value >> 8 & 255, value & 255
