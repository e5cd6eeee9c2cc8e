"""A small project in which the compute notebooks have run, and what was made of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from kvarn.analyse import protect_tables
from kvarn.analyse.disclosure import _agreed
from kvarn.edition import Disclosure, Workspace
from kvarn.pipeline.notebooks import run_notebook
from kvarn.programme import FOLDER, Programme, open_programme, programme_held, use_project
from tests.end_to_end.few_places import let_tables_have_few_places

from .registers import Act, Month, write_register

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = sorted((PROJECT / "notebooks" / "compute").glob("*.ipynb"))
FIRST_YEAR, REFERENCE_YEAR = 2018, 2020
PEOPLE = 420
PLACES = {114: 2, 115: 3, 117: 4, 180: 30, 188: 5, 305: 2, 319: 8, 330: 1, 980: 9, 2505: 1, 2580: 12, 2582: 0.3, 2584: 4}
CODES = {"DT019": 40, "PM007": 25, "QM015": 20, "XV015": 3, "QE015": 1}


# Those of the places here; the other municipalities, in which nobody is, would only take time.
COUNTIES = ("01", "03", "09", "25")


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protector that does not listen to the audit: what it has forgotten stops it."""
    monkeypatch.setattr(_agreed, "_with", lambda *_: None)


@pytest.fixture(scope="session")
def few_places(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """The repository's programme, whose tables have the country, all counties, and the municipalities of some."""
    project = tmp_path_factory.mktemp("programme")
    shutil.copytree(PROJECT / FOLDER, project / FOLDER)
    let_tables_have_few_places(project, COUNTIES)
    return open_programme(project / FOLDER)


@pytest.fixture(scope="module", autouse=True)
def programme(few_places: Programme) -> Iterator[Programme]:
    """Of few places, for every test of this folder."""
    use_project(None)
    with programme_held(few_places) as held:
        yield held


def _collected(folder: Path, years: range) -> None:
    for year in years:
        types = ["KHSL1", "KHSL2"] if year >= 2019 else ["KHSL1"]
        rows = [
            (kind, f"{place:04d}", year, month, "accepted", 10, 0, dt.date(year, month, 28))
            for kind in types
            for place in PLACES
            for month in range(1, 13)
        ]
        log = pd.DataFrame(rows, columns=["type", "municipality", "year", "month", "verdict", "received", "rejected", "arrived"])
        log["in_force"] = log["verdict"] == "accepted"
        (folder / str(year)).mkdir(parents=True)
        log.to_parquet(folder / str(year) / "deliveries.parquet", index=False)
        items = [(kind, item, 10, 0, 0) for kind in types for item in ("municipality", "identity_number", "birth_date")]
        counted = pd.DataFrame(items, columns=["type", "item", "rows", "empty", "invalid"])
        counted.to_parquet(folder / str(year) / "items.parquet", index=False)


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, few_places: Programme) -> Workspace:
    """The edition ``tiny``: 420 persons in three years, all four compute notebooks run, each in a kernel."""
    workspace = registered(tmp_path_factory.mktemp("project"), few_places)
    for notebook in NOTEBOOKS:
        shutil.copy(notebook, workspace.root / "notebooks")
        run_notebook(
            workspace.root / "notebooks" / notebook.name,
            workspace.restricted / notebook.name,
            {"edition": "tiny", "reference_year": REFERENCE_YEAR, "first_year": FIRST_YEAR},
            root=workspace.root,
        )
    return workspace


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory, few_places: Programme) -> Workspace:
    """The same, with what the method cell-key needs; the cells of the notebooks run here, without a kernel."""
    workspace = registered(tmp_path_factory.mktemp("keyed"), few_places)
    compute_here(workspace, behind="keys")
    return workspace


def compute_here(workspace: Workspace, **parameters: object) -> None:
    """Run the cells of the compute notebooks in this process, without a kernel."""
    with contextlib.chdir(workspace.root):
        for notebook in NOTEBOOKS:
            given: dict[str, object] = {}
            for cell in nbformat.read(notebook, as_version=4).cells:
                if cell.cell_type == "code":
                    exec(cell.source, given)
                if "parameters" in cell.metadata.get("tags", []):
                    given |= {"edition": "tiny", "reference_year": REFERENCE_YEAR, "first_year": FIRST_YEAR, **parameters}


def registered(root: Path, programme: Programme) -> Workspace:
    """A project with the register of the edition ``tiny``."""
    (root / "_quarto.yml").touch()
    (root / "notebooks").mkdir()
    shutil.copytree(programme.folder, root / FOLDER)
    workspace = Workspace(root, "tiny")
    years = range(FIRST_YEAR, REFERENCE_YEAR + 1)
    rng = random.Random(20)
    places, weights = list(PLACES), list(PLACES.values())
    codes, often = list(CODES), list(CODES.values())
    persons = [(rng.choice([1, 2]), rng.choice([1925, 1933, 1938, 1943, 1948, 1953, 1990, 2010])) for _ in range(PEOPLE)]
    months: list[Month] = [
        (who, year, rng.randint(1, 12), rng.choices(places, weights)[0])
        for year in years
        for who in range(PEOPLE)
        if rng.random() < 0.8
        for _ in range(rng.randint(1, 3))
    ]
    acts: list[Act] = [
        (
            who,
            f"{year}-{month:02d}-05",
            place,
            rng.choices(codes, often)[0],
            rng.choices(["XS919", "XS918", "XS912"], [30, 20, 1])[0],
            rng.choices(["", "XS910"], [20, 1])[0],
        )
        for who, year, month, place in months
        if year >= 2019 and rng.random() < 0.6
    ]
    workspace.make_restricted()
    write_register(workspace.register, persons, months, acts, years=years)
    _collected(workspace.collected, years)
    return workspace


@pytest.fixture(scope="session")
def protected(workspace: Workspace, few_places: Programme) -> Path:
    with programme_held(few_places):
        protect_tables(
            workspace.tables,
            workspace.protected,
            disclosure=Disclosure(threshold=4, contributors=4),
            synthetic=True,
            report=workspace.disclosure_report,
        )
    return workspace.protected
