"""Two sides and how they were put side by side → what a reader should know of the numbers, a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yoloaudit.compare.pairing import NEW, UNCHANGED, Paired
from yoloaudit.compare.trained import Trained
from yoloaudit.findings import shorten

FEW_IMAGES = 50
"""Fewer make intervals that may be too narrow."""
MOST_RELABELLED, LEAST_RELABELLED = 0.9, 10
"""Share of images with other labels from which on they may be other images, and how many that takes."""
MOST_NAMED = 5


def notes_of(
    a: Sequence[Trained], b: Sequence[Trained], paired: Paired, ruler: str, *, fewer: bool = False
) -> Iterator[str]:
    """All of them. `ruler` is what both sides are held against, `fewer`: samples than were asked for."""
    yield from _left_out(paired)
    yield from _labels(paired, ruler)
    if not paired.has_boxes:
        yield "sizes of objects are not compared: a record of an older yoloaudit holds no boxes"
    if len(paired.images) < FEW_IMAGES:
        yield f"{len(paired.images):,} images are few: the interval may be too narrow"
    if len(a) == 1 and len(b) == 1:
        yield (
            "one run a side: the interval says what other val images would change, not what another seed of the "
            "training would. Several seeds: --a RUN RUN … --b RUN RUN …"
        )
    if fewer:
        yield "there is much evidence, so that fewer samples are drawn"
    for run in (*a, *b):
        yield from _stale(run)


def _left_out(paired: Paired) -> Iterator[str]:
    for side, alone in zip("AB", paired.only_one, strict=True):
        if alone:
            yield f"{alone:,} val images of {side} alone are left out: only images that all runs have are compared"
    if paired.resized:
        yield f"{paired.resized:,} images have one name and different sizes: they are not taken for the same"
    if paired.torn:
        yield f"{paired.torn:,} images are left out, as their labels differ between the runs of one side"
    if paired.missing:
        listed = ", ".join(shorten(name, 40) for name in paired.missing[:MOST_NAMED])
        more = " …" if len(paired.missing) > MOST_NAMED else ""
        yield f"classes that not all runs have are left out: {listed}{more}"


def _labels(paired: Paired, ruler: str) -> Iterator[str]:
    images, relabelled = len(paired.images), int(paired.relabelled.sum())
    if ruler == NEW:
        yield f"labels of {relabelled:,} of {images:,} val images differ between the sides: both are held against B's"
        if relabelled > max(MOST_RELABELLED * images, LEAST_RELABELLED):
            yield "the labels of nearly all images differ: are these the same images?"
    if ruler == UNCHANGED:
        yield (
            "images whose labels were changed are left out, as a record holds no boxes to hold one model against the "
            "labels of the other: train anew with this version to have them"
        )


def _stale(run: Trained) -> Iterator[str]:
    told, epochs = run.told("epochs"), run.epochs
    if epochs is not None and type(told) is int and len(epochs) > told:
        yield (
            f"{shorten(run.folder, 100)} was trained on since its record was written, after {told:,} epochs: these are "
            "what is compared"
        )
