"""A project of its own, so that lists imported elsewhere do not matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn import metadata


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    (root / "_quarto.yml").touch()
    monkeypatch.chdir(root)
    metadata.use_project(None)
    yield root
    metadata.use_project(None)
