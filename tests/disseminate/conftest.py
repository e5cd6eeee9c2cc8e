"""Protected tables and a project around them, for every test of dissemination."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn.disseminate.protected import ProtectedTables

REVISIONS = "table,year,compared,revised\npersons-by-month,2021,39,0\npersons-by-month,2022,39,3\n"
FEW = ("persons-by-year-sex-age", "persons-by-month", "months-by-region", "procedures-by-group", "deliveries-by-year")
PROJECT = Path(__file__).parents[2]


def _write_protected(folder: Path) -> Path:
    """By path, because test folders are not packages."""
    spec = importlib.util.spec_from_file_location("make_protected", Path(__file__).with_name("make_protected.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written: Path = module.write_protected(folder)
    return written


@pytest.fixture(scope="session")
def protected_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every protected table, written once; do not change it."""
    return _write_protected(tmp_path_factory.mktemp("protected"))


@pytest.fixture
def protected_tables(protected_folder: Path, tmp_path: Path) -> Path:
    """A folder with every protected table, the test's own."""
    return Path(shutil.copytree(protected_folder, tmp_path / "protected"))


@pytest.fixture(scope="session")
def tables(protected_folder: Path) -> Iterator[ProtectedTables]:
    """Every protected table, opened."""
    yield ProtectedTables(protected_folder)


@pytest.fixture(scope="session")
def few_tables(protected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ProtectedTables:
    """Some of them, for what concerns the words around figures: one of each shape, with inhabitants and with regions."""
    folder = tmp_path_factory.mktemp("few")
    for name in FEW:
        shutil.copy(protected_folder / f"{name}.csv", folder)
    return ProtectedTables(folder)


@pytest.fixture(scope="session")
def project(protected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the present notebooks and the protected tables of the edition ``demo``."""
    root = tmp_path_factory.mktemp("project")
    (root / "_quarto.yml").write_text("project:\n  type: default\n", encoding="utf-8")
    shutil.copytree(PROJECT / "notebooks" / "present", root / "notebooks" / "present")
    shutil.copytree(PROJECT / "programme", root / "programme")
    shutil.copytree(protected_folder, root / "build" / "demo" / "protected")
    revisions = root / "build" / "demo" / "revisions"
    revisions.mkdir()
    (revisions / "revisions-by-table.csv").write_text(REVISIONS, encoding="utf-8")
    return root
