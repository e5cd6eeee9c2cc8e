"""The register's variable list, written as page, spreadsheet and CSVW."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from kvarn import metadata
from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.metadata import register_tables
from kvarn.process.variables._csvw import csvw
from kvarn.process.variables._deliveries import listed_deliveries
from kvarn.process.variables._listed import ListedTable, listed_column
from kvarn.process.variables._page import Part, VariableList, page
from kvarn.process.variables._register_check import check_register, missing_shares
from kvarn.process.variables._words import word
from kvarn.process.variables._workbook import workbook

__all__ = ["span", "write_privately", "write_variable_list"]


def write_variable_list(
    register: Path, years: Sequence[int], into: Path, *, synthetic: bool, dated: dt.date | None = None
) -> tuple[Path, ...]:
    """Write ``variables.html``, ``variables.xlsx`` and ``variables.csvw.json`` into the folder `into`; return their paths.

    Of every variable of the register and of the delivery files: the name in both languages, definition, type, values, validity,
    changes over time, source; and of the register's also the share of each year's rows without a value.

    Parameters
    ----------
    years
        The years of the register for which the share missing is computed.
    synthetic
        Whether the register is synthetic: then everything written says so.
    dated
        The day that the spreadsheet says it was made; by default the last day of the last year.

    Raises
    ------
    InputError
        The register lacks a year, or its columns are not those that are declared.
    """
    ordered = sorted(set(years))
    check_register(register, ordered)
    listed = _listed(register, ordered, synthetic)
    (tables,) = (part.tables for part in listed.parts if part.name == "register")
    contents = {
        "variables.html": page(listed).encode(),
        "variables.xlsx": workbook(listed, dated or dt.date(ordered[-1], 12, 31)),
        "variables.csvw.json": csvw(listed, tables, comment="csvw.register").encode(),
    }
    return tuple(write_privately(into / name, content) for name, content in contents.items())


def _listed(register: Path, years: Sequence[int], synthetic: bool) -> VariableList:
    shares = missing_shares(register, years)
    tables = tuple(
        ListedTable(
            name=table.name,
            titles={language: table.label(language) for language in metadata.languages},
            definition=table.definition,
            file=table.file.replace("{year}", "<year>"),
            key=tuple(table.key),
            variables=tuple(listed_column(column, shares[table.name, column.name]) for column in table.columns),
        )
        for table in register_tables()
    )
    return VariableList(
        titles={language: word("title", language) for language in metadata.languages},
        about={language: word("about", language, years=span(years)) for language in metadata.languages},
        parts=(Part("register", tables), Part("deliveries", listed_deliveries())),
        years=years,
        synthetic=synthetic,
    )


def span(years: Sequence[int]) -> str:
    """Years in words: ``2020``, ``2020–2023``, or ``2020, 2022`` where some are left out."""
    if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(map(str, years))


def write_privately(path: Path, content: bytes) -> Path:
    """Write a file for its owner alone, whole or not at all. A folder that is there keeps the rights that it has."""
    if not path.parent.exists():
        private_folder(path.parent)
    replace_file(path, content, mode=SECRET)
    return path
