"""Draws the sample data: sample_data/clean, sample_data/defective with its manifest, and sample_data/README.md.

Run `python sample_data/draw.py`. The same versions of Pillow and NumPy write the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from clean import SPLITS, draw_clean
from defective import draw_defective
from descriptors import draw_descriptors
from readme import page
from topics import draw_topics
from trainings import draw_trainings
from writing import Plant

SEED = 7


def draw(folder: Path, seed: int = SEED) -> list[Plant]:
    """Write everything below the folder, in place of what an earlier run left there."""
    for name in ("clean", "defective"):
        shutil.rmtree(folder / name, ignore_errors=True)
    defective = folder / "defective"
    with ProcessPoolExecutor() as pool:
        clean = [pool.submit(draw_clean, folder / "clean", seed, split) for split in SPLITS]
        drawers = draw_defective, draw_topics, draw_descriptors, draw_trainings
        planted = [pool.submit(drawer, defective, seed) for drawer in drawers]
        plants = [plant for drawn in planted for plant in drawn.result()]
        for drawn in clean:
            drawn.result()
    entries = ",\n".join(f"  {json.dumps(plant.entry())}" for plant in plants)
    (defective / "manifest.json").write_bytes(f"[\n{entries}\n]\n".encode())
    (folder / "README.md").write_bytes(page(plants).encode())
    return plants


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw into the folder named, or beside this file."""
    parser = argparse.ArgumentParser(description="Draw the sample data sets.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    draw(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    main()
