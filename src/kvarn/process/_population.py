"""The population, as downloaded from Statistics Sweden."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.collect.safekeeping import partial_file
from kvarn.errors import CodeListError

__all__ = ["read_population", "write_population"]

_YEAR = re.compile(r"X?((?:19|20)\d{2})")
_AGE = re.compile(r"(\d{1,3})\s*\+?\s*(?:år|years?)?", re.IGNORECASE)
_SEXES = {"män": 1, "man": 1, "men": 1, "male": 1, "males": 1, "1": 1}
_SEXES |= {"kvinnor": 2, "kvinna": 2, "women": 2, "woman": 2, "female": 2, "females": 2, "2": 2}
OLDEST = 100
_REMEDY = "Download it again: region, age, sex, and one column a year, with single ages to 100+."


def read_population(path: Path, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Read a population file in the layout of Statistics Sweden's download.

    Columns for region (code, code and name, or name), age (single years; 100 or 100+ for the oldest), sex, and one or more
    years (``2019`` or ``X2019``), separated by comma, semicolon or tab; UTF-8 or ISO 8859-1.

    Parameters
    ----------
    years
        The years that are wanted; all of them by default.

    Returns
    -------
    DataFrame
        ``year``, ``municipality`` (0114 → 114), ``sex`` (1 man, 2 woman), ``age`` (0–100, 100 means 100 and older),
        ``population``; one row each, sorted.

    Raises
    ------
    CodeListError
        A column or a year is missing, or a row has an unknown region, age, sex or number. The error names file, line, field.
    """
    rows = _rows(path)
    try:
        _, header = next(rows)
    except StopIteration:
        raise CodeListError("The population file is empty.", file=path, remedy=_REMEDY) from None
    columns = {_YEAR.fullmatch(name.strip()): place for place, name in enumerate(header) if place > 2}
    held = {int(match[1]): place for match, place in columns.items() if match}
    if len(header) < 4 or not held:
        raise CodeListError("The header has no year after region, age and sex.", file=path, line=1, remedy=_REMEDY)
    missing = [year for year in years or () if year not in held]
    if missing:
        raise CodeListError(
            f"The population of {', '.join(map(str, missing))} is not in the file.",
            file=path,
            line=1,
            remedy="Download every year of the edition's series.",
        )
    wanted = list(years) if years is not None else sorted(held)
    records = []
    for line, row in rows:
        if len(row) != len(header):
            raise CodeListError(f"The row has {len(row)} fields, the header {len(header)}.", file=path, line=line, remedy=_REMEDY)
        region, age, sex = (field.strip() for field in row[:3])
        who = (_municipality(region, path, line), _sex(sex, path, line), _age(age, path, line))
        records += [(year, *who, _count(row[held[year]], header[held[year]], path, line)) for year in wanted]
    frame = pd.DataFrame(records, columns=["year", "municipality", "sex", "age", "population"])
    twice = frame.duplicated(["year", "municipality", "sex", "age"])
    if twice.any():
        line = int(twice.to_numpy().argmax()) // len(wanted) + 2
        raise CodeListError("The same region, age and sex stand on an earlier line too.", file=path, line=line, remedy=_REMEDY)
    return frame.sort_values(["year", "municipality", "sex", "age"], ignore_index=True)


def write_population(path: Path, years: Sequence[int], into: Path) -> None:
    """Write ``population.parquet`` of the register from a population file; see `read_population`.

    Raises
    ------
    CodeListError
        See `read_population`; also where a municipality has no inhabitants in the file.
    """
    frame = read_population(path, years)
    for year in sorted(set(frame["year"].tolist())):
        found = set(frame.loc[frame["year"] == year, "municipality"].tolist())
        absent = sorted({int(code) for code in metadata.valid_codes("municipality", year)} - found)
        if absent:
            raise CodeListError(
                f"The file lacks {len(absent)} municipalities of {year}, {absent[0]:04} among them.",
                file=path,
                field="region",
                remedy=_REMEDY,
            )
    schema = pa.schema(
        [("year", pa.int16()), ("municipality", pa.int16()), ("sex", pa.int8()), ("age", pa.int16()), ("population", pa.int32())]
    )
    with partial_file(into) as beside:
        pq.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False), beside, compression="zstd")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CodeListError(
            f"The population cannot be read: {error.strerror}.", file=path, remedy="Correct data.population."
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-1")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise CodeListError(f"The file is not CSV: {error}.", file=path, line=reader.line_num, remedy=_REMEDY) from None


@functools.cache
def _municipalities() -> dict[str, int]:
    """The number of each municipality by its code, and by its name where only one bears it."""
    regions = metadata.codelist("region")
    codes = {code: int(code) for code in regions.leaves}
    return codes | {regions.label(code, "sv").casefold(): int(code) for code in regions.leaves}


def _municipality(region: str, path: Path, line: int) -> int:
    known = _municipalities()
    code = region.partition(" ")[0]
    found = known.get(code if code.isdigit() else region.casefold())
    if found is None:
        raise CodeListError(f"{region!r} is not a municipality.", file=path, line=line, field="region", remedy=_REMEDY)
    return found


def _age(age: str, path: Path, line: int) -> int:
    match = _AGE.fullmatch(age)
    if match is None or int(match[1]) > OLDEST:
        raise CodeListError(f"{age!r} is not an age from 0 to 100+.", file=path, line=line, field="age", remedy=_REMEDY)
    return int(match[1])


def _sex(sex: str, path: Path, line: int) -> int:
    found = _SEXES.get(sex.casefold())
    if found is None:
        raise CodeListError(f"{sex!r} is not a sex that is known here.", file=path, line=line, field="sex", remedy=_REMEDY)
    return found


def _count(number: str, year: str, path: Path, line: int) -> int:
    digits = number.strip().replace("\u00a0", "").replace(" ", "")
    if not digits.isdecimal():
        raise CodeListError(f"{number!r} is not a number of inhabitants.", file=path, line=line, field=year, remedy=_REMEDY)
    return int(digits)
