"""What a command needs beyond `check` → nothing, or one line that says how to install it."""

from __future__ import annotations

from importlib.util import find_spec

from yoloaudit.errors import MissingPackage

TRAINER = ("torch", "torchvision", "matplotlib", "pyarrow", "safetensors")


def need_trainer() -> None:
    """MissingPackage unless everything is installed that a trained model needs."""
    missing = _missing()
    if missing:
        raise MissingPackage(f"{', '.join(missing)} not installed: trained models need pip install 'yoloaudit[train]'")


def has_trainer() -> bool:
    """Whether it is."""
    return not _missing()


def _missing() -> list[str]:
    return [name for name in TRAINER if find_spec(name) is None]
