"""A file of weights → its Checkpoint, whoever wrote it: a trainer's .pt, a plain state dictionary, or .safetensors.

Nothing in the file is run, and the file is only read. What is no checkpoint is refused with its likely cause.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from yoloaudit.errors import CheckpointError, FileRefused
from yoloaudit.files import Root, Stamp, stamp_of
from yoloaudit.findings import shorten
from yoloaudit.train.checkpoint import archive, lineage, pickles, tensor_file
from yoloaudit.train.types import Checkpoint

MOST_BYTES = 2 << 30
HEAD = 512
PIECE = 1 << 20
ADVICE = "Download or copy it again"
CAUSES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs", "is a pointer of Git LFS, not the weights themselves. Fetch them: git lfs pull"),
    (0, b"\x1f\x8b", "is no checkpoint: it is compressed with gzip. Unpack it"),
    (0, b"BZh", "is no checkpoint: it is compressed with bzip2. Unpack it"),
    (0, b"\xfd7zXZ", "is no checkpoint: it is compressed with xz. Unpack it"),
    (0, b"7z\xbc\xaf", "is no checkpoint: it is a 7z archive. Unpack it"),
    (0, b"Rar!", "is no checkpoint: it is a RAR archive. Unpack it"),
    (257, b"ustar", "is no checkpoint: it is a tar archive. Unpack it"),
    (4, b"TFL3", "is a TensorFlow Lite export. Name the checkpoint (.pt) that it was exported from"),
    (0, b"\x89HDF", "is no checkpoint: it is HDF5, as Keras writes it. Name a .pt or .safetensors file"),
    (0, b"\x89PNG", "is an image, not a checkpoint"),
    (0, b"\xff\xd8\xff", "is an image, not a checkpoint"),
)
"""Place, bytes that stand there, and what such a file is."""
LEGACY = (
    "is a pickle that is no ZIP, as torch before 1.6 wrote it; reading it is refused. "
    "Save it again with the torch that wrote it: torch.save(…, _use_new_zipfile_serialization=True)"
)
NONE = "is no checkpoint: neither safetensors nor the ZIP of torch.save; a pickle of another kind is refused"
NOT_LEARNT = (".running_mean", ".running_var", ".num_batches_tracked", ".anchors")
"""Ends of the names of buffers, which are no parameters."""


def read(path: str) -> Checkpoint:
    """What a file of weights holds; raises CheckpointError with one line that says what is wrong.

    Weights that are not finite are read all the same: ask `damaged`.
    """
    root = Root(os.path.dirname(os.path.abspath(path)))
    shown = shorten(path, 200) or "the path"
    try:
        with root.open(os.path.abspath(path)) as file:
            before = _stamp(file)
            made = replace(from_file(file, before.size), sha256=_digest(file), path=path)
            if _stamp(file) != before:
                raise CheckpointError("changed while it was read. Wait until it is written, and try again")
            return made
    except FileRefused as error:
        advice = "" if error.reason == "denied" else ". Name a .pt or .safetensors file"
        raise CheckpointError(f"{shown} {error}{advice}") from None
    except CheckpointError as error:
        raise CheckpointError(f"{shown} {error}") from None
    except OSError as error:
        raise CheckpointError(f"{shown} cannot be read: {error.strerror or error}") from None


def from_file(file: BinaryIO, size: int) -> Checkpoint:
    """What an open file of `size` bytes holds; raises CheckpointError, with a text to follow the file's name."""
    if size > MOST_BYTES:
        raise CheckpointError(f"has {size:,} bytes, above the limit of {MOST_BYTES:,} for checkpoints")
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK\3\4"):
        return pickles.read(archive.archive(file, size), size)
    if tensor_file.looks_like(head, size):
        file.seek(0)
        return tensor_file.read(file.read(size))
    raise CheckpointError(likely_cause(head, size))


def likely_cause(head: bytes, size: int) -> str:
    """What a file that begins so is, since it is no checkpoint, and what to do."""
    if not size:
        return f"is empty, so no checkpoint. {ADVICE}"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")):
        return f"is a web page or XML, not a checkpoint: the download failed or asked for a login. {ADVICE}"
    for place, mark, said in CAUSES:
        if head.startswith(mark, place):
            return said
    if head[:1] == b"\x08" and (b"onnx" in text or b"pytorch" in text):
        return "is an ONNX export. Name the checkpoint (.pt) that it was exported from"
    if head[:1] == b"\x80":
        return LEGACY
    if not head.strip(b"\0"):
        return f"is no checkpoint: it begins with zeros, so its writing was cut short. {ADVICE}"
    return NONE


def damaged(checkpoint: Checkpoint) -> str | None:
    """The first tensor that is not finite, in a sentence to follow the file's name; None where all are."""
    for name, tensor in checkpoint.state.items():
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            bad = int(np.count_nonzero(~np.isfinite(tensor)))
            return (
                f"is damaged: {bad:,} of the {tensor.size:,} weights in {shorten(name, 100)} are not finite. "
                "The training diverged: take an earlier checkpoint"
            )
    return None


def parameters(state: Mapping[str, NDArray[Any]]) -> int:
    """How many numbers were learnt: all tensors but the running statistics and the anchors."""
    return sum(tensor.size for name, tensor in state.items() if not name.endswith(NOT_LEARNT))


def unlike(checkpoint: Checkpoint) -> str | None:
    """Why no model of the family can take these weights, in words to follow the file's name; None if one can."""
    blocks = set(checkpoint.settings["blocks"]) if checkpoint.layout == "yolov5" else set()
    if lineage.CSP in checkpoint.state or "BottleneckCSP" in blocks:
        return "is of YOLOv5 v3, an older architecture (BottleneckCSP). yoloaudit builds v4.0 and later"
    if foreign := sorted(blocks - lineage.KNOWN - lineage.PLAIN_MODULES):
        return f"is built with {', '.join(foreign)}, which the models of the family do not have"
    if not checkpoint.classes:
        return "holds no detector of YOLOv5: its tensors have no head with anchors"
    if checkpoint.size is None:
        return "is a detector, but of none of the sizes n, s, m, l, x, n6, s6, m6, l6, x6, nor of one between them"
    return None


def _digest(file: BinaryIO) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _stamp(file: BinaryIO) -> Stamp:
    return stamp_of(os.fstat(file.fileno()))
