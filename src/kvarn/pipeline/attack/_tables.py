"""The tables of web pages, matched cell by cell to the published tables by their labels.

A page's table has the labels of its rows and columns, but need not say the year, or what is counted: those are the ones with
which all that it shows agrees with what is published. A table that agrees with none shows something else than the open data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from kvarn import metadata
from kvarn.analyse._classification import total
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.analyse.disclosure.written.relations import Key, name_of
from kvarn.disseminate.partly import MARK
from kvarn.pipeline.attack._page import PageTable
from kvarn.pipeline.attack._words import Words, plain

__all__ = ["Contradiction", "Heads", "Match", "TableReader", "canonical"]

_SYMBOLS = ("X", "..", ".")
# A page shows nil with its symbol, and what rounds to zero with zeros.
_NIL = "–"
Codes = Mapping[str, str]


@dataclass(frozen=True)
class Match:
    """The cells that a table shows."""

    cells: tuple[Key, ...]


@dataclass(frozen=True)
class Contradiction:
    """The cell that would be shown otherwise than it is published, in the reading with which most of the table agrees."""

    cell: str
    withheld: bool


@dataclass(frozen=True)
class Heads:
    """What the rows are classified by, and what each further column can mean."""

    rows: tuple[str, ...]
    columns: tuple[tuple[Codes, ...], ...]


class TableReader:
    """Reads the tables of pages in one language against what is published."""

    def __init__(self, words: Words, published: Published) -> None:
        self.words, self.published = words, published
        self._labels = self._all_labels()
        self._years_of: dict[str, set[str]] = {}
        for measure, year, _ in (*published.figures, *published.gaps):
            self._years_of.setdefault(measure, set()).add(str(year))

    def heads(self, table: PageTable) -> Heads | None:
        """What the heads mean; None where one is no label of a variable, measure or category: then it is no table of figures."""
        rows: list[str] = []
        for head in table.heads:
            named = [codes["variable"] for codes in self._labels.get(plain(head), ()) if "variable" in codes]
            if not named or len(rows) >= len(table.heads) - 1:
                break
            rows.append(named[0])
        columns = [tuple(_readings(head, self._labels)) for head in table.heads[len(rows) :]]
        return Heads(tuple(rows), tuple(columns)) if rows and all(columns) else None

    def match(self, table: PageTable, heads: Heads, still: Codes = MappingProxyType({})) -> Match | Contradiction | None:
        """Find the published cells that a table shows; None where its rows are classified as no published table is.

        Parameters
        ----------
        still
            The categories that the whole page is about: a table that does not name another is of these.
        """
        codes = [self._row_codes(row, heads.rows) for row in table.rows]
        if None in codes:
            return None
        rows = [(row.get("year"), self.words.narrowed(_without_year(row))) for row in codes if row is not None]
        texts = [[self._text(text) for text in cells[len(heads.rows) :]] for cells in table.rows]
        # Most readings are another table's, and disagree at once.
        for columns, context in self._ways(heads, still):
            if all(self._agrees(key, text) for key, text in self._shown(texts, columns, rows, context)):
                return Match(tuple(key for key, _ in self._shown(texts, columns, rows, context)))
        nearest: tuple[int, Contradiction] | None = None
        for columns, context in self._ways(heads, still):
            shown = list(self._shown(texts, columns, rows, context))
            wrong = [key for key, text in shown if not self._agrees(key, text)]
            agreeing = len(shown) - len(wrong)
            if nearest is None or agreeing > nearest[0]:
                nearest = agreeing, Contradiction(name_of(wrong[0]), wrong[0] in self.published.gaps)
        return nearest[1] if nearest else None

    def _ways(self, heads: Heads, held: Codes) -> Iterator[tuple[tuple[Codes, ...], Codes]]:
        """Each way to read a table: what its columns mean, and the categories that it holds still; `held` are the page's."""
        for definition in metadata.tables():
            # A table without the variable that the page is about is about all of its categories together.
            if any(name not in definition.variables and code != total(name) for name, code in held.items()):
                continue
            if set(heads.rows) <= set(definition.variables):
                for columns in _agreed(heads, definition):
                    yield from ((columns, context) for context in self._contexts(definition, heads, columns, held))

    def _text(self, text: str) -> str:
        return text if text in (*_SYMBOLS, _NIL) else canonical(text, self.words.language)

    def _shown(
        self,
        texts: Sequence[Sequence[str]],
        columns: Sequence[Codes],
        rows: Sequence[tuple[str | None, Sequence[tuple[str, str]]]],
        context: Codes,
    ) -> Iterator[tuple[Key, str]]:
        """Each cell that the table shows, read in one context. Rows, columns and context never say the same variable."""
        of_columns = []
        for column in columns:
            codes = {**context, **column}
            of_columns.append((codes.pop("measure"), codes.get("year"), self.words.narrowed(_without_year(codes))))
        for cells, (row_year, row_codes) in zip(texts, rows, strict=True):
            for (measure, year, column_codes), text in zip(of_columns, cells, strict=False):
                yield (measure, int(row_year or year or 0), tuple(sorted([*column_codes, *row_codes]))), text

    def _agrees(self, key: Key, text: str) -> bool:
        if key in self.published.figures:
            if text == _NIL:
                return self._is_nil(key)
            return text == self.published.figures[key]
        return text == "X" if key in self.published.gaps else text in ("..", ".")

    def _is_nil(self, key: Key) -> bool:
        """Whether nothing was counted: a rate that only rounds to zero is not nil."""
        declared = metadata.measure(key[0])
        made = declared.ratio or declared.public_ratio or declared.standardised
        counted = self.published.figures.get((made.numerator, *key[1:]), "0") if made else "0"
        return Decimal(self.published.figures[key]) == 0 and Decimal(counted) == 0

    def _contexts(
        self, definition: metadata.TableDefinition, heads: Heads, columns: Sequence[Codes], held: Codes
    ) -> Iterator[Codes]:
        """The categories that the table may hold still, and the years."""
        still = [name for name in definition.variables if name not in heads.rows and not all(name in one for one in columns)]
        choices: list[Codes] = [{}]
        for name in still:
            codes = self._years(columns[0]["measure"]) if name == "year" else definition.order(name)
            codes = [held[name]] if name in held else codes
            choices = [{**one, name: code} for one in choices for code in codes]
        yield from choices

    def _years(self, measure: str) -> Sequence[str]:
        # A measure of which nothing is published, as too little lies behind it, may be shown as that in any year.
        every = set().union(*self._years_of.values())
        return sorted(self._years_of.get(measure, every), reverse=True)

    def _row_codes(self, row: Sequence[str], names: Sequence[str]) -> Codes | None:
        codes = {}
        for name, text in zip(names, row, strict=False):
            # A region of which something is missing has a mark.
            code = self.words.code(text.removesuffix(MARK) if name == "region" else text, name)
            if code is None:
                return None
            codes[name] = code
        return codes

    def _all_labels(self) -> Mapping[str, Sequence[Codes]]:
        """Everything that a head can say: a variable's name, a measure, a category."""
        found: dict[str, list[Codes]] = {}
        for label, kind in self.words.heads.items():
            if kind is not None:
                found.setdefault(label, []).append({kind[0]: kind[1]})
        for name in dict.fromkeys(name for table in metadata.tables() for name in table.variables):
            for label, code in self.words.by_label(name).items():
                found.setdefault(label, []).append({name: code})
        return found


