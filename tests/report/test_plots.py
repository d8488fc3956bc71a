"""Plots of a data set: which there are, that they say what the tables say, and that names of classes stay text."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.example_seen import labels_of, predictions_of
from yoloaudit.dataset.load import Dataset, load
from yoloaudit.dataset.tables import JUDGEMENTS, MATCHES, SKILL, table
from yoloaudit.report.plots import Plot, plots

TAGS = {"svg", "defs", "g", "path", "text", "use", "clipPath", "rect", "image"}


@pytest.fixture(scope="module")
def clean(sample_data: Path) -> Dataset:
    return load(str(sample_data / "clean" / "data.yaml"), workers=1)


@pytest.fixture(scope="module")
def drawn(clean: Dataset) -> list[list[Plot]]:
    return plots(clean, {})


def titles(rows: list[list[Plot]]) -> list[str]:
    return [plot.title for row in rows for plot in row]


def words(plot: Plot) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", plot.svg)


def test_one_plot_of_each_kind_and_split(drawn: list[list[Plot]]) -> None:
    assert titles(drawn) == [
        *("Boxes of each class", "Sizes of boxes in training", "Sizes of images"),
        *(f"Centres of boxes: {split}" for split in ("train", "val", "test")),
        *(f"Width and height: {split}" for split in ("train", "val", "test")),
    ]


def test_names_classes_and_splits(drawn: list[list[Plot]]) -> None:
    told = words(drawn[0][0])
    assert {"bolt", "nut", "washer", "train", "val", "test"} <= set(told)


def test_nothing_in_them_loads_or_runs(drawn: list[list[Plot]]) -> None:
    for plot in (plot for row in drawn for plot in row):
        tags = re.findall(r"<[^>]*>", plot.svg)
        assert {tag.strip("</>").split()[0] for tag in tags} <= TAGS
        assert not [tag for tag in tags if re.search(r"\sstyle=|\son\w+=", tag)]
        references = re.findall(r'href="([^"]{1,10})', plot.svg)
        assert all(reference.startswith(("#", "data:image")) for reference in references)
        assert len(plot.svg) < 100_000


def test_names_of_different_plots_do_not_meet(drawn: list[list[Plot]]) -> None:
    names = [name for row in drawn for plot in row for name in re.findall(r'\sid="([^"]*)"', plot.svg)]
    assert len(names) == len(set(names))


def test_hostile_names_stay_text(clean: Dataset) -> None:
    names = ("</text><script>alert(1)</script>", "$\\frac{1}{0}$", "a\x1b[31m\u202e", "{{ 7 }}", "", "\ud800", "&lt;")
    plot = plots(replace(clean, names=names), {})[0][0]
    assert "<script" not in plot.svg
    assert {"{{ 7 }}", "$\\frac{1}{0}$", "&amp;lt;"} <= set(words(plot))


def test_very_many_classes_show_the_most_and_least_frequent(clean: Dataset) -> None:
    rows = plots(replace(clean, names=(*clean.names, *(f"class {number}" for number in range(500)))), {})
    plot = rows[0][0]
    assert plot.wide
    assert "The 15 most and least frequent of 503 classes" in plot.said
    assert len([word for word in words(plot) if word.startswith("class ")]) == 27


def test_nothing_to_draw_is_no_plot(clean: Dataset) -> None:
    empty = replace(clean, images=clean.images[:0], boxes=clean.boxes[:0])
    assert plots(empty, {}) == []
    assert plots(replace(empty, names=(), splits=()), {}) == []


def test_tightness_where_a_model_judged(clean: Dataset) -> None:
    random = np.random.default_rng(0)
    corners = [(number, number % 2, 100, 100, 200, 200) for number in range(40)]
    seen = [(n, c, 0.9, *(np.array(box) + random.normal(size=4))) for n, c, *box in corners]
    skill = {"labels": [20, 20], "detections": [20, 20], "threshold": [0.5, 0.5], "spread": [0.02, 0.02]}
    measures = {
        "predictions": predictions_of(seen),
        "matches": table(MATCHES, {"box": np.arange(40), "detection": np.arange(40), "iou": np.full(40, 0.9)}),
        "judgements": table(JUDGEMENTS, {}),
        "skill": table(SKILL, skill),
    }
    dataset = replace(clean, names=("cat", "dog"), boxes=labels_of(corners))
    (plot,) = plots(dataset, measures)[-1]
    assert plot.title == "Tightness of boxes"
    assert {"all classes (40)", "cat (20)", "dog (20)"} <= set(words(plot))
    assert plot.said.startswith("Of 40 labels")
