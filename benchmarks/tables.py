"""Every count behind the tables of one year, by kvarn, pandas and Polars: time and peak memory, each in a process of its own.

    python benchmarks/tables.py REGISTER [--year 2023] [--engines kvarn polars pandas] [--cores 2]

REGISTER is a register as docs/architecture.md lays it out. The three are given the same membership tables (which code a value
belongs to) and take the same way: condense the year once for each set of columns, de-duplicate persons within the categories
that a person can have several of, count, and only then sum over those that a person has one of. A checksum over all figures must
be the same. The processor's time tells more than the clock's on a machine that does other work too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PERSONS = [["sex", "age"], ["month", "sex"], ["region", "sex", "age"], ["region", "age"], ["region", "sex"], ["region"]]
PROCEDURES = [
    ["sex", "kind"],
    ["sex", "procedure_group"],
    ["profession"],
    ["procedure"],
    ["sex", "age"],
    ["month"],
    ["weekday"],
    ["region"],
    ["profession", "cooperation"],
]
AMOUNTS = [["sex", "age"], ["region"]]
DETAIL = {"region": "municipality", "month": "month", "weekday": "weekday"}
Figures = dict[str, list[tuple[int, ...]]]


def kvarn_figures(folder: Path, year: int) -> Figures:
    """By the statements of kvarn, on DuckDB."""
    from kvarn.analyse import Register

    found: Figures = {}
    with Register(folder) as register:
        for names in PERSONS:
            frame = register._count("months", tuple(names), year)
            found[f"persons {names}"] = _rows(frame[[*names, "persons"]])
        for names in PROCEDURES:
            frame = register._count("procedures", tuple(names), year)
            found[f"procedures {names}"] = _rows(frame[[*names, "persons", "records"]])
        for of in ("person_months", "procedures"):
            for names in AMOUNTS:
                frame = register._count(f"amounts of {of}", tuple(names), year)
                found[f"amounts of {of} {names}"] = _rows(frame[[*names, "amount", "persons"]])
    return found


def _members(folder: Path, year: int, joint: Sequence[tuple[int, int]]) -> dict[str, tuple[list[str], object]]:
    """Each variable's keys, and its membership table (Arrow)."""
    import pandas as pd

    from kvarn.analyse import _memberships, _query

    codes: dict[str, dict[int, str]] = {}
    for row in pd.read_parquet(folder / "codes.parquet").itertuples():
        codes.setdefault(str(row.kind), {})[int(row.number)] = str(row.code)
    found: dict[str, tuple[list[str], object]] = {}
    for name in ("sex", "age", "region", "month", "weekday", "kind", "procedure_group", "procedure"):
        found[name] = (list(_query.KEYS[name]), _memberships.members(name, codes))
    for name, of in (("profession", _memberships.members_of_professions), ("cooperation", _memberships.members_of_cooperation)):
        found[name] = (list(_query.KEYS[name]), of(joint, codes))
    return found


def _codes(names: Sequence[str]) -> list[str]:
    """Which codes a condensed year keeps: all, for the tables that share it, or with place and time those needed."""
    needed = {"procedure"} if {"kind", "procedure_group", "procedure"} & set(names) else set()
    needed |= {"profession", "further_professions"} if {"profession", "cooperation"} & set(names) else set()
    shared = not set(DETAIL) & set(names)
    return [name for name in ("procedure", "profession", "further_professions") if shared or name in needed]


