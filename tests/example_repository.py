"""A data set in a real git repository: a base of many images with hundreds of old findings, and changes to it."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")
YAML = "path: .\ntrain: images/train\nval: images/val\nnames: [car, bus, dog]\n"
IMAGES = 60
GOOD = "0 0.51131 0.52171 0.21191 0.23131\n"
"""A row with nothing wrong."""
IDENTITY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | {
    f"GIT_{who}_{what}": "somebody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def git(folder: Path, *words: str, **more: str) -> str:
    """The output of a git command that must succeed."""
    assert GIT is not None
    command = [GIT, "-C", str(folder), "-c", "init.defaultBranch=main", "-c", "gc.auto=0", *words]
    environment = os.environ | IDENTITY | more
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def picture(seed: int, side: int = 96) -> bytes:
    """A JPEG like no other seed's."""
    colours = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).resize((side, side), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def name_of(number: int) -> str:
    """`train/0001` or, every fifth, `val/0000`."""
    return f"{'val' if number % 5 == 0 else 'train'}/{number:04}"


def write(folder: Path, name: str, image: bytes | None, rows: str | None) -> None:
    """An image and its label file; None: not written."""
    text = None if rows is None else rows.encode()
    for place, suffix, content in (("images", "jpg", image), ("labels", "txt", text)):
        if content is not None:
            path = folder / place / f"{name}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def base_rows(number: int) -> str:
    """Two good boxes; but in nine of ten images one that is tiny, and one that reaches out of the image."""
    shift, size = number * 0.00213, 0.1 + number % 12 * 0.023
    good = (
        f"{number % 3} {0.3 + shift:.5f} 0.42131 {size:.5f} {size + 0.01 + shift:.5f}\n"
        f"{(number + 1) % 3} 0.71131 {0.6 + shift:.5f} {size + 0.02:.5f} {size:.5f}\n"
    )
    bad = f"1 {0.5 + shift:.5f} 0.15171 0.00410 0.00430\n0 0.95131 {0.3 + shift:.5f} {size:.5f} 0.10131\n"
    return good if number % 10 == 5 else good + bad


def base(folder: Path, images: int = IMAGES, yaml: str = YAML) -> Path:
    """The repository with its first commit, on the branch `main`; then on the branch `change`."""
    for number in range(images):
        write(folder, name_of(number), picture(number), base_rows(number))
    (folder / "data.yaml").write_text(yaml)
    git(folder, "init", "--quiet")
    commit(folder, "base")
    git(folder, "branch", "-M", "main")
    git(folder, "checkout", "--quiet", "-b", "change")
    return folder


def commit(folder: Path, message: str = "change") -> None:
    """Everything as it is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def replace_in(path: Path, old: str, new: str) -> None:
    """Change a file that holds this text once."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def good_change(folder: Path) -> None:
    """One image added, two boxes moved, a class renamed."""
    write(folder, "train/new1", picture(1001), GOOD)
    replace_in(folder / "labels/train/0001.txt", "0.71131", "0.72131")
    replace_in(folder / "labels/train/0002.txt", "0.71131", "0.69131")
    replace_in(folder / "data.yaml", "bus", "coach")


def bad_change(folder: Path) -> None:
    """Two images more: one with a broken row, one that is a copy of a val image."""
    write(folder, "train/new2", picture(1002), GOOD + "1 0.5 x 0.2 0.2\n")
    image = (folder / "images/val/0005.jpg").read_bytes()
    write(folder, "train/new3", image, (folder / "labels/val/0005.txt").read_text())
