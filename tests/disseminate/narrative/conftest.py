"""The project's own documents and notebooks, and a copy of them to write into."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.disseminate.narrative import Allowed, check_narrative, read_allowed

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def allowed() -> Allowed:
    return read_allowed(PROJECT / "reports" / "allowed-digits.yml")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A project with documents and present notebooks, the test's own."""
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", "fonts")
    shutil.copytree(PROJECT / "reports", tmp_path / "reports", ignore=ignored)
    shutil.copytree(PROJECT / "notebooks" / "present", tmp_path / "notebooks" / "present", ignore=ignored)
    return tmp_path


@pytest.fixture
def check() -> Callable[[Path], None]:
    def check(project: Path) -> None:
        check_narrative(project / "reports", tuple(sorted((project / "notebooks" / "present").glob("*.ipynb"))))

    return check
