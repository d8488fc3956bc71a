"""SVG of matplotlib that may stand in a page: nothing of it is style, script or a reference to elsewhere."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from yoloaudit.report import plots_svg as svg
from yoloaudit.report.text import show
from yoloaudit.train.plot import ink

PICTURE = (
    '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!DOCTYPE svg PUBLIC "x"\n "y">\n'
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="252pt" viewBox="0 0 252 216" version="1.1">\n'
    '<metadata><rdf>a</rdf></metadata><defs><style type="text/css">*{stroke-linejoin: round}</style></defs>\n'
    '<g id="figure_1"><path id="p1" d="M 0 0" clip-path="url(#p2)" style="fill: none; stroke: #d0d7de"/>\n'
    '<text style="font: bold 8.5px \'DejaVu Sans\'; text-anchor: middle; fill: #1f2328" x="1">'
    ' style="fill: red" id="p1"</text><use xlink:href="#p1" style="stroke: #123456"/></g></svg>'
)


def test_styles_become_attributes_and_colours_classes() -> None:
    made = svg.inlined(PICTURE, "one")
    assert made.startswith('<svg class="plot" viewBox="0 0 252 216" aria-hidden="true">')
    assert not re.search(r"<style|<metadata|<\?xml|<!DOCTYPE", made)
    assert '<path id="one-p1" d="M 0 0" clip-path="url(#one-p2)" fill="none" class="line-line"/>' in made
    assert '<use xlink:href="#one-p1" stroke="#123456"/>' in made
    assert "figure_1" not in made


def test_text_between_tags_is_left_alone() -> None:
    made = svg.inlined(PICTURE, "one")
    assert '<text font-size="8.5" font-weight="bold" text-anchor="middle" class="fill-ink" x="1">' in made
    assert '> style="fill: red" id="p1"</text>' in made


@settings(max_examples=15)
@given(st.text(min_size=1, max_size=30))
def test_any_name_stays_text(name: str) -> None:
    with ink.drawing(), svg.style():
        figure, plot = svg.figure(2, 1)
        plot.set_title(show(name))
        made = svg.of(figure, name)
    tags = re.findall(r"<[^>]*>", made)
    assert {re.match(r"</?([\w:]*)", tag)[1] for tag in tags} <= {  # type: ignore[index]  # all tags have a name
        *("svg", "defs", "g", "path", "text", "use", "clipPath", "rect"),
    }
    assert not [tag for tag in tags if re.search(r"\sstyle=|\son\w+=|href=\"[^#]", tag)]
