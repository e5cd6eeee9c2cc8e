"""The population that an edition or an import is made with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect.safekeeping import partial_file
from kvarn.edition import population_files
from kvarn.process.population._cells import PopulationFile
from kvarn.process.population._checked import checked
from kvarn.process.population._read import read_file

__all__ = ["Paths", "read_files", "read_population", "write_population"]

# A file, a folder or a pattern, or several of them.
Paths = Path | str | Sequence[Path | str]


def read_files(paths: Paths, years: Sequence[int] | None = None) -> tuple[PopulationFile, ...]:
    """Read population files, without comparing them or looking for holes.

    Raises
    ------
    CodeListError
        See `read_population`.
    """
    return tuple(read_file(path, None if years is None else frozenset(years)) for path in population_files(Path(), paths))


def read_population(paths: Paths, years: Sequence[int] | None = None, *, noise: int = 0) -> pd.DataFrame:
    """Read population files as Statistics Sweden's database gives them, and check what is in them.

    CSV (comma, semicolon or tab; UTF-8 or ISO 8859-1; with a column a year or one figure a row; with or without title,
    footnotes and totals), workbooks (.xlsx), PX, JSON-stat. Regions are codes, codes and names, or names; ages single years and
    100+. Totals are compared with the sums of their parts and left out.

    Parameters
    ----------
    paths
        A file, a folder or a pattern, or several of them. What is in two files must be the same in both.
    years
        The years that are wanted; all of them by default.
    noise
        From 2025 on: the greatest change of a figure by chance, where totals do not add up.

    Returns
    -------
    DataFrame
        ``year``, ``municipality`` (0114 → 114), ``sex`` (1 man, 2 woman), ``age`` (0–100, 100 means 100 and older),
        ``population``; one row each, sorted. Every municipality in the files has every age of both sexes in every year.

    Raises
    ------
    CodeListError
        A column, year, sex or age is missing, a figure stands twice, a row has an unknown region, age, sex or number, a
        municipality has no inhabitants, or a total is not the sum of its parts. The error names file, line (or sheet and cell)
        and field.
    """
    return checked(read_files(paths, years), years, whole_country=False, noise=noise)


def write_population(paths: Paths, years: Sequence[int], into: Path, *, noise: int = 0) -> None:
    """Write ``population.parquet`` of the register from population files; see `read_population`.

    Raises
    ------
    CodeListError
        See `read_population`; also where a municipality of a year is missing.
    """
    frame = checked(read_files(paths, years), years, whole_country=True, noise=noise)
    schema = pa.schema(
        [("year", pa.int16()), ("municipality", pa.int16()), ("sex", pa.int8()), ("age", pa.int16()), ("population", pa.int32())]
    )
    with partial_file(into) as beside:
        pq.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False), beside, compression="zstd")
