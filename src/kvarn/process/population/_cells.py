"""The figures of one population file, as they were read: what each is about, and where it stands."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from kvarn.errors import CodeListError

__all__ = [
    "ALL_AGES",
    "AS_DOWNLOADED",
    "BOTH",
    "COUNTRY",
    "NOT_AVAILABLE",
    "OLDEST",
    "Cells",
    "Member",
    "PopulationFile",
    "Unknown",
]

# The oldest age is the one open class: 100 years and older.
OLDEST = 100
COUNTRY, BOTH, ALL_AGES = 0, 0, -1
NOT_AVAILABLE = -1
# Ten years of the whole region variable with totals of age and sex are 955,000 figures.
_MOST_CELLS = 4_000_000
_NOBODY_COUNTS_THIS_FAR = 100_000_000
AS_DOWNLOADED = (
    "Download it again from Statistics Sweden: every municipality, single ages 0 to 100+, men and women, "
    "without further variables (docs/population.md)."
)


class Unknown(Exception):
    """A text that is no region, sex, age, year or figure; `remedy` says what to do about it."""

    def __init__(self, what: str, remedy: str = AS_DOWNLOADED) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what)


@dataclass(frozen=True)
class Member:
    """What a figure is about, as far as one text says it: a row's cell, a heading, a category of a cube.

    `region` is 0 for the country, 1–25 a county, from 100 a municipality; `sex` 0 both; `age` −1 all ages; None: not said.
    """

    region: int | None = None
    sex: int | None = None
    age: int | None = None
    year: int | None = None
    contents: bool | None = None

    @classmethod
    def of(cls, said: Mapping[str, int]) -> Member:
        """The member of what is said by name of the variable."""
        return cls(region=said.get("region"), sex=said.get("sex"), age=said.get("age"), year=said.get("year"))

    def with_(self, other: Member) -> Member | None:
        """Both together; None where they contradict each other."""
        said: dict[str, int | None] = {}
        for name in ("region", "sex", "age", "year", "contents"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is not None and theirs is not None and mine != theirs:
                return None
            said[name] = theirs if mine is None else mine
        return Member(**said)  # type: ignore[arg-type]


def _numbers() -> array[int]:
    return array("i")


@dataclass
class Cells:
    """Figures in columns of small whole numbers: a file of half a million takes 14 MB."""

    year: array[int] = field(default_factory=_numbers)
    region: array[int] = field(default_factory=_numbers)
    sex: array[int] = field(default_factory=_numbers)
    age: array[int] = field(default_factory=_numbers)
    value: array[int] = field(default_factory=_numbers)
    line: array[int] = field(default_factory=_numbers)
    column: array[int] = field(default_factory=_numbers)

    def add(self, about: Member, value: int, line: int, column: int) -> None:
        """Add one figure (`NOT_AVAILABLE` for ``..``)."""
        if len(self.year) >= _MOST_CELLS:
            raise Unknown(f"The file has more than {_MOST_CELLS:,} figures.", "Divide it into files of a few years each.")
        if value > _NOBODY_COUNTS_THIS_FAR:
            raise Unknown(f"{value} is more than a country has inhabitants.")
        assert about.year is not None and about.region is not None and about.sex is not None and about.age is not None
        self.year.append(about.year)
        self.region.append(about.region)
        self.sex.append(about.sex)
        self.age.append(about.age)
        self.value.append(value)
        self.line.append(line)
        self.column.append(column)

    def frame(self) -> pd.DataFrame:
        """One row a figure."""
        names = ("year", "region", "sex", "age", "value", "line", "column")
        return pd.DataFrame({name: np.array(getattr(self, name), dtype=np.int32) for name in names})


@dataclass(frozen=True)
class PopulationFile:
    """One file as it was read, before it is checked for holes and against its totals.

    Attributes
    ----------
    layout
        In words: the file type, how the figures are laid out, the encoding.
    years
        Every year of which the file has a figure.
    notes
        What was noticed and has no bearing on the figures: columns left aside, leading zeros that were missing.
    """

    path: Path
    sha256: str
    layout: str
    years: tuple[int, ...]
    cells: Cells
    notes: tuple[str, ...]
    place_of: Callable[[int, int], tuple[int | None, str | None]]

    def error(self, what: str, line: int, column: int, *, remedy: str = AS_DOWNLOADED) -> CodeListError:
        """An error about one figure of the file."""
        number, where = self.place_of(line, column)
        return CodeListError(what, file=self.path, line=number, field=where, remedy=remedy)
