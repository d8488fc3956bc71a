"""A data set → the text of a yoloaudit.toml for it: every key explained, those that are defaults commented out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yoloaudit.report.text import show

if TYPE_CHECKING:
    from yoloaudit.dataset.load import Dataset

GUIDE_IMAGES = 1500
TEXT = """\
# Settings of `yoloaudit check` for @DATA@: @FACTS@.
# Each key is an option of that command without its dashes; `yoloaudit check --show-settings` shows what counts.

# Rule packs: guide, default, strict, or a file of your own.
rules = ["default"]

# Severity from which on findings fail the check: error, warning, info, never.
fail-on = "error"

# Image size that is trained at, in pixels.
imgsz = 640
@GUIDE@
# Rules that are not run, each with the reason.
# ignore = ["no-backgrounds=every picture shows something"]

# Defects of a rule that are tolerated.
# max = { tiny-box = 5 }
"""
GUIDE = """
# The guide asks for 1,500 images of each class. @LEAST@
# To ask for less, multiply its numbers:
# guide-scale = @SCALE@
"""


def settings_text(data: str, dataset: Dataset) -> str:
    """The file; `data` is a path from the root of the repository."""
    text = TEXT.replace("@FACTS@", facts(dataset)).replace("@GUIDE@", guide(dataset))
    return text.replace("@DATA@", show(data, 4096))


def facts(dataset: Dataset) -> str:
    """`2 classes; 128 images in train, 12 in val`."""
    counts = dataset.images["split"].value_counts()
    splits = [f"{int(counts.get(split, 0)):,} in {show(split)}" for split in dataset.splits if counts.get(split, 0)]
    if splits:
        splits[0] = splits[0].replace(" in ", " images in ", 1)
    classes = len(dataset.names)
    return f"{classes:,} class{'' if classes == 1 else 'es'}; {', '.join(splits) or 'no images'}"


def guide(dataset: Dataset) -> str:
    """What the guide's numbers mean for this data set; nothing where it has enough of every class."""
    rows = dataset.boxes
    rows = rows[(rows["split"] == "train") if "split" in rows else rows["image"].isin(_train(dataset))]
    images = rows.groupby("class_id")["image"].nunique()
    counted = {number: int(images.get(number, 0)) for number in range(len(dataset.names))}
    seen = {number: count for number, count in counted.items() if count}
    if not seen or min(seen.values()) >= GUIDE_IMAGES:
        return ""
    least = min(seen, key=lambda number: seen[number])
    said = f"The one shown least here, {show(repr(dataset.names[least]), 80)}, is in {seen[least]:,} of train."
    scale = max(0.001, round(seen[least] / GUIDE_IMAGES, 3))
    return GUIDE.replace("@LEAST@", said).replace("@SCALE@", f"{scale:g}")


def _train(dataset: Dataset) -> list[int]:
    images = dataset.images
    return [int(number) for number in images.index[images["split"] == "train"]]
