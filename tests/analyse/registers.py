"""Tiny registers, written as the process room writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from kvarn import metadata

Month = tuple[int, int, int, int]  # person, year, month, municipality
Act = tuple[int, str, int, str, str, str]  # person, date, municipality, procedure, profession, further professions


def write_register(
    folder: Path,
    persons: Sequence[tuple[int, int]],
    months: Sequence[Month],
    acts: Sequence[Act] = (),
    years: Sequence[int] = (2023,),
    inhabitants: int = 50,
) -> Path:
    """`persons`: sex and birth year, the person's number being the place. Every municipality, sex and age has inhabitants."""
    folder.mkdir(parents=True, exist_ok=True)
    people = pd.DataFrame(persons, columns=["sex", "birth_year"]).astype({"sex": "int8", "birth_year": "int16"})
    people.insert(0, "person", range(len(people)))
    people.insert(1, "pseudonym", [f"{number:032x}" for number in range(len(people))])
    people.astype({"person": "int32"}).to_parquet(folder / "persons.parquet", index=False)
    for year in years:
        rows = sorted({(person, month, place) for person, of, month, place in months if of == year})
        frame = pd.DataFrame(rows, columns=["person", "month", "municipality"]).assign(file=1, line=1)
        frame = frame.astype({"person": "int32", "month": "int8", "municipality": "int16"})
        path = folder / "person_months" / f"year={year}"
        path.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path / "data.parquet", index=False)
        if year >= 2019:
            columns = ["person", "date", "municipality", "procedure", "profession", "further_professions"]
            given = pd.DataFrame([act for act in acts if act[1].startswith(str(year))], columns=columns).assign(file=1, line=1)
            given["date"] = pd.to_datetime(given["date"]).dt.date
            given = given.astype({"person": "int32", "municipality": "int16"})
            path = folder / "procedures" / f"year={year}"
            path.mkdir(parents=True, exist_ok=True)
            given.to_parquet(path / "data.parquet", index=False)
    population = pd.DataFrame(
        [
            (year, int(code), sex, age, inhabitants)
            for year in years
            for code in metadata.codelist("region").leaves
            for sex in (1, 2)
            for age in (10, 40, 67, 72, 77, 82, 87, 95)
        ],
        columns=["year", "municipality", "sex", "age", "population"],
    )
    population.to_parquet(folder / "population.parquet", index=False)
    return folder
