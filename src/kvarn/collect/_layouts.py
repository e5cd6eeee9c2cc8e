"""The layout of delivery files, read from the programme's ``collect/``."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from kvarn.base.package_files import Declared
from kvarn.programme import Programme, current_programme, mistake, whole_model

__all__ = ["WHO_WHERE_WHEN", "Field", "Layout", "layouts"]

_NEEDED = {
    "periods": ("municipality", "identity_number", "year", "month"),
    "events": ("municipality", "identity_number", "date"),
}
_ROLE = re.compile(r"[a-z][a-z_]{0,29}")
# Columns that the register has of its own.
_TAKEN = ("person", "county", "age", "file", "line", "place", "period", "day", "faults", "row")
# Letters and digits, classes and groups of them, and so many of a letter, digit or class.
_PLAIN = re.compile(r"(?:(?:[A-Za-z0-9]|\[(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+\])(?:\{[0-9]{1,2}\})?|\(\?:|\(|\)|\|)*")
WHO_WHERE_WHEN = ("municipality", "identity_number", "year", "month", "date")


class Field(BaseModel):
    """One field of a row.

    Attributes
    ----------
    role
        What the rules know the field by: ``municipality``, ``identity_number``, ``date`` …
    pattern
        A regular expression (RE2) that the whole field must match.
    length
        The most characters that a right field can have.
    repeat
        How many times an optional field can follow at the row's end; 0 for a field that must be there.
    codelist
        For a code: the list that it must be on, as valid in the year. Empty where rules of its own judge it (`_rows`).
    reserve_pattern
        For the identity number: what a reserve number matches, the number that a care provider gives to a person without a
        national one. Empty where there are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    pattern: str
    length: int
    sv: str
    en: str
    source: str
    repeat: int = 0
    codelist: str = ""
    reserve_pattern: str = ""

    @field_validator("pattern", "reserve_pattern")
    @classmethod
    def _can_be_matched(cls, pattern: str) -> str:
        """Both pyarrow and DuckDB match by RE2."""
        if _is_plain(pattern):
            return pattern
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            pc.match_substring_regex(pa.scalar(""), pattern)
        except pa.ArrowInvalid:
            raise ValueError("should be a regular expression (RE2)") from None
        return pattern


def _is_plain(pattern: str) -> bool:
    """Whether every engine matches it alike: then none has to be read in to see that it is an expression at all."""
    try:
        return _PLAIN.fullmatch(pattern) is not None and bool(re.compile(pattern))
    except re.error:
        return False


class _Declared(BaseModel):
    """What ``collect/<file type>.yml`` declares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: Mapping[str, str]
    source: str
    separator: str
    fields: tuple[Field, ...]


class Layout(_Declared):
    """The fields of one file type, in order; optional ones stand last.

    Attributes
    ----------
    rows
        What a row says: ``periods`` or ``events`` (`kvarn.programme.FileType`).
    first_year
        The first year that is delivered.
    """

    rows: Literal["periods", "events"]
    first_year: int

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields that every row has."""
        return tuple(field for field in self.fields if not field.repeat)

    @property
    def codes(self) -> tuple[Field, ...]:
        """What a row says besides whom it is about, where and when: codes, in the order of the fields."""
        return tuple(field for field in self.fields if field.role not in WHO_WHERE_WHEN)

    @property
    def listed(self) -> tuple[Field, ...]:
        """The codes that a code list judges."""
        return tuple(field for field in self.codes if field.codelist)

    @property
    def optional(self) -> int:
        """How many optional fields can follow."""
        return sum(field.repeat for field in self.fields)

    @property
    def longest_row(self) -> int:
        """The most characters of a right row, separators counted."""
        return sum((field.length + 1) * (field.repeat or 1) for field in self.fields)

    @property
    def row_pattern(self) -> str:
        """What a row in right form matches, without its line break."""
        parts = [f"(?:{field.pattern})" for field in self.required]
        separator = f"[{self.separator}]"
        further = "".join(f"(?:{separator}(?:{field.pattern})?){{0,{field.repeat}}}" for field in self.fields if field.repeat)
        return separator.join(parts) + further

    def place(self, role: str) -> int:
        """The number of a field in the row, from 1."""
        return next(number for number, field in enumerate(self.fields, start=1) if field.role == role)


def layouts() -> Mapping[str, Layout]:
    """The layouts by file type."""
    return _layouts_of(current_programme())


@functools.cache
def _layouts_of(programme: Programme) -> Mapping[str, Layout]:
    found = {}
    for name, one in programme.about.file_types.items():
        declared = programme.declared(f"collect/{name}")
        layout = whole_model(declared, _Declared)
        if layout.type != name:
            raise mistake(declared, "type", f"This is the layout of {name}, and says {layout.type!r}.", f"Write type: {name}.")
        found[name] = Layout(**dict(layout), rows=one.rows, first_year=one.first_year)
        _check_fields(declared, found[name])
    return found


def _check_fields(declared: Declared, layout: Layout) -> None:
    """Make sure that a row says whom it is about, where and when, and that each code can be a column of the register."""
    roles = [field.role for field in layout.fields]
    needed = _NEEDED[layout.rows]
    for role in needed:
        if role not in roles:
            what = f"No field has the role {role!r}, which every row of {layout.rows} has."
            raise mistake(declared, "fields", what, f"Each of {', '.join(needed)} is the role of a field.")
    for place, field in enumerate(layout.fields):
        key = f"fields.{place}"
        if not _ROLE.fullmatch(field.role) or field.role in _TAKEN or roles.index(field.role) < place:
            what = f"{field.role!r} cannot be the role of this field."
            raise mistake(declared, f"{key}.role", what, "Give each field a role of its own, in small letters a–z and _.")
        if layout.rows == "periods" and field in layout.codes and (not field.codelist or field.repeat):
            what = f"Nothing says which codes the field {field.role!r} can have."
            raise mistake(declared, f"{key}.codelist", what, "Name its list (codelist: …), and let it stand once in a row.")
