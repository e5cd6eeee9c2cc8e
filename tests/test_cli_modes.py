"""What lies in `restricted/` is mended by its owner; a command of somebody else's that needs nothing of it goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from kvarn.cli import _modes
from tests.commands import kvarn


def test_who_may_not_look_into_restricted_is_not_stopped_before_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("notebooks", "restricted"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_quarto.yml").write_text("project: {type: default}\n", encoding="utf-8")

    def refused(folder: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied", str(folder))

    # Whoever runs the tests may look into everything, where that is root.
    monkeypatch.setattr(_modes, "sweep", refused)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "restricted")
    done = kvarn("codelists", "list", folder=tmp_path)
    assert done.returncode == 0, done.stderr
