"""Claim: a fix that is killed with -9 at any moment can be taken back or done again: the tree is one of two states.

A data set of 2,000 label files is written, each with a row to mend. `yoloaudit fix` is started in a process of its own
and killed at 30 random moments, most of them while files are being written. Then, in turns, `fix --undo` or `fix` is
run, and every byte of the tree is held against the data set as it was and as a fix that nobody killed made it. The
time that whole fixes of this and of 10,000 files take is told, too.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from benchmarks.timing import claim

FILES, LARGE, KILLS, SEED = 2_000, 10_000, 30, 7
MOST_SECONDS = 30.0
"""For 10,000 files, the audits before and after included, on two cores that others use too."""
BEFORE = ".yoloaudit/fix-0001.open"
"""Is there from when the journal is whole until the last file is written."""
ROW = "1.0 0.5 0.5 0.2 0.2\n0 0.{number:04} 0.5 0.1 0.1\n"


def write(folder: Path, files: int) -> Path:
    """A data set with a defect in each label file."""
    for name in ("images/train", "images/val", "labels/train", "labels/val"):
        (folder / name).mkdir(parents=True)
    (folder / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog]\n")
    picture = folder / "images/train/0.png"
    Image.new("RGB", (32, 32)).save(picture)
    data = picture.read_bytes()
    for number in range(files):
        split = "val" if number % 10 == 0 else "train"
        (folder / f"images/{split}/{number}.png").write_bytes(data)
        (folder / f"labels/{split}/{number}.txt").write_text(ROW.format(number=number % 9000 + 500))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file that is not ours, hidden ones among labels included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".yoloaudit" not in path.relative_to(folder).parts
    }


def command(options: argparse.Namespace, folder: Path, *more: str) -> list[str]:
    program = options.command or [sys.executable, "-m", "yoloaudit"]
    return [*program, "fix", str(folder), "--select", "fractional-class-id", *more]


def run(options: argparse.Namespace, folder: Path, *more: str) -> tuple[int, float]:
    """The exit code, and seconds."""
    began = time.perf_counter()
    done = subprocess.run(command(options, folder, *more), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        print(done.stdout[-2000:], done.stderr[-2000:])
    return done.returncode, time.perf_counter() - began


def kill(options: argparse.Namespace, folder: Path, delay: float, *, writing: bool) -> str:
    """Start a fix and kill it, so long after its start, or after its journal is there; what it had come to."""
    place = folder / BEFORE
    process = subprocess.Popen(command(options, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while writing and not place.exists() and process.poll() is None:
        time.sleep(0.0005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.returncode == 0:
        return "done already"
    return "while it wrote" if place.exists() else "done" if (folder / ".yoloaudit").exists() else "before it wrote"


def none(name: str, count: int) -> bool:
    """Print a claim that something never happens; whether it holds."""
    print(f"{name:<52} {count:8,}  {'DOES NOT HOLD' if count else 'holds'}")
    return not count


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--large", type=int, default=LARGE)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--command", nargs="+", help="another program than this checkout")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as scratch:
        base = write(Path(scratch) / "set", options.files)
        old = tree(base)
        code, seconds = run(options, base)
        new = tree(base)
        changed = sum(new[path] != content for path, content in old.items())
        print(f"a whole fix of {changed:,} files takes {seconds:.1f} s (exit {code})")
        run(options, base, "--undo")
        held = none("trees that undo did not give back", int(tree(base) != old))
        held &= campaign(options, rng, base, old, new, seconds)
        shutil.rmtree(base)
        large = write(Path(scratch) / "large", options.large)
        _, seconds = run(options, large)
        return int(not (held & claim(f"a fix of {options.large:,} files", seconds, MOST_SECONDS, "s")))


def campaign(
    options: argparse.Namespace,
    rng: random.Random,
    base: Path,
    old: dict[str, bytes],
    new: dict[str, bytes],
    seconds: float,
) -> bool:
    """Kill, mend, compare; whether the tree was whole each time."""
    moments: Counter[str] = Counter()
    torn = 0
    for number in range(options.kills):
        writing = number % 3 > 0
        delay = rng.uniform(0, 0.35 if writing else seconds)
        moments[kill(options, base, delay, writing=writing)] += 1
        if number % 2:
            run(options, base)
            torn += tree(base) != new
        run(options, base, "--undo")
        torn += tree(base) != old
        left = list(base.rglob(".yoloaudit*"))
        torn += bool(left)
    print(f"killed {options.kills} times: {', '.join(f'{count} {when}' for when, count in moments.most_common())}")
    return none("trees that were neither of the two", torn)


if __name__ == "__main__":
    sys.exit(main())
