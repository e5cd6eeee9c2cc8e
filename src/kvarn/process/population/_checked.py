"""Every municipality, sex and single age of every year exactly once; everything else is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.process.population._cells import ALL_AGES, AS_DOWNLOADED, BOTH, NOT_AVAILABLE, OLDEST, PopulationFile
from kvarn.process.population._copied import require_no_copies
from kvarn.process.population._inhabited import require_inhabitants
from kvarn.process.population._missing import described
from kvarn.process.population._regions import name_of
from kvarn.process.population._totals import require_agreement
from kvarn.process.population._where import about, at, listed_files

__all__ = ["FIRST_YEAR_OF_NOISE", "checked"]

# From 2025 Statistics Sweden may change its figures by chance so that totals do not add up (our assumption).
FIRST_YEAR_OF_NOISE = 2025
_KEY = ["year", "region", "sex", "age"]
_AMONG_MUNICIPALITIES = 100
_SEXES = (1, 2)


def checked(
    files: Sequence[PopulationFile], years: Sequence[int] | None = None, *, whole_country: bool, noise: int = 0
) -> pd.DataFrame:
    """The figures of several files as one population: ``year``, ``municipality``, ``sex``, ``age``, ``population``; sorted.

    Parameters
    ----------
    years
        The years that must be there; every year of the files by default.
    whole_country
        Whether every municipality of the year must be there, or only every figure of those that are.
    noise
        From 2025 on: by how much each figure may have been changed, so that totals differ from the sums of their parts.

    Raises
    ------
    CodeListError
        A year, municipality, sex or age is missing, a figure stands twice, files contradict each other, a municipality has no
        inhabitants, a total is not the sum of its parts, or a part repeats another. The error names the place.
    """
    held = {year for one in files for year in one.years}
    missing = [year for year in years or () if year not in held]
    if missing or not held:
        raise CodeListError(
            f"The population of {', '.join(map(str, missing)) or 'any year'} is not in the file.",
            file=listed_files(files),
            remedy="Download every year of the edition's series; it can be in several files.",
        )
    wanted = sorted(set(years) if years is not None else held)
    parts = [one.cells.frame().assign(file=number) for number, one in enumerate(files)]
    cells = pd.concat(parts, ignore_index=True)
    cells = _once(files, cells[cells["year"].isin(wanted)].reset_index(drop=True))
    cells = _valid_regions(files, cells)
    whole = []
    for year in wanted:
        of_year = cells[cells["year"] == year]
        single = of_year[(of_year["region"] >= _AMONG_MUNICIPALITIES) & (of_year["sex"] != BOTH) & (of_year["age"] != ALL_AGES)]
        _require_everything(files, of_year, single, year, whole_country)
        require_inhabitants(files, single, year, whole_country=whole_country)
        totals = of_year.drop(single.index)
        by_chance = year >= FIRST_YEAR_OF_NOISE
        require_agreement(files, single, totals, year, noise=noise if by_chance else 0, changed_by_chance=by_chance)
        whole.append(single)
    if whole_country:
        require_no_copies(files, pd.concat(whole))
    frame = pd.concat(whole)[[*_KEY, "value"]].rename(columns={"region": "municipality", "value": "population"})
    return frame.sort_values(["year", "municipality", "sex", "age"], ignore_index=True)


def _once(files: Sequence[PopulationFile], cells: pd.DataFrame) -> pd.DataFrame:
    """Each figure once: twice in a file is a fault, in two files it must be the same."""
    twice = cells.duplicated(["file", *_KEY])
    if twice.any():
        row = cells[twice].iloc[0]
        first = cells[(cells[["file", *_KEY]] == row[["file", *_KEY]]).all(axis="columns")].iloc[0]
        raise at(
            files, row, f"{about(row)} stand on an earlier line too ({_line_of(files, first)}).", remedy="Keep one of the two."
        )
    # A figure that one file has answers for another that says it has none.
    cells = cells[~((cells["value"] == NOT_AVAILABLE) & cells.duplicated(_KEY, keep=False))]
    unsure = cells.groupby(_KEY, sort=False)["value"].transform("nunique") > 1 if len(files) > 1 else np.zeros(len(cells), bool)
    if unsure.any():
        row = cells[unsure & (cells["file"] == cells.loc[unsure, "file"].max())].iloc[0]
        other = cells[(cells[_KEY] == row[_KEY]).all(axis="columns") & (cells["value"] != row["value"])].iloc[0]
        raise at(
            files,
            row,
            f"{about(row)}: {row['value']:,} here, {other['value']:,} in {files[other['file']].path.name} "
            f"({_line_of(files, other)}).",
            remedy="A year in two files must be the same in both: leave out the older download.",
        )
    return cells.drop_duplicates(_KEY)


def _line_of(files: Sequence[PopulationFile], row: pd.Series[Any]) -> str:
    line, where = files[row["file"]].place_of(int(row["line"]), int(row["column"]))
    return f"line {line}" if line is not None else str(where)


def _valid_regions(files: Sequence[PopulationFile], cells: pd.DataFrame) -> pd.DataFrame:
    """Without the rows of municipalities that did not exist in the year, which downloads of many years have."""
    gone = pd.Series(False, index=cells.index)
    for year in cells["year"].unique():
        municipal = (cells["year"] == year) & (cells["region"] >= _AMONG_MUNICIPALITIES)
        gone |= municipal & ~cells["region"].isin(_municipalities(int(year)))
    wrong = cells[gone & (cells["value"] > 0)]
    if len(wrong):
        row = wrong.iloc[0]
        raise at(
            files,
            row,
            f"{name_of(int(row['region']))} is no municipality of {row['year']}, and has inhabitants.",
            remedy="Correct the code, or import the year's municipalities: kvarn codelists import --list municipality.",
        )
    return cells[~gone]


def _municipalities(year: int) -> list[int]:
    return sorted(int(code) for code in metadata.valid_codes("municipality", year))


def _require_everything(
    files: Sequence[PopulationFile], of_year: pd.DataFrame, single: pd.DataFrame, year: int, whole_country: bool
) -> None:
    found = set(of_year.loc[of_year["region"] >= _AMONG_MUNICIPALITIES, "region"].tolist())
    if not found:
        raise CodeListError(
            f"The file has no municipality in {year}: its figures are of the country and the counties.",
            file=listed_files(files),
            field="region",
            remedy=AS_DOWNLOADED,
        )
    wanted = _municipalities(year) if whole_country else sorted(found)
    there: dict[int, set[tuple[int, int]]] = {region: set() for region in wanted}
    known = single[single["value"] != NOT_AVAILABLE]
    for region, sex, age in zip(known["region"].tolist(), known["sex"].tolist(), known["age"].tolist(), strict=True):
        there[region].add((sex, age))
    everything = frozenset((sex, age) for sex in _SEXES for age in range(OLDEST + 1))
    holes = {region: everything - have for region, have in there.items() if have != everything}
    if not holes:
        return
    number = sum(map(len, holes.values()))
    absent = [region for region in wanted if region not in found]
    words = described(holes, len(wanted))
    if absent:
        number_absent = f"{len(absent)} municipalities" if len(absent) > 1 else "1 municipality"
        what = f"The file lacks {number_absent} of {year}, {name_of(absent[0])} among them"
    else:
        what = f"The population of {year} is incomplete"
    unavailable = " (.. is not a figure)" if (single["value"] == NOT_AVAILABLE).any() else ""
    are = "is" if number == 1 else "are"
    sentence = f"{what}: {number:,} of {len(wanted) * len(everything):,} figures {are} missing{unavailable}. {words}."
    near = _before_the_hole(single, holes)
    if near is None:
        raise CodeListError(sentence, file=listed_files(files), field="region", remedy=AS_DOWNLOADED)
    raise at(files, near, sentence, remedy=AS_DOWNLOADED)


def _before_the_hole(single: pd.DataFrame, holes: dict[int, frozenset[tuple[int, int]]]) -> pd.Series[Any] | None:
    """The figure that is marked as not available, or the last one before the first hole."""
    marked = single[single["value"] == NOT_AVAILABLE]
    if len(marked):
        return marked.iloc[0]
    for region, missing in sorted(holes.items()):
        sex, age = min(missing)
        here = single[single["region"] == region]
        before = here[(here["sex"] == sex) & (here["age"] < age)]
        if len(before):
            return before.sort_values("age").iloc[-1]
        if len(here):
            return here.iloc[0]
    return None
