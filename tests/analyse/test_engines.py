"""The same statements on another engine give the same figures."""

from __future__ import annotations

import importlib.util
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import Register, open_register
from kvarn.analyse._columns import CELL_KEY, LARGEST
from kvarn.errors import EnvironmentFault, InputError, KvarnError

from .registers import Act, Month, write_register

HERE = all(importlib.util.find_spec(name) for name in ("pyspark", "sqlglot")) and shutil.which("java") is not None
YEARS = (2022, 2023)
OF_PERSONS = [["year", "region", "sex", "age"], ["year", "sex", "continuity"]]
OF_PROCEDURES = [["year", "profession", "cooperation"], ["year", "weekday", "procedure_group"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = random.Random(7)
    persons = [(draw.choice([1, 2]), draw.randint(1915, 2015)) for _ in range(60)]
    places = [114, 115, 180, 2584]
    months: list[Month] = [(draw.randrange(60), draw.choice(YEARS), draw.randint(1, 12), draw.choice(places)) for _ in range(300)]
    acts: list[Act] = [
        (
            who,
            f"{year}-{month:02d}-{draw.randint(1, 28):02d}",
            place,
            draw.choice(["DT019", "PM007", "QM015", "XV015"]),
            draw.choice(["XS919", "XS918", "XS910"]),
            draw.choice(["", "", "XS912", "XS910 XS918"]),
        )
        for who, year, month, place in months
        for _ in range(draw.randint(0, 4))
    ]
    return write_register(
        tmp_path_factory.mktemp("engines") / "register",
        persons,
        months,
        acts,
        years=YEARS,
        # Half of the country is silent.
        accepted=lambda kind, municipality, year, month: municipality in places or municipality < 1400,
    )


@pytest.fixture(scope="module")
def duckdb(folder: Path) -> Iterator[Register]:
    with Register(folder, behind="keys") as register:
        yield register


@pytest.fixture(scope="module")
def spark(folder: Path) -> Iterator[Register]:
    from kvarn.analyse._spark import Spark

    with Register(folder, Spark(folder.parent / "spill"), behind="keys") as register:
        yield register


def every_count(register: Register) -> dict[str, pd.DataFrame]:
    counted = {f"persons {by}": register.count_persons(by, YEARS) for by in OF_PERSONS}
    for by in OF_PROCEDURES:
        counted[f"procedures {by}"] = register.count_procedures(by, YEARS)
        counted[f"persons with procedure {by}"] = register.count_persons_with_procedure(by, YEARS)
    counted["person-months"] = register.count_person_months(["year", "region", "sex"], YEARS)
    counted["months"] = register.quantile("months_median", ["year", "region", "sex"], YEARS)
    counted["quartile"] = register.quantile("procedures_upper_quartile", ["year", "age"], YEARS)
    counted["coverage"] = register.coverage("procedures", ["year", "region"], YEARS)
    counted["population"] = register.population(["year", "region"], YEARS)
    return counted


@pytest.mark.skipif(not HERE, reason="pyspark or Java is not installed")
def test_spark_counts_what_duckdb_counts(duckdb: Register, spark: Register) -> None:
    wanted = every_count(duckdb)
    found = every_count(spark)
    for name, frame in wanted.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=name)
    assert ".." in set(wanted["months"]["value"]), "somebody was silent"
    assert sum(len(frame) for frame in wanted.values()) > 500, "there was something to compare"
    assert {CELL_KEY, *LARGEST} <= set(wanted["person-months"].columns), "what disclosure control asks for besides"


@pytest.mark.skipif(not HERE, reason="pyspark or Java is not installed")
def test_spark_says_as_duckdb_does_what_is_on_no_code_list(tmp_path: Path) -> None:
    from kvarn.analyse._spark import Spark

    folder = write_register(
        tmp_path / "register", [(1, 1940)], [(0, 2023, 1, 114)], [(0, "2023-01-05", 114, "ZZ999", "XS919", "")]
    )
    said = []
    for engine in (None, Spark(tmp_path / "spill")):
        with Register(folder, engine) as register, pytest.raises(KvarnError) as caught:
            register.count_procedures(["year", "procedure_group"], [2023])
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "ZZ999" in said[0]


def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "_quarto.yml").touch()
    (folder / "notebooks").mkdir()
    write_register(folder / "restricted" / "tiny" / "register", [(1, 1940)], [(0, 2023, 1, 114)])
    monkeypatch.chdir(folder)


def test_an_engine_that_is_not_known_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, monkeypatch)
    with pytest.raises(InputError, match="'pandas'"):
        open_register("tiny", engine="pandas")


def test_without_pyspark_the_engine_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, monkeypatch)
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(EnvironmentFault, match=r"kvarn\[spark\]"):
        open_register("tiny", engine="spark")
