"""A name or a path of weights → a local file, which is downloaded if it is an official release of YOLOv5.

Official weights are not part of yoloaudit. They come from their owner's release, into a folder of caches, once.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable
from contextlib import closing
from difflib import get_close_matches

from platformdirs import user_cache_dir

from yoloaudit.errors import CheckpointError, WriteError
from yoloaudit.findings import shorten
from yoloaudit.progress import Progress, silent
from yoloaudit.train.family import NAMES
from yoloaudit.train.release.download import fetch
from yoloaudit.train.release.part import Part
from yoloaudit.train.release.web import Failed, Source

RELEASE = "https://github.com/ultralytics/yolov5/releases/download/v7.0"
GITHUB = Source(
    frozenset(
        f"https://{host}"
        for host in ("github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com")
    )
)
LICENCE = "these weights are not part of yoloaudit; they are under their owner's licence (AGPL-3.0)"
SHA256 = {"yolov5n.pt": "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3"}
"""Of official files, where it is known."""
ZIP_MAGIC = b"PK\x03\x04"


def locate(name: str, *, tell: Callable[[str], None], progress: Progress = silent, cache: str | None = None) -> str:
    """The file of these weights: one that is there, with or without `.pt`, else an official one.

    `tell` is handed sentences for people, `cache` is a folder of caches. Raises CheckpointError, WriteError.
    """
    for path in (name, f"{name}.pt"):
        if os.path.isfile(path):
            return path
    stem = name.removesuffix(".pt")
    if stem in NAMES:
        folder = os.path.join(cache or user_cache_dir("yoloaudit", appauthor=False), "weights")
        return download(f"{stem}.pt", folder, tell=tell, progress=progress)
    if "\0" not in name and os.path.exists(name):
        return name  # whoever reads it says what it is
    raise CheckpointError(_unknown(name))


def _unknown(name: str) -> str:
    if not name.strip():
        return f"no weights are named. Name a file, or a model. Official weights are {', '.join(NAMES)}"
    if "://" in name:
        return f"weights are not taken from an address as {shorten(name)}. Download the file and give its path"
    stem = os.path.basename(name).lower().removesuffix(".pt")[:80]
    near = [known for known in NAMES if stem.startswith(known)][-1:] or get_close_matches(stem, NAMES, cutoff=0.7)
    official = f"Did you mean {' or '.join(near)}?" if near else f"Official weights are {', '.join(NAMES)}"
    return f"there is no file {shorten(name, 200)}. {official}"


def download(
    file: str,
    folder: str,
    release: str = RELEASE,
    source: Source = GITHUB,
    *,
    tell: Callable[[str], None],
    progress: Progress = silent,
) -> str:
    """The path of an official file in this folder; only what is not there yet is downloaded."""
    place, url = os.path.join(os.path.abspath(folder), file), f"{release}/{file}"
    if os.path.isfile(place):
        return place
    advice = f"Download {url} yourself and give its path"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
    except OSError as error:
        raise WriteError(f"cannot make the folder {folder}: {error.strerror or error}. {advice}") from None
    with closing(Part(place)) as part:
        if os.path.isfile(place):  # another process was faster
            return place
        tell(f"{file} comes from {release}: {LICENCE}")
        try:
            fetch(url, part, source, tell=tell, progress=progress)
            digest = _sound(part, file)
        except Failed as failure:
            kept = f", or run this again to go on after {part.size:,} bytes" if part.lasts else ""
            raise CheckpointError(f"{file} cannot be downloaded: {failure}. {advice}{kept}") from None
        part.finish()
    tell(f"{place}: {part.size:,} bytes, SHA-256 {digest}")
    return place


def _sound(part: Part, file: str) -> str:
    """The SHA-256 of a file that is whole; Failed, and no byte is kept, if it is damaged or another."""
    problem = _damage(part)
    part.file.seek(0)
    digest = hashlib.file_digest(part.file, "sha256").hexdigest()
    wanted = SHA256.get(file, digest)
    if problem is None and digest != wanted:
        problem = f"what came is not the official file: its SHA-256 is {digest}, not {wanted}"
    if problem is not None:
        part.restart("")
        raise Failed(problem)
    return digest


def _damage(part: Part) -> str | None:
    """What is wrong with a file that ought to be a ZIP archive of uncompressed entries, as every checkpoint is."""
    part.file.seek(0)
    head = part.file.read(1000)
    if head.lstrip().startswith(b"<"):
        return "what came is a web page, as the log-in page of a network is"
    if not head.startswith(ZIP_MAGIC):
        return f"what came is no checkpoint: its {part.size:,} bytes begin with {head[:20]!r}"
    damaged = "what came is damaged"
    try:
        with zipfile.ZipFile(part.file) as archive:
            stored = sum(entry.file_size for entry in archive.infolist())
            if stored > part.size or any(entry.compress_type for entry in archive.infolist()):
                return damaged
            return damaged if archive.testzip() else None
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError):
        return damaged
