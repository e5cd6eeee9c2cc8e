"""Protected tables: the only statistics that dissemination can see."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn import metadata
from kvarn.base.damaged import damage_told, kept_json
from kvarn.edition import find_workspace
from kvarn.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NIL", "PLACES", "SUPPRESSED", "Cell", "Noted", "ProtectedTable", "ProtectedTables", "open_tables"]

SUPPRESSED = "X"
PLACES = "places"
"""In the edition's build folder: for each profile notebook, and each code, the tables cut for it."""
# What people read where nothing was counted; a figure that only rounds to zero is written with its zeros.
NIL = "–"


@dataclass(frozen=True)
class Cell:
    """One published cell: a value, or the symbol that stands in its place.

    Attributes
    ----------
    nil
        Whether nothing was counted. A rate of 0.0 is nil when its count is, and less than half of the unit when it is not.
    """

    measure: str
    value: float | None
    status: str
    nil: bool = False


@dataclass(frozen=True)
class Noted:
    """What readers see of something that looks wrong and has been accepted.

    Attributes
    ----------
    year, measures
        The figures that it is about; no year, and no measure, where it is about the edition as a whole.
    """

    what: str
    where: str
    year: int | None
    measures: tuple[str, ...]
    sv: str
    en: str

    def words(self, language: str) -> str:
        """The words in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en

    def concerns(self, definition: metadata.TableDefinition, years: tuple[int, ...]) -> bool:
        """Whether a table has figures that it is about."""
        return self.year in years and not {*self.measures}.isdisjoint(definition.measures)


@dataclass(frozen=True)
class ProtectedTable:
    """A table as it is published.

    Attributes
    ----------
    definition
        Title, variables, measures and notes in both languages.
    frame
        One row a cell: the classification variables as codes (``year`` whole numbers, the others text), ``measure``, ``value``
        (float, NaN when not published) and ``status`` (empty when published; ``X`` suppressed, ``..`` not available, ``.`` not
        applicable), and ``nil``, whether nothing was counted.
    noted
        What the office says of figures in it that look wrong and are right.
    """

    definition: metadata.TableDefinition
    frame: pd.DataFrame
    noted: tuple[Noted, ...] = ()

    @functools.cached_property
    def years(self) -> tuple[int, ...]:
        """The years of the table."""
        return tuple(sorted(int(year) for year in self.frame["year"].unique()))

    @functools.cached_property
    def nil(self) -> frozenset[tuple[str, ...]]:
        """The cells that are nil, by their codes and measure: counts and quantiles of zero, and functions of a count of zero.

        A rate of which no count is published may only round to zero, and is none of them.
        """
        frame = self.frame
        names = [*self.definition.variables, "measure"]
        zero = frame[(frame["status"] == "") & (frame["value"] == 0)]
        keys = {tuple(map(str, key)) for key in zip(*(zero[name].tolist() for name in names), strict=True)}
        return frozenset(
            key
            for key in keys
            if ((*key[:-1], counted) in keys if (counted := _counted_by(key[-1])) else metadata.measure(key[-1]).decimals == 0)
        )

    @functools.cached_property
    def less_than_half(self) -> bool:
        """Whether a published figure rounds to zero and is not nil."""
        zeros = int(((self.frame["status"] == "") & (self.frame["value"] == 0)).sum())
        return zeros > len(self.nil)

    @functools.cached_property
    def cells(self) -> Mapping[tuple[str, ...], Cell]:
        """Its cells by their codes and measure: hundreds of them are asked for, one at a time."""
        columns = [self.frame[name].astype(str).tolist() for name in (*self.definition.variables, "measure")]
        values = zip(self.frame["value"].tolist(), self.frame["status"].tolist(), strict=True)
        return {
            codes: Cell(codes[-1], None if status else float(value), status, codes in self.nil)
            for codes, (value, status) in zip(zip(*columns, strict=True), values, strict=True)
        }

    @functools.cached_property
    def counted(self) -> dict[str, Mapping[tuple[int, frozenset[tuple[str, str]]], Decimal]]:
        """Its published counts by measure, as far as they have been asked for: see `kvarn.disseminate.counted`."""
        return {}

    @functools.cached_property
    def symbols(self) -> Mapping[str, int]:
        """How many of its cells have each symbol; those that are published have the empty one."""
        return {str(symbol): int(number) for symbol, number in self.frame["status"].value_counts().items()}

    def title(self, language: str) -> str:
        """The title with its years, in one language."""
        return self.definition.title(language, self.years)

    def remarks(self, language: str) -> list[str]:
        """What is said of its figures in one language, each once."""
        return list(dict.fromkeys(one.words(language) for one in self.noted))

    def where(self, **codes: object) -> pd.DataFrame:
        """The cells with these categories: ``where(measure="persons", sex="T")``; a list means any of them."""
        frame = self.frame
        for name, wanted in codes.items():
            if name not in frame.columns:
                raise InputError(f"The table {self.definition.name} has no variable {name!r}.", field=name)
            chosen = list(wanted) if isinstance(wanted, list | tuple | range) else [wanted]
            frame = frame[frame[name].isin(chosen)]
        return frame

    def cell(self, **codes: object) -> Cell:
        """The one cell with these categories, ``year`` and ``measure`` among them."""
        found = self.where(**codes)
        if len(found) != 1:
            raise InputError(
                f"{len(found)} cells of {self.definition.name} match {codes}; one was asked for.",
                file=f"{self.definition.name}.csv",
                remedy="Give a category for each of " + ", ".join([*self.definition.variables, "measure"]) + ".",
            )
        row = found.iloc[0]
        value = None if row["status"] else float(row["value"])
        key = tuple(str(row[name]) for name in (*self.definition.variables, "measure"))
        return Cell(str(row["measure"]), value, str(row["status"]), key in self.nil)


class ProtectedTables:
    """Every protected table of an edition, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, ProtectedTable] = {}

    def __getitem__(self, name: str) -> ProtectedTable:
        if name not in self._read:
            read = _read(self.folder / f"{name}.csv", metadata.table(name))
            noted = tuple(one for one in self.noted if one.concerns(read.definition, read.years))
            self._read[name] = replace(read, noted=noted)
        return self._read[name]

    @functools.cached_property
    def noted(self) -> tuple[Noted, ...]:
        """Everything that looks wrong, has been accepted, and is told to readers."""
        file = self.folder / "notes.json"
        with damage_told(file):
            found = kept_json(file) if file.is_file() else []
            return tuple(Noted(**{**one, "measures": tuple(one["measures"])}) for one in found)

    def names(self) -> tuple[str, ...]:
        """The ids of the tables that are there, in the order of the programme."""
        return tuple(table.name for table in metadata.tables() if (self.folder / f"{table.name}.csv").is_file())


