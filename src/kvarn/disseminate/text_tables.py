"""Tables in the text: protected cells as a pandoc pipe table in one language.

>>> persons = tables["persons-by-year-sex-age"]
>>> text_table(persons, language="sv", rows="year", columns="sex", where={"measure": "persons"})
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kvarn import metadata
from kvarn.disseminate.numbers import NO_BREAK_SPACE, format_cell
from kvarn.disseminate.partly import MARK, partly_reported
from kvarn.disseminate.protected import Cell, ProtectedTable
from kvarn.disseminate.symbols import NIL, SYMBOLS
from kvarn.disseminate.templates import word
from kvarn.errors import InputError

__all__ = ["TextTable", "as_text", "symbols_note", "text_table"]

Codes = Mapping[str, object]

_TOTAL = "T"
# So many rows can share the last place of a table with a limit.
_MOST_ALIKE = 5
_NOT_APPLICABLE = "."
_ABSENT = Cell("", None, "..")
# The space within "1 000", at which no heading may break.
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
# What pandoc, or the reader of notebooks, would take for markup, an address, a formula or a reference, or change to another sign.
_MARKUP = re.compile(r"""[\\`*_{}\[\]<>|~^$#@&"'!:]|-(?=-)|\.(?=\.\.)""")
# Names stay as they are within a heading; other labels lose their capital there: "Personer, 65 år eller äldre".
_NAMES = ("region",)


@dataclass(frozen=True)
class TextTable:
    """A table ready for the text. A notebook's cell that ends with it shows it as Markdown.

    Attributes
    ----------
    heads
        The columns' headings, those of the row labels first.
    lines
        The rows: labels and formatted figures or symbols.
    labels
        How many columns hold row labels.
    symbols
        The symbols that stand in the table, in the order of the code list.
    notes
        What the mark beside a region means, and what is said of figures in it that look wrong and have been accepted.
    """

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    labels: int
    symbols: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def markdown(self) -> str:
        """A pandoc pipe table, and below it what is said of figures in it that look wrong and are right.

        The dashes give the columns' relative widths where a line is too long for the page.
        """
        heads = [_THOUSANDS.sub(NO_BREAK_SPACE, head) for head in self.heads]
        columns = zip(heads, *self.lines, strict=True)
        rulers = [_ruler(column, label=place < self.labels) for place, column in enumerate(columns)]
        rows = [[as_text(text) for text in line] for line in (heads, *self.lines)]
        table = "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], rulers, *rows[1:]]) + "\n"
        return table + "".join(f"\n{as_text(note)}\n" for note in self.notes)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/markdown": self.markdown}


def text_table(
    table: ProtectedTable,
    *,
    language: str,
    rows: str | Sequence[str],
    columns: str | Sequence[str] | Sequence[Codes] = "measure",
    where: Codes | None = None,
    by: str | None = None,
    limit: int | None = None,
    codes: bool = False,
    leave_out: Literal["nil"] | None = None,
) -> TextTable:
    """A table in the text, cut from a protected table.

    A region of which some municipality or month was not reported has an asterisk, where the table tells how many are included.

    Parameters
    ----------
    table
        The protected table.
    language
        ``sv`` or ``en``.
    rows
        The variable, or variables, down the side. A row of which no cell is there or applicable is left out.
    columns
        The variable or variables across the top, ``measure`` among them; or the columns one by one, each as its codes:
        ``[{"kind": "T", "measure": "persons"}, …]``.
    where
        The categories wanted. A list gives several of them and their order; a single one needs neither row nor column.
        A variable that is named nowhere stands at its total.
    by
        The measure by which the rows stand in falling order, in the first column that has it; a total stays first, rows
        without a figure come last, rows of nil alone are left out.
    limit
        The number of rows, the total apart; with `by`, and others as large as the last, a few more, or as many less.
    codes
        Put each row's code in parentheses after its label.
    leave_out
        ``nil``: a column in which nothing was counted in any row, but in rows that are not available, is left out.

    Raises
    ------
    InputError
        A variable that the table lacks, or one without a total that is named nowhere.
    """
    along = (rows,) if isinstance(rows, str) else tuple(rows)
    chosen = _chosen(table, {*along, *_names(columns)}, where or {})
    across = _across(columns, chosen)
    cells = _Cells.of(table, {name: wanted[0] for name, wanted in chosen.items() if len(wanted) == 1})
    down = [row for row in _combinations(along, chosen) if cells.any_applicable(row, across)]
    if leave_out == "nil":
        across = [column for column in across if not cells.nothing_counted(column, down)] or across
    if by is not None:
        down = [row for row in down if not cells.all_nil(row, across)]
        measured = cells.fixed.get("measure")
        first: Codes = next((column for column in across if column.get("measure", measured) == by), {"measure": by})
        down.sort(key=lambda row: (_TOTAL not in row.values(), -cells.size(row, first)))
    if limit is not None:
        totals = [row for row in down if _TOTAL in row.values()]
        others = [row for row in down if row not in totals]
        kept = others[:limit]
        if by is not None and others[limit:]:
            # A row that is as large as the last is not left out for its place in the code list: all of them are, or none.
            last = cells.size(kept[-1], first)
            alike = [row for row in others if cells.size(row, first) == last]
            kept = [row for row in kept if row not in alike] + (alike if len(alike) <= _MOST_ALIKE else [])
        down = totals + kept
    found = [[cells.at(row, column) or _ABSENT for column in across] for row in down]
    shown = {NIL if cell.nil else cell.status for line in found for cell in line}
    partly = _partly(table, down, across, cells.fixed)
    return TextTable(
        (
            *(metadata.variable(name).label(language) for name in along),
            *(_head(column, across, language) for column in across),
        ),
        tuple(
            (
                *(
                    _label(name, code, language, codes=codes) + MARK * (name == "region" and code in partly)
                    for name, code in row.items()
                ),
                *(format_cell(cell, language) for cell in line),
            )
            for row, line in zip(down, found, strict=True)
        ),
        len(along),
        tuple(symbol for symbol in metadata.codelist("symbol").codes if symbol in shown),
        (
            *([word("table.partly", language)] if partly else []),
            *(metadata.text("accepted.note", language, words=words) for words in table.remarks(language)),
        ),
    )


def _partly(table: ProtectedTable, down: Sequence[Codes], across: Sequence[Codes], fixed: Codes) -> set[str]:
    """The regions of the rows with figures of a part of the year, or of some municipalities alone."""
    # Of how much was reported something is missing nowhere.
    measures = {str(codes["measure"]) for codes in (*across, fixed) if "measure" in codes}
    year, regions = fixed.get("year"), {str(row["region"]) for row in down if "region" in row}
    if not regions or not isinstance(year, int) or all(metadata.measure(name).subject == "public" for name in measures):
        return set()
    return partly_reported(table, year, regions)


def symbols_note(language: str, *tables: TextTable) -> str:
    """What the symbols in these tables mean, for a line below them; every symbol where no table is given."""
    listed = metadata.codelist("symbol")
    wanted = [code for code in SYMBOLS if (not tables or any(code in table.symbols for table in tables))]
    return "; ".join(f"{code} = {listed.label(code, language)[:1].lower()}{listed.label(code, language)[1:]}" for code in wanted)


@dataclass(frozen=True)
class _Cells:
    """The cells of a protected table by their codes; `fixed` are the codes that all cells of the text's table share."""

    names: tuple[str, ...]
    by_codes: Mapping[tuple[object, ...], Cell]
    fixed: Codes

    @classmethod
    def of(cls, table: ProtectedTable, fixed: Codes) -> _Cells:
        names = (*table.definition.variables, "measure")
        codes = zip(*(table.frame[name].tolist() for name in names), strict=True)
        values = zip(table.frame["value"].tolist(), table.frame["status"].tolist(), strict=True)
        nil = table.nil
        cells = {
            key: Cell(str(key[-1]), None if status else value, status, tuple(map(str, key)) in nil)
            for key, (value, status) in zip(codes, values, strict=True)
        }
        return cls(names, cells, fixed)

    def at(self, *codes: Codes) -> Cell | None:
        """The cell with these codes, or None where the table has none."""
        wanted = {name: code for part in (self.fixed, *codes) for name, code in part.items()}
        return self.by_codes.get(tuple(wanted.get(name) for name in self.names))

    def any_applicable(self, row: Codes, columns: Sequence[Codes]) -> bool:
        """Whether the row shows anything but that it cannot be."""
        found = [self.at(row, column) for column in columns]
        return any(cell is not None and cell.status != _NOT_APPLICABLE for cell in found)

    def all_nil(self, row: Codes, columns: Sequence[Codes]) -> bool:
        """Whether the row shows nil alone."""
        found = [self.at(row, column) for column in columns]
        return all(cell is not None and cell.nil for cell in found)

    def nothing_counted(self, column: Codes, rows: Sequence[Codes]) -> bool:
        """Whether the column shows nil, and besides only what is not available."""
        found = [self.at(row, column) or _ABSENT for row in rows]
        return any(cell.nil for cell in found) and all(cell.nil or cell.status == _ABSENT.status for cell in found)

    def size(self, row: Codes, column: Codes) -> float:
        """By what a row is ranked; one without a figure comes last."""
        cell = self.at(row, column)
        return -1.0 if cell is None or cell.value is None else cell.value


def _names(columns: str | Sequence[str] | Sequence[Codes]) -> tuple[str, ...]:
    """The variables across the top."""
    if isinstance(columns, str):
        return (columns,)
    return tuple(dict.fromkeys(name for column in columns for name in ([column] if isinstance(column, str) else column)))


def _across(columns: str | Sequence[str] | Sequence[Codes], chosen: Mapping[str, Sequence[object]]) -> list[Codes]:
    """The columns, each as its codes: as they were given one by one, or every combination of the variables."""
    given = [] if isinstance(columns, str) else [column for column in columns if isinstance(column, Mapping)]
    return given or _combinations(_names(columns), chosen)


def _combinations(names: Sequence[str], chosen: Mapping[str, Sequence[object]]) -> list[Codes]:
    return [dict(zip(names, codes, strict=True)) for codes in itertools.product(*(chosen[name] for name in names))]


def _chosen(table: ProtectedTable, shown: set[str], where: Codes) -> dict[str, list[object]]:
    """The categories of each variable, and of the measure, that the text's table can have."""
    names = [*table.definition.variables, "measure"]
    for name in sorted({*shown, *where} - set(names)):
        raise InputError(
            f"The table {table.definition.name} has no variable {name!r}.",
            field=name,
            remedy=f"It has {', '.join(names)}.",
        )
    return {name: _wanted(table, name, shown, where) for name in names}


def _wanted(table: ProtectedTable, name: str, shown: set[str], where: Codes) -> list[object]:
    if name in where:
        wanted = where[name]
        return list(wanted) if isinstance(wanted, list | tuple | range) else [wanted]
    listed: dict[str, Sequence[object]] = {"year": table.years, "measure": table.definition.measures}
    every = list(listed[name] if name in listed else table.definition.order(name))
    if name in shown or len(every) == 1:
        return every
    if _TOTAL in every:
        return [_TOTAL]
    raise InputError(
        f"The table {table.definition.name} has no total of {name!r}.",
        field=name,
        remedy=f"Say which {name} is wanted, in rows, columns or where.",
    )


def _head(column: Codes, columns: Sequence[Codes], language: str) -> str:
    """A column's heading: what it measures, as far as the columns differ in that, and its categories but for totals."""
    categories = [(name, str(code)) for name, code in column.items() if name != "measure"]
    if len({str(one.get("measure")) for one in columns}) == 1 and "measure" not in column:
        return ", ".join(_label(name, code, language) for name, code in categories)
    declared = metadata.measure(str(column["measure"]))
    percentage = " (%)" if declared.unit["en"] == "per cent" else ""
    further = [_within(name, code, language) for name, code in categories if code != _TOTAL]
    return ", ".join([f"{declared.label(language)}{percentage}", *further])


def _within(name: str, code: str, language: str) -> str:
    """A category's label inside a heading: without its capital, unless it is a name."""
    label = _label(name, code, language)
    return label if name in _NAMES else label[:1].lower() + label[1:]


def _label(name: str, code: object, language: str, *, codes: bool = False) -> str:
    label = (
        metadata.measure(str(code)).label(language)
        if name == "measure"
        else metadata.variable(name).category(str(code), language)
    )
    return f"{label} ({code})" if codes and code != _TOTAL else label


def as_text(text: str) -> str:
    """Words as Markdown that shows them, and nothing else."""
    return _MARKUP.sub(lambda mark: f"&#{ord(mark[0])};", text)


def _ruler(cells: Sequence[str], *, label: bool) -> str:
    """The line below the headings: a figure never breaks, a heading has up to four lines, a long label two."""
    # Headings are bold, and so a little wider than their letters tell.
    words = max((len(word) for word in cells[0].split(" ")), default=1) + 2
    longest = max(map(len, cells[1:]), default=1)
    width = max(3, words, len(cells[0]) // 4, min(longest, 36) if label else longest)
    return f":{'-' * width}" if label else f"{'-' * width}:"
