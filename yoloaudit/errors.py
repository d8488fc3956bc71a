"""Errors that a user can cause: each with its exit code and one line that says what to do."""

from __future__ import annotations


class YoloauditError(Exception):
    """Base of every error that is shown as one line."""

    exit_code = 2


class UsageError(YoloauditError):
    """An option, a rule pack or a configuration that cannot be followed."""


class DataError(YoloauditError):
    """A data set that cannot be found, or cannot be read as one."""


class FileRefused(YoloauditError):
    """A file that is not opened or not read: missing, no regular file, outside the root, too large.

    `reason` is a short code (`missing`, `special`, `outside`, `large`, `denied`, `changed`); the text is for people.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class WriteError(YoloauditError):
    """A report that cannot be written; the previous file is intact."""


class CheckpointError(YoloauditError):
    """A file of weights that is none, is damaged, asks for code to be run, or belongs to another model."""


class MissingPackage(YoloauditError):
    """A package that only training and trained models need, and that is not installed."""
