"""Small data sets to be mended: labels as bytes, the commands that mend them, and the tree as it is."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from hypothesis import strategies as st
from PIL import Image

from yoloaudit.cli.app import Grouped
from yoloaudit.cli.attest import attest
from yoloaudit.cli.boundary import guarded
from yoloaudit.cli.fix import fix

NAMES = ("cat", "dog", "cow")
DESCRIPTOR = "path: .\ntrain: images/train\nval: images/val\nnames: [cat, dog, cow]\n"
WIDTH, HEIGHT = 100, 80

app = typer.Typer()
app.command(cls=Grouped)(fix)
app.command(cls=Grouped)(attest)


def command(arguments: list[str]) -> int:
    """Run `fix` or `attest`; the exit code. Raises what goes wrong."""
    outcome = typer.main.get_command(app)(args=arguments, prog_name="yoloaudit", standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def run(*arguments: str) -> int:
    """Run `fix` or `attest` as a person does; the exit code, whatever happens."""
    return guarded(command, list(arguments))


def grow(folder: Path, labels: Mapping[str, bytes | None], descriptor: str = DESCRIPTOR) -> Path:
    """A data set with an image for each label, by names as `train/a`; None: it has no label file."""
    shutil.rmtree(folder, ignore_errors=True)
    picture = folder.parent / "picture.png"
    if not picture.exists():
        Image.new("RGB", (WIDTH, HEIGHT)).save(picture)
    for name, content in {"val/z": b"1 0.5 0.5 0.2 0.2\n", **labels}.items():
        image, label = folder / "images" / f"{name}.png", folder / "labels" / f"{name}.txt"
        image.parent.mkdir(parents=True, exist_ok=True)
        label.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, image)
        if content is not None:
            label.write_bytes(content)
    (folder / "data.yaml").write_text(descriptor)
    return folder


Facts = tuple[bytes, int, int]


def tree(folder: Path, *, without: str = "") -> dict[str, Facts | str | None]:
    """Content, mode and time of every file, the target of every link, and the folders; `without` one of them."""
    found: dict[str, Facts | str | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if without and (name == without or name.startswith(f"{without}/")):
            continue
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        else:
            found[name] = None
    return found


def report(findings: list[dict[str, Any]], checks: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON report, as far as it is read."""
    names = {finding["rule"]: finding["rule"] for finding in findings} | dict(checks or {})
    return {
        "format": 1,
        "rules": [{"rule": rule, "check": check} for rule, check in names.items()],
        "findings": findings,
    }


NUMBER = st.one_of(
    st.floats(-0.2, 1.2, allow_nan=False).map(lambda value: f"{value:.4f}"),
    st.sampled_from(["0", "1", "0.5", ".5", "0.500000", "1e-1", "-0", "-0.0", "2", "nan", "x", "0,5", "1.0", "64"]),
)
SPACE = st.sampled_from([" ", " ", " ", "  ", "\t", ", ", ",", ";"])
CLASS = st.sampled_from(["0", "1", "2", "3", "1.0", "0.5", "-1", "+1", "1e0"])


@st.composite
def rows(draw: st.DrawFn) -> str:
    """A row that is nearly one."""
    count = draw(st.sampled_from([4, 4, 4, 4, 5, 6, 8, 3]))
    space = draw(SPACE)
    fields = [draw(CLASS), *(draw(NUMBER) for _ in range(count))]
    return draw(st.sampled_from(["", "", " "])) + space.join(fields) + draw(st.sampled_from(["", "", " ", "\t"]))


@st.composite
def label_files(draw: st.DrawFn) -> bytes:
    """The bytes of a label file: mostly text with rows, in all ways that text is written; else anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60))
    lines = draw(st.lists(st.one_of(rows(), st.sampled_from(["", " "])), max_size=6))
    lines += draw(st.lists(st.sampled_from(lines), max_size=2)) if lines else []
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    return text.encode(encoding)