def polars_figures(folder: Path, year: int) -> Figures:
    """By Polars: lazy scans on the streaming engine."""
    import polars as pl

    months = pl.scan_parquet(folder / "person_months" / f"year={year}" / "data.parquet")
    procedures = pl.scan_parquet(folder / "procedures" / f"year={year}" / "data.parquet")
    persons = pl.read_parquet(folder / "persons.parquet", columns=["person", "sex", "birth_year"])
    persons = persons.select("person", pl.col("sex").cast(pl.Int64), (year - pl.col("birth_year")).cast(pl.Int64).alias("age"))
    condensed: dict[tuple[str, ...], pl.DataFrame] = {}

    def condense(source: str, names: Sequence[str]) -> pl.DataFrame:
        detail = [DETAIL[name] for name in names if name in DETAIL]
        key = (source, *detail)
        if key not in condensed:
            if source == "months":
                rows = months.select("person", *detail).group_by("person", *detail).len("records")
            else:
                columns = ["person", *_codes(names)]
                found = {"month": pl.col("date").dt.month(), "weekday": pl.col("date").dt.weekday()}
                rows = procedures.with_columns(**{name: found[name] for name in detail if name in found})
                rows = rows.select(*columns, *detail).group_by(*columns, *detail).len("records")
            kept = rows.collect(engine="streaming")
            condensed[key] = kept.with_columns(pl.all().exclude("person").cast(pl.Int64))
        return condensed[key]

    pairs = condense("procedures", []).select("profession", "further_professions").unique().rows()
    members = {name: (keys, pl.from_arrow(rows)) for name, (keys, rows) in _members(folder, year, pairs).items()}

    def classified(rows: pl.LazyFrame, names: Sequence[str]) -> pl.LazyFrame:
        for name in names:
            keys, of = members[name]
            rows = rows.join(of.lazy().rename({"position": f"in {name}"}), on=keys, how="inner")
        return rows

    def by_person(source: str, names: Sequence[str], *, of_months: bool = False) -> pl.LazyFrame:
        several = [name for name in names if name not in ("sex", "age")]
        places = [f"in {name}" for name in several]
        if of_months:
            rows = classified(condense(source, [*names, "month"]).lazy(), several)
            rows = rows.select("person", "month", *places).unique()
            return rows.group_by("person", *places).len("records")
        rows = classified(condense(source, names).lazy(), several)
        return rows.group_by("person", *places).agg(pl.col("records").sum())

    def counted(rows: pl.LazyFrame, names: Sequence[str], *, amounts: bool = False) -> list[tuple[int, ...]]:
        own = [name for name in names if name in ("sex", "age")]
        ready = [f"in {name}" for name in names if name not in own] + (["records"] if amounts else [])
        if own:
            rows = rows.join(persons.lazy(), on="person")
        sums = [pl.len().cast(pl.Int64).alias("persons")] + ([] if amounts else [pl.col("records").sum()])
        rows = rows.group_by(*ready, *own).agg(*sums) if [*ready, *own] else rows.select(*sums)
        rows = classified(rows, own)
        places = [f"in {name}" for name in names] + (["records"] if amounts else [])
        columns = ["persons"] if amounts else ["persons", "records"]
        rows = rows.group_by(*places).agg(pl.col(column).sum() for column in columns)
        return rows.select(*places, *columns).collect(engine="streaming").rows()

    return _peer_figures(by_person, counted)


