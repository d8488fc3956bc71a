"""A folder → one small set of pictures, and a descriptor for each way in which a descriptor can be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenes import draw_scene
from writing import DataSet, Plant, encoded, picture_name

SIZE = (160, 120)
SPLITS = {"train": 6, "val": 3}
GOOD = """\
train: images/train
val: images/val
names: [bolt, nut, washer]
"""


@dataclass(frozen=True)
class Flaw:
    """A descriptor: its text, and the rule, file and line of its defect (without a file: the descriptor itself).

    `needs` says what has to be so when it is audited.
    """

    rule: str
    text: str
    line: int | None
    note: str
    file: str | None = None
    needs: str | None = None


FLAWS = (
    Flaw("unreadable-yaml", GOOD.replace("washer]", "washer"), None, "a bracket is left open"),
    Flaw("missing-yaml-key", GOOD.replace("val:", "valid:"), 2, "`valid` where the trainer reads `val`"),
    Flaw("class-count-mismatch", GOOD + "nc: 4\n", 4, "nc is 4, and there are 3 names"),
    Flaw(
        "class-ids-not-contiguous",
        GOOD.replace(" [bolt, nut, washer]", "\n  0: bolt\n  1: nut\n  3: washer"),
        3,
        "id 2 has no name",
    ),
    Flaw("ambiguous-class-names", GOOD.replace("washer", "Nut"), 3, "nut, and Nut"),
    Flaw("missing-split-path", GOOD + "test: images/holdout\n", 4, "there is no images/holdout"),
    Flaw(
        "outside-root",
        GOOD.replace("images/val", "https://example.org/val"),
        2,
        "a web address, which is never fetched",
    ),
    Flaw("unportable-path", GOOD.replace("images/val", "images\\val"), 2, "a backslash"),
    Flaw(
        "executable-download",
        GOOD + "download: |\n  print('a script in a descriptor is never run by yoloaudit')\n",
        4,
        "a script",
    ),
    Flaw("empty-split", GOOD + "test: images/film\n", 4, "nothing but a GIF, which the trainer does not read"),
    Flaw(
        "ambiguous-dataset-root",
        "path: .\n" + GOOD,
        1,
        "the folder of the descriptor, or the one where the trainer is started",
        needs="working-folder clip",
    ),
    Flaw("same-split-twice", GOOD.replace("images/val", "images/train"), 2, "val is train"),
)


def draw_descriptors(folder: Path, seed: int) -> list[Plant]:
    """Write the pictures and the descriptors; what has been planted in them."""
    written = DataSet(folder / "descriptors")
    listed = []
    for split, count in SPLITS.items():
        for number in range(count):
            name = picture_name(seed, "descriptors", split, number)
            classes = [(number + part) % 3 for part in range(3)]
            written.add(split, name, draw_scene(f"{seed}/descriptors/{split}/{number}", SIZE, classes, 1.3), None, 78)
            listed.append(f"./images/{split}/{name}.jpg")
    film = draw_scene(f"{seed}/descriptors/film", SIZE, []).picture.quantize(16)
    written.write("images/film/belt.gif", encoded(film, "GIF"))
    listed.insert(2, "./images/train/taken-away.jpg")
    written.write("train.txt", "".join(line + "\n" for line in listed[: SPLITS["train"] + 1]))
    flaws = (
        *FLAWS,
        Flaw("listed-image-missing", GOOD.replace("images/train", "train.txt"), 3, "no such picture", "train.txt"),
    )
    for flaw in flaws:
        written.data = f"descriptors/{flaw.rule}.yaml"
        written.write(f"{flaw.rule}.yaml", flaw.text)
        written.plant(flaw.rule, flaw.file or f"{flaw.rule}.yaml", flaw.line, flaw.note, flaw.needs)
    return written.plants
