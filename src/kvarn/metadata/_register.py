"""The register as data: its tables and columns, which the variable list, research extracts and tests read."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kvarn.errors import CodeListError
from kvarn.metadata._codelists import CodeList, codelist
from kvarn.metadata._declarations import declaration, mistake, model_at
from kvarn.metadata._programme import _Declared
from kvarn.programme import Programme, current_programme

__all__ = ["Change", "RegisterColumn", "RegisterTable", "codes_of_periods", "register_table", "register_tables"]


class Change(BaseModel):
    """Something that changed in a year, said in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    sv: str
    en: str

    def label(self, language: str) -> str:
        """The change in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en


class RegisterColumn(_Declared):
    """One column of the register.

    Attributes
    ----------
    codelist
        The code list of its values; `digits` is the width of a code that is kept as a whole number (114 is 0114).
    numbered
        The file keeps the number of the code in ``codes.parquet``.
    fields
        The fields of the delivery files that it comes from: role by file type.
    empty
        What an empty value means, where it does not mean missing.
    partition
        The column stands in the folder's name, not in the file.
    internal
        Never in a research extract: it would link persons or tell where rows come from.
    """

    type: Literal["integer", "date", "text", "code", "boolean"]
    definition: Mapping[str, str]
    codelist: str | None = None
    digits: int | None = None
    numbered: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    valid_from: int
    valid_to: int | None = None
    changes: Sequence[Change] = ()
    source: Mapping[str, str]
    fields: Mapping[str, str] = {}
    empty: Mapping[str, str] | None = None
    partition: bool = False
    internal: bool = False

    @property
    def codes(self) -> CodeList | None:
        """The code list, or None for a column without one."""
        return codelist(self.codelist) if self.codelist else None


class RegisterTable(_Declared):
    """One table of the register; `name` is its folder or file, `columns` in the order of the file.

    Attributes
    ----------
    gaps
        A year can be without a file: events, where nobody delivered any.
    """

    definition: Mapping[str, str]
    file: str
    gaps: bool = False
    first_year: int
    key: Sequence[str]
    columns: Sequence[RegisterColumn]

    @property
    def yearly(self) -> bool:
        """Whether it is one file a year."""
        return "{year}" in self.file

    def column(self, name: str) -> RegisterColumn:
        """The column of this name."""
        for column in self.columns:
            if column.name == name:
                return column
        raise CodeListError(
            f"The register's table {self.name} has no column {name!r}.",
            file="programme/register/register.yml",
            field=name,
            remedy=f"Known: {', '.join(column.name for column in self.columns)}.",
        )


def register_tables() -> tuple[RegisterTable, ...]:
    """Every table of the register, in the order in which the variable list shows them."""
    return tuple(_declared().values())


def register_table(name: str) -> RegisterTable:
    """The register's table of this name, such as ``person_months``, ``persons`` or ``population``."""
    if name not in _declared():
        raise CodeListError(
            f"The register has no table {name!r}.",
            file="programme/register/register.yml",
            field=name,
            remedy=f"Known: {', '.join(_declared())}.",
        )
    return _declared()[name]


def codes_of_periods() -> tuple[str, ...]:
    """The columns of the register's person-months that hold a number of ``codes.parquet``: each is a variable, too."""
    return tuple(column.name for column in register_table("person_months").columns if column.numbered)


def _declared() -> Mapping[str, RegisterTable]:
    return _declared_by(current_programme())


@functools.cache
def _declared_by(_programme: Programme) -> Mapping[str, RegisterTable]:
    declared = declaration("register/register")
    found = {}
    for name, fields in declared.values.items():
        listed = fields.get("columns") if isinstance(fields, dict) else None
        if not isinstance(listed, dict):
            raise mistake(declared, name, f"The table {name!r} has no columns.", "Declare them below the key columns.")
        columns = [model_at(declared, f"{name}.columns.{column}", given, RegisterColumn) for column, given in listed.items()]
        found[name] = model_at(declared, name, fields, RegisterTable, columns=columns)
    return found
