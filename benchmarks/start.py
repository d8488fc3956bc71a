"""Claim: `check` of 128 images takes at most 1.0 s in all, `--help` at most 0.3 s; peers are bare Python and pandas."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.multiply import multiply
from benchmarks.timing import SAMPLE, claim, seconds_of

CHECK_SECONDS, HELP_SECONDS = 1.0, 0.3
IMAGES = 128


def main() -> int:
    """Alternate the commands and their peers, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=SAMPLE, help="folder of images and labels")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = multiply(options.source.resolve(), Path(folder) / "set", IMAGES)
        python = [sys.executable]
        commands = {
            "python -c pass": [*python, "-c", "pass"],
            "python -c 'import pandas'": [*python, "-c", "import pandas"],
            "yoloaudit --help": [*python, "-m", "yoloaudit", "--help"],
            f"yoloaudit check, {IMAGES} images": [*python, "-m", "yoloaudit", "check", str(made.descriptor)],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.repeats + 1):
            for name, command in commands.items():
                times[name].append(seconds_of(command, ends=(0, 1)))
    medians = {name: median(runs[1:]) for name, runs in times.items()}  # the first run warms the file cache
    for name, figure in medians.items():
        print(f"{name:<30} median of {options.repeats}: {figure:.3f} s")
    bare, pandas, helped, checked = medians.values()
    print(f"help : bare python = {helped / bare:.2f}    check : import of pandas = {checked / pandas:.2f}")
    held = [
        claim("`--help`, in all", helped, HELP_SECONDS, "s"),
        claim(f"`check` of {IMAGES} images, in all", checked, CHECK_SECONDS, "s"),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