def _without_year(codes: Codes) -> Codes:
    return {name: code for name, code in codes.items() if name != "year"}


def canonical(text: str, language: str) -> str:
    """A printed number in one way of writing: digits with a decimal point; empty where it is none."""
    bare = re.sub(r"[\s\u00a0\u202f]", "", text).replace("\u2212", "-")
    bare = bare.replace(",", ".") if language == "sv" else bare.replace(",", "")
    try:
        return str(Decimal(bare)) if bare else ""
    except InvalidOperation:
        return ""


def _agreed(heads: Heads, definition: metadata.TableDefinition) -> Iterator[tuple[Codes, ...]]:
    """The readings of the columns that belong to one table, each by the same variables."""
    possible = {*definition.variables, "measure"} - set(heads.rows)
    readings = [[one for one in column if set(one) <= possible] for column in heads.columns]
    if not all(readings):
        return
    sure = {name for column in readings if len(column) == 1 for name in column[0]}
    for first in readings[0]:
        about = sure | set(first)
        chosen = []
        for column in readings:
            near = [one for one in column if set(one) <= about] or column
            chosen.append(near[0])
        for name in {name for one in chosen for name in one} - {"measure", "year"}:
            top = metadata.variable(name).codes
            if top is not None and top.total is not None:
                chosen = [one if name in one else {**one, name: top.total} for one in chosen]
        for measure in (None,) if all("measure" in one for one in chosen) else definition.measures:
            yield tuple(one if measure is None or "measure" in one else {**one, "measure": measure} for one in chosen)


def _readings(head: str, labels: Mapping[str, Sequence[Codes]]) -> Iterator[Codes]:
    """Every way to read a head as labels with commas between them; labels have commas themselves."""
    if re.fullmatch(r"\d{4}", head):
        yield {"year": head}
    parts = head.split(", ")
    for length in range(len(parts), 0, -1):
        for codes in labels.get(plain(", ".join(parts[:length])), ()):
            if "variable" in codes:
                continue
            if length == len(parts):
                yield codes
            else:
                yield from (
                    {**codes, **rest} for rest in _readings(", ".join(parts[length:]), labels) if not set(codes) & set(rest)
                )