def open_tables(edition: str) -> ProtectedTables:
    """The protected tables of an edition of this project: ``open_tables("demo")["persons-by-month"]``.

    A notebook that is run for each code of a list is given the edition with the place of the tables that are cut for its code:
    ``demo/places/region/0114``.
    """
    name, _, place = edition.partition(f"/{PLACES}/")
    work = find_workspace(name)
    return ProtectedTables(work.build / PLACES / place / "protected" if place else work.protected)


def _counted_by(name: str) -> str | None:
    """The count that makes a rate, share or mean nil; None for a count and a quantile, which are nil by themselves."""
    declared = metadata.measure(name)
    made = declared.ratio or declared.public_ratio or declared.standardised
    return None if made is None else made.numerator


def _read(path: Path, definition: metadata.TableDefinition) -> ProtectedTable:
    if not path.is_file():
        raise InputError(
            f"The protected table {definition.name} is not there.",
            file=path,
            remedy="Run kvarn publish for this edition first.",
        )
    import pandas as pd

    text = {name: str for name in [*definition.variables, "measure", "status"] if name != "year"}
    frame = pd.read_csv(path, dtype={**text, "value": float, "year": int}, keep_default_na=False, na_values={"value": [""]})
    table = ProtectedTable(definition, frame)
    # Beside each cell, for charts, which are given rows: whether it is nil.
    names = [*definition.variables, "measure"]
    zero = frame.index[(frame["status"] == "") & (frame["value"] == 0)]
    nil = [tuple(map(str, key)) in table.nil for key in frame.loc[zero, names].itertuples(index=False)]
    frame["nil"] = False
    frame.loc[zero[nil], "nil"] = True
    return table
