"""The layout of delivery files, read from the tables in ``layout/``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

__all__ = ["Field", "Layout", "declared", "layouts"]

TYPES = ("KHSL1", "KHSL2")


@dataclass(frozen=True)
class Field:
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
    reserve_pattern
        For the identity number: what a reserve number matches, the number that a care provider gives to a person without a
        national one. Empty where there are none.
    """

    role: str
    pattern: str
    length: int
    sv: str
    en: str
    source: str
    repeat: int = 0
    reserve_pattern: str = ""


@dataclass(frozen=True)
class Layout:
    """The fields of one file type, in order; optional ones stand last."""

    type: str
    title: Mapping[str, str]
    source: str
    first_year: int
    separator: str
    fields: tuple[Field, ...]

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields that every row has."""
        return tuple(field for field in self.fields if not field.repeat)

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


def declared(name: str) -> Any:
    """What a YAML table of ``layout/`` holds."""
    return yaml.safe_load((resources.files("kvarn.collect") / "layout" / name).read_text(encoding="utf-8"))


@functools.cache
def layouts() -> Mapping[str, Layout]:
    """The layouts by file type."""
    found = {}
    for name in TYPES:
        table = declared(f"{name}.yml")
        fields = tuple(Field(**field) for field in table.pop("fields"))
        found[name] = Layout(**table, fields=fields)
    return found
