"""The project's own documents, and protected tables to fill them with."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition

PROJECT = Path(__file__).parents[2]
MakeTables = Callable[..., ProtectedTables]
MakeEdition = Callable[..., Edition]


@pytest.fixture(scope="session")
def reports() -> Path:
    """The reports as they stand in the project."""
    return PROJECT / "reports"


@pytest.fixture(scope="session")
def make_tables(tmp_path_factory: pytest.TempPathFactory) -> MakeTables:
    """Protected tables of plausible size, for the years asked for; do not change them."""
    # By path, because test folders are not packages.
    source = PROJECT / "tests" / "disseminate" / "make_protected.py"
    spec = importlib.util.spec_from_file_location("make_protected", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    @functools.cache
    def make(**years: int) -> ProtectedTables:
        return ProtectedTables(module.write_protected(tmp_path_factory.mktemp("protected"), **years))

    return make


@pytest.fixture(scope="session")
def make_edition() -> MakeEdition:
    """An edition, synthetic unless told otherwise."""

    def make(**changed: Any) -> Edition:
        values: dict[str, Any] = {
            "reference_year": 2023,
            "first_year": 2017,
            "synthetic": True,
            "data": {"deliveries": "deliveries", "population": "population.csv"},
            "publication": {
                "series": {"sv": "Serie", "en": "Series"},
                "title": {"sv": "Personer och åtgärder", "en": "Persons and procedures"},
                "publisher": {"sv": "Utgivaren", "en": "The publisher"},
                "published": dt.date(2024, 9, 3),
                "scheduled": dt.date(2024, 9, 3),
                "contact": {"name": "Någon", "email": "n@example.org"},
            },
        }
        return Edition.model_validate(values | changed)

    return make
