"""A Comparison → one HTML page that stands alone: it loads nothing, runs no script, and what runs say is text in it."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from yoloaudit.cli.compare_page import MOST_PATH, Page, page_of
from yoloaudit.cli.compare_words import change
from yoloaudit.progress import Progress, silent
from yoloaudit.report.text import show
from yoloaudit.report.thumbnails import Thumbnail, Wanted, thumbnails
from yoloaudit.report.thumbnails_marks import Mark, Picture
from yoloaudit.version import __version__

if TYPE_CHECKING:
    from yoloaudit.compare.changes import Changed, Drawn
    from yoloaudit.compare.comparison import Comparison
    from yoloaudit.dataset.load import Dataset

MOST_MARKS = 60
NO_IMAGES = "Pictures take the images: --data DIR names the folder of their data set."


@dataclass(frozen=True, slots=True)
class Card:
    """An image that changed."""

    image: str
    said: str
    pictures: tuple[Picture, ...]


def page(made: Comparison, folder: str | None = None, *, untrusted: bool = False, progress: Progress = silent) -> str:
    """The page. Images lie below `folder`, else, if it is trusted, where the last run of B says that they do."""
    root = folder if folder is not None or untrusted else made.b[-1].told("dataset", "root")
    cards, said = _cards(made, root if isinstance(root, str) else None, progress)
    return rendered(page_of(made), cards, said)


def _cards(made: Comparison, root: str | None, progress: Progress) -> tuple[list[Card], str]:
    """Images with pictures, and why there are none, if that is so."""
    changed = made.changed
    if root is None or "\0" in root or not os.path.isdir(root):
        return [Card(show(each.image, MOST_PATH), change(each), ()) for each in changed], NO_IMAGES if changed else ""
    dataset = _dataset(made, os.path.realpath(root))
    found = thumbnails([Wanted(each.image) for each in changed], dataset, progress=progress) if changed else []
    cards = [_card(each, thumbnail) for each, thumbnail in zip(changed, found, strict=True)]
    return cards, ""


def _dataset(made: Comparison, root: str) -> Dataset:
    """Just enough of a data set to cut thumbnails of, and never a file outside of its folder."""
    from yoloaudit.cli.advise import nothing
    from yoloaudit.dataset.tables import IMAGES, table

    evidence = made.paired.own[1][0]
    sizes = evidence.sizes
    if sizes is None:
        return nothing(640)
    empty = nothing(640)
    images = table(IMAGES, {"path": list(evidence.images), "width": sizes[:, 0], "height": sizes[:, 1]})
    return replace(empty, root=root, images=images, untrusted=True)


def _card(each: Changed, made: Thumbnail | str) -> Card:
    pictures = tuple(_picture(side, each, seen, made) for side, seen in (("A", each.seen_by_a), ("B", each.seen_by_b)))
    return Card(show(each.image, MOST_PATH), change(each), pictures)


def _picture(side: str, each: Changed, seen: Sequence[Drawn], made: Thumbnail | str) -> Picture:
    right = sum(box.right for box in seen)
    caption = f"{side}: {right} right, {len(seen) - right} wrong"
    said = f"{show(each.image, MOST_PATH)} as {side} sees it: {right} detections right, {len(seen) - right} wrong"
    if isinstance(made, str):
        return Picture(said, caption, problem=f"No picture: {show(made)}")
    x1, y1, x2, y2 = made.frame
    left, top, right_, bottom = made.part
    marks = [_mark("label", box) for box in each.truth[:MOST_MARKS]]
    marks += [_mark("proposed" if box.right else "wrong", box) for box in seen[:MOST_MARKS]]
    view = " ".join(f"{value:g}" for value in (x1, y1, x2 - x1, y2 - y1))
    part = round(left, 1), round(top, 1), round(right_ - left, 1), round(bottom - top, 1)
    return Picture(said, caption, made.uri, view, part, tuple(marks))


def _mark(kind: str, drawn: Drawn) -> Mark:
    x1, y1, x2, y2 = drawn.box
    return Mark(kind, x1, y1, round(max(0.0, x2 - x1), 1), round(max(0.0, y2 - y1), 1))


def rendered(shown: Page, cards: Sequence[Card], changed_said: str) -> str:
    """The text of the page."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("yoloaudit.compare"), PackageLoader("yoloaudit.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "".join(environment.get_template(name).render() for name in ("page.css", "compare.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return environment.get_template("compare.html").render(
        page={**shown._asdict(), "changed": cards, "changed_said": changed_said},
        style=Markup(style),  # noqa: S704 - ours
        policy=policy,
        version=__version__,
    )
