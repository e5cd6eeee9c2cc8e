"""The notebooks that are run once for each code of a code list: a page for each municipality, say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from kvarn import metadata
from kvarn.edition._section import Section, nearest

__all__ = ["Profile", "Similar"]

_PUBLIC = "public"


class Similar(Section):
    """By what the codes most like another are found: a figure that is public from the start, and the share of a part of it."""

    table: str = Field(description="The table in which the figure stands by code, such as `rates-by-municipality`.")
    measure: str = Field(description="The figure, such as `population`: one that is public from the start.")
    share: Mapping[str, str] = Field(description="The part of it whose share counts, such as `{age: 65+}`.")
    number: int = Field(5, ge=1, le=20, description="How many are found.")

    @model_validator(mode="after")
    def _is_public(self) -> Self:
        if self.table not in (known := [one.name for one in metadata.tables()]):
            raise ValueError(f"table: the programme has no table {self.table!r}; {nearest(self.table, known)}")
        declared = metadata.table(self.table)
        if self.measure not in declared.measures or metadata.measure(self.measure).subject != _PUBLIC:
            public = [name for name in declared.measures if metadata.measure(name).subject == _PUBLIC]
            raise ValueError(
                f"measure: {self.measure!r} is no figure of {self.table} that is public from the start; "
                f"those are {', '.join(public) or 'none'}"
            )
        for name, code in self.share.items():
            if name not in declared.variables or code not in declared.order(name):
                raise ValueError(f"share: the table {self.table} has no category {code!r} of {name!r}")
        return self


class Profile(Section):
    """One notebook of ``notebooks/profile``, and what it is run for."""

    for_each: str = Field(description="The classification variable: the notebook is run once for each code of its list.")
    only: tuple[str, ...] = Field((), description="The codes, where not all of them.")
    similar: Similar | None = Field(None, description="By what the codes most like each are found, to be shown beside it.")

    @field_validator("only", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _is_listed(self) -> Self:
        with_lists = [name for name in metadata.variables() if metadata.variable(name).codelist]
        if self.for_each not in with_lists:
            raise ValueError(f"for_each: no variable {self.for_each!r} with a code list; {nearest(self.for_each, with_lists)}")
        known = [*self.codes_listed]
        for code in self.only:
            if code not in known:
                raise ValueError(f"only: the list of {self.for_each} has no code {code!r}; {nearest(code, known)}")
        if len(set(self.only)) < len(self.only):
            raise ValueError("only: should name each code once")
        if self.similar is not None and self.for_each not in metadata.table(self.similar.table).variables:
            raise ValueError(f"similar.table: {self.similar.table} is not classified by {self.for_each}")
        return self

    @property
    def codes_listed(self) -> tuple[str, ...]:
        """Every code of the list."""
        listed = metadata.variable(self.for_each).codes
        return () if listed is None else listed.codes

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that it is run for, in the order of the list."""
        return tuple(code for code in self.codes_listed if not self.only or code in self.only)
