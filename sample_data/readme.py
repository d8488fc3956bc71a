"""What has been planted → the README of the sample data."""

from __future__ import annotations

from collections.abc import Sequence

from writing import Plant

INTRODUCTION = """\
# Sample data

Pictures of bolts, nuts and washers on workbenches, drawn by a script, so that they may be used for anything.

| folder | holds |
|---|---|
| `clean/` | a data set as it should be, but for its size: 72 pictures to train, 16 to validate, 12 to test |
| `defective/` | a data set with a defect in most of its pictures |
| `defective/<topic>/` | small data sets, one for each defect that spoils a data set as a whole |
| `defective/runs/` | runs of training with settings that the guide advises against; their numbers are made up |
| `defective/descriptors/` | one small data set, and a descriptor for each way in which a descriptor can be wrong |
| `few-pictures.yaml` | hyper-parameters to learn from `clean/` in minutes, from scratch and without a GPU |
| `defective/manifest.json` | every planted defect: descriptor, rule, file, line |

Boxes are measured on the masks of the parts that can be seen, so they are tight to the pixel.

    yoloaudit check sample_data/clean/data.yaml
    yoloaudit check sample_data/defective/data.yaml

To draw all of this anew, this file included, needs NumPy and Pillow alone:

    python sample_data/draw.py

The same versions of both write the same bytes. `draw.py` is the entry; `textures.py`, `parts.py`, `scenes.py`,
`pictures.py` and `cameras.py` draw; `clean.py`, `defective.py` (with `row_defects.py` and `exposures.py`), `topics.py`
(with `clips.py`, `copies.py`, `origins.py` and `sameness.py`), `descriptors.py` and `trainings.py` say what is in which
data set.

An entry of the manifest names the file relative to the folder of its descriptor; `null` means the data set as a whole,
or all lines of the file. What git cannot keep is under `needs`: `old-mtime` marks a file that is a defect only if it
is older than the labels, so set the time of its last change on a copy before auditing it; `working-folder clip` marks a
defect that shows when the audit is started in `defective/clip`; `deployed one-fixture/deployed` marks one that takes
`--deployed` with this folder of `defective/`; `run runs/hasty baseline runs/before` marks one that takes `--run` and
`--baseline` with these folders of it.

## Planted defects

| rule | descriptor | file | line | what |
|---|---|---|---|---|
"""


def page(plants: Sequence[Plant]) -> str:
    """The README, with a row for each planted defect."""
    ordered = sorted(plants, key=lambda plant: (plant.rule, plant.data, plant.file or "", plant.line or 0))
    return INTRODUCTION + "".join(row(plant) for plant in ordered)


def row(plant: Plant) -> str:
    file = f"`{plant.file}`" if plant.file else "–"
    needs = f" (needs: {plant.needs})" if plant.needs else ""
    return f"| {plant.rule} | `{plant.data}` | {file} | {plant.line or '–'} | {plant.note}{needs} |\n"
