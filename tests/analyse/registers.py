"""Tiny registers, written as the process room writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from kvarn import metadata
from kvarn.analyse._coverage import COVERED, Coverage, coverage_frame, file_type_of

Month = tuple[int, int, int, int]  # person, year, month, municipality
Act = tuple[int, str, int, str, str, str]  # person, date, municipality, procedure, profession, further professions


def write_register(
    folder: Path,
    persons: Sequence[tuple[int, int]],
    months: Sequence[Month],
    acts: Sequence[Act] = (),
    years: Sequence[int] = (2023,),
    inhabitants: int = 50,
    accepted: Callable[[str, int, int, int], bool] = lambda kind, municipality, year, month: True,
) -> Path:
    """`persons`: sex and birth year, the person's number being the place. Every municipality, sex and age has inhabitants.

    `accepted` says of which file type, municipality, year and month a file was: of all, unless it is given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    people = pd.DataFrame(persons, columns=["sex", "birth_year"]).astype({"sex": "int8", "birth_year": "int16"})
    people.insert(0, "person", range(len(people)))
    people.insert(1, "pseudonym", [f"{number:032x}" for number in range(len(people))])
    people.insert(4, "followable", True)
    people.astype({"person": "int32"}).to_parquet(folder / "persons.parquet", index=False)
    numbers = write_codes(folder, acts)
    born = people["birth_year"].to_numpy()
    for year in years:
        rows = sorted({(person, month, place) for person, of, month, place in months if of == year})
        frame = pd.DataFrame(rows, columns=["person", "month", "municipality"]).astype("int32").assign(file=1, line=1)
        frame = place_and_age(frame, year, born).astype({"month": "int8"})
        path = folder / "person_months" / f"year={year}"
        path.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path / "data.parquet", index=False)
        write_coverage(folder, year, accepted)
        if year >= 2019:
            columns = ["person", "date", "municipality", "procedure", "profession", "further_professions"]
            given = pd.DataFrame([act for act in acts if act[1].startswith(str(year))], columns=columns).assign(file=1, line=1)
            given["date"] = pd.to_datetime(given["date"]).dt.date.astype(pd.ArrowDtype(pa.date32()))
            for kind, known in numbers.items():
                given[kind] = given[kind].map(known).astype("int32" if kind == "further_professions" else "int16")
            given = place_and_age(given, year, born)
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


def write_coverage(folder: Path, year: int, accepted: Callable[[str, int, int, int], bool]) -> None:
    """``coverage`` of a year: KHSL2 from 2019 on."""
    rows = [
        (kind, int(code), month)
        for kind in ("KHSL1", "KHSL2")
        if kind == "KHSL1" or year >= 2019
        for code in metadata.codelist("region").leaves
        for month in range(1, 13)
        if accepted(kind, int(code), year, month)
    ]
    frame = pd.DataFrame(rows, columns=["file_type", "municipality", "month"])
    path = folder / "coverage" / f"year={year}"
    path.mkdir(parents=True, exist_ok=True)
    frame.astype({"file_type": "str", "municipality": "int16", "month": "int8"}).to_parquet(path / "data.parquet", index=False)


def write_collected(folder: Path, year: int, accepted: Callable[[str, int, int, int], bool] = lambda *file: True) -> None:
    """The log of the deliveries in force, of the same files as `write_coverage`."""
    rows = [
        (kind, code, month, True)
        for kind in ("KHSL1", "KHSL2")
        if kind == "KHSL1" or year >= 2019
        for code in metadata.codelist("region").leaves
        for month in range(1, 13)
        if accepted(kind, int(code), year, month)
    ]
    (folder / str(year)).mkdir(parents=True, exist_ok=True)
    log = pd.DataFrame(rows, columns=["type", "municipality", "month", "in_force"])
    log.to_parquet(folder / str(year) / "deliveries.parquet", index=False)


def all_accepted(table: str, year: int = 2023) -> pd.DataFrame:
    """The coverage of a table by region of which every file was accepted."""
    definition = metadata.table(table)
    of = next(of for of in COVERED if f"months_{of}" in definition.measures)
    places = [int(code) for code in metadata.codelist("region").leaves]
    files = frozenset((file_type_of(of), place, month) for place in places for month in range(1, 13))
    return coverage_frame(of, list(definition.variables), {year: Coverage(files)})


def write_codes(folder: Path, acts: Sequence[Act]) -> dict[str, dict[str, int]]:
    """``codes.parquet``, and the number of each code by kind."""
    kinds = {"procedure": 3, "profession": 4, "further_professions": 5}
    numbers = {
        kind: {code: number for number, code in enumerate(sorted({str(act[place]) for act in acts}))}
        for kind, place in kinds.items()
    }
    rows = [(kind, number, code) for kind in sorted(numbers) for code, number in numbers[kind].items()]
    codes = pd.DataFrame(rows, columns=["kind", "number", "code"]).astype({"number": "int32", "kind": "str", "code": "str"})
    codes.to_parquet(folder / "codes.parquet", index=False)
    return numbers


def place_and_age(frame: pd.DataFrame, year: int, born: npt.NDArray[np.int16]) -> pd.DataFrame:
    """`frame` with narrow numbers, and county and age after municipality."""
    frame = frame.astype({"person": "int32", "municipality": "int16"})
    after = list(frame.columns).index("municipality") + 1
    frame.insert(after, "county", (frame["municipality"] // 100).astype("int8"))
    frame.insert(after + 1, "age", (year - born[frame["person"].to_numpy()]).astype("int16"))
    return frame
