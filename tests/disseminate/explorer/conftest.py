"""A publication's data, database files and explorer, with a table by municipality of five years; and a browser, where one is."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from kvarn.disseminate.database import write_catalogue, write_database
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[3]
BY_MUNICIPALITY = "persons-by-municipality-sex-age"


def _module(name: str) -> ModuleType:
    """By path, because test folders are not packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def edition() -> Edition:
    return Edition.model_validate(yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def five_years(protected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Protected tables of which the one by municipality has 2019–2023, as one edition joined with earlier ones would."""
    folder = Path(shutil.copytree(protected_folder, tmp_path_factory.mktemp("five-years") / "protected"))
    path = folder / f"{BY_MUNICIPALITY}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        names, rows = list(reader.fieldnames or []), list(reader)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names, lineterminator="\n")
        writer.writeheader()
        for year in range(2019, 2024):
            for row in rows:
                other = row["measure"] == "persons" and row["value"] not in ("", "0")
                value = str(int(row["value"]) + 2023 - year) if other else row["value"]
                writer.writerow({**row, "year": str(year), "value": value})
    return folder


@pytest.fixture(scope="session")
def publication(five_years: Path, edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the explorer stands among; do not change it."""
    folder, tables = tmp_path_factory.mktemp("publication"), ProtectedTables(five_years)
    write_open_data(tables, edition, folder / "data")
    write_database(tables, edition, folder / "database")
    write_explorer(tables, edition, folder / "database")
    write_catalogue(tables, edition, folder)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver = _module("browser")
    if driver.find_browser() is None:
        pytest.skip("no Chromium is found (Debian: apt install chromium)")
    downloads = tmp_path_factory.mktemp("downloads")
    with driver.Browser(tmp_path_factory.mktemp("profile"), downloads) as opened:
        yield opened
