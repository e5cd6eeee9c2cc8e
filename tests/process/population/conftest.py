"""A country of three municipalities, so that a whole population is a small file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from tests.process.population.renderings import MUNICIPALITIES, YEARS


def make_project(root: Path) -> Path:
    (root / "notebooks").mkdir(parents=True)
    (root / "_quarto.yml").touch()
    listed = root / "municipalities.csv"
    listed.write_text("kod;namn\n" + "".join(f"{code};{name}\n" for code, name in MUNICIPALITIES.items()), encoding="utf-8")
    for year in (*YEARS, 2025):
        metadata.import_codelist(listed, name="municipality", year=year, into=root / metadata.CODELISTS, short="for the test")
    return root


@pytest.fixture(scope="module")
def small_country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project in which the years have three municipalities: a folder to write to."""
    root = make_project(tmp_path_factory.mktemp("small") / "project")
    metadata.use_project(root)
    yield root
    metadata.use_project(None)
