"""What a command needs is named before anything of it is imported."""

import pytest

from yoloaudit.cli import extras
from yoloaudit.errors import MissingPackage


def test_nothing_is_said_where_all_is_installed() -> None:
    extras.need_trainer()


def test_what_is_missing_is_named_with_the_way_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "TRAINER", ("torch", "no_such_package_a", "no_such_package_b"))
    with pytest.raises(MissingPackage, match=r"^no_such_package_a, no_such_package_b not inst.*yoloaudit\[train\]"):
        extras.need_trainer()