def pandas_figures(folder: Path, year: int) -> Figures:
    """By pandas: narrow integers, one groupby for each set of columns."""
    import pandas as pd

    persons = pd.read_parquet(folder / "persons.parquet", columns=["person", "sex", "birth_year"])
    persons = persons.assign(age=year - persons["birth_year"]).drop(columns="birth_year").astype("int64")
    condensed: dict[tuple[str, ...], pd.DataFrame] = {}

    def condense(source: str, names: Sequence[str]) -> pd.DataFrame:
        detail = [DETAIL[name] for name in names if name in DETAIL]
        key = (source, *detail)
        if key not in condensed:
            of_procedures = source == "procedures"
            columns = ["person", *(_codes(names) if of_procedures else []), *detail]
            path = folder / ("procedures" if of_procedures else "person_months") / f"year={year}" / "data.parquet"
            dated = of_procedures and {"month", "weekday"} & set(detail)
            read = [name for name in columns if not (of_procedures and name in ("month", "weekday"))]
            frame = pd.read_parquet(
                path, columns=[*read, "date"] if dated else read, dtype_backend="pyarrow" if dated else "numpy_nullable"
            )
            if dated:
                days = pd.to_datetime(frame.pop("date")).dt
                frame = frame.astype("int32")
                for name in detail:
                    if name in ("month", "weekday"):
                        frame[name] = (days.month if name == "month" else days.day_of_week + 1).astype("int8")
            else:
                frame = frame.astype("int32")
            condensed[key] = frame.groupby(columns, sort=False, as_index=False).size().rename(columns={"size": "records"})
        return condensed[key]

    pairs = list(
        condense("procedures", [])[["profession", "further_professions"]].drop_duplicates().itertuples(index=False, name=None)
    )
    members = {
        name: (keys, rows.to_pandas().rename(columns={"position": f"in {name}"}))  # type: ignore[attr-defined]
        for name, (keys, rows) in _members(folder, year, pairs).items()
    }

    def classified(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
        for name in names:
            keys, of = members[name]
            rows = rows.merge(of, on=keys)
        return rows

    def by_person(source: str, names: Sequence[str], *, of_months: bool = False) -> pd.DataFrame:
        several = [name for name in names if name not in ("sex", "age")]
        places = [f"in {name}" for name in several]
        rows = condense(source, [*names, "month"] if of_months else names)
        wanted = ["person", *(["month"] if of_months else []), *(key for name in several for key in members[name][0])]
        if not of_months:
            # De-duplicated before it is multiplied by the codes that each value belongs to.
            rows = rows.groupby(list(dict.fromkeys(wanted)), sort=False, as_index=False)["records"].sum()
        rows = classified(rows, several)
        if of_months:
            return (
                rows[["person", "month", *places]]
                .drop_duplicates()
                .groupby(["person", *places], sort=False, as_index=False)
                .size()
                .rename(columns={"size": "records"})
            )
        return rows.groupby(["person", *places], sort=False, as_index=False)["records"].sum()

    def counted(rows: pd.DataFrame, names: Sequence[str], *, amounts: bool = False) -> list[tuple[int, ...]]:
        own = [name for name in names if name in ("sex", "age")]
        ready = [f"in {name}" for name in names if name not in own] + (["records"] if amounts else [])
        if own:
            rows = rows.merge(persons, on="person")
        rows = rows.assign(persons=1, records_=rows["records"])
        columns = ["persons"] if amounts else ["persons", "records_"]
        rows = rows.groupby([*ready, *own], sort=False, as_index=False)[columns].sum()
        rows = classified(rows, own)
        places = [f"in {name}" for name in names] + (["records"] if amounts else [])
        rows = rows.groupby(places, sort=False, as_index=False)[columns].sum()
        return list(rows[[*places, *columns]].itertuples(index=False, name=None))

    return _peer_figures(by_person, counted)


def _peer_figures(by_person, counted) -> Figures:  # type: ignore[no-untyped-def]
    found: Figures = {}
    for names in PERSONS:
        found[f"persons {names}"] = [row[:-1] for row in counted(by_person("months", names), names)]
    for names in PROCEDURES:
        found[f"procedures {names}"] = counted(by_person("procedures", names), names)
    for names in AMOUNTS:
        found[f"amounts of person_months {names}"] = counted(by_person("months", names, of_months=True), names, amounts=True)
        found[f"amounts of procedures {names}"] = counted(by_person("procedures", names), names, amounts=True)
    return found


def _rows(frame) -> list[tuple[int, ...]]:  # type: ignore[no-untyped-def]
    return [tuple(int(value) for value in row) for row in frame.itertuples(index=False, name=None)]


def _checksum(figures: Figures) -> str:
    whole = hashlib.sha256()
    for name in sorted(figures):
        rows = sorted(tuple(int(value) for value in row) for row in figures[name])
        whole.update(json.dumps([name, rows]).encode())
    return whole.hexdigest()[:16]


ENGINES = {"kvarn": kvarn_figures, "polars": polars_figures, "pandas": pandas_figures}


def measure(engine: str, folder: Path, year: int) -> None:
    started = time.perf_counter()
    figures = ENGINES[engine](folder, year)
    taken = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = used.ru_maxrss / 1024**2, used.ru_utime + used.ru_stime
    cells = sum(len(rows) for rows in figures.values())
    told = f"{len(figures)} counts, {cells} rows, checksum {_checksum(figures)}"
    print(f"{engine:8} {taken:6.1f} s, cpu {cpu:6.1f} s, {peak:5.2f} GiB; {told}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description="The counts of one year by kvarn, pandas and Polars.")
    arguments.add_argument("register", type=Path)
    arguments.add_argument("--year", type=int, default=2023)
    arguments.add_argument("--engines", nargs="+", choices=sorted(ENGINES), default=list(ENGINES))
    arguments.add_argument("--cores", type=int, default=2)
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.here:
        measure(given.engines[0], given.register, given.year)
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    for engine in given.engines:
        command = [sys.executable, __file__, str(given.register), "--year", str(given.year), "--engines", engine, "--here"]
        subprocess.run(command, check=False)


if __name__ == "__main__":
    main()
