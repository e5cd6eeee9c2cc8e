"""Open data as people read them: each table once more in each language, with labels in place of codes.

The rows are those of the table with codes, in the same order. Whoever joins tables by codes takes that one; this one is for
whoever opens a file and wants to read it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import cube_of, source
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import correction_notice, stage_name
from kvarn.disseminate.symbols import meaning_of
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.edition import Edition

__all__ = ["BYTE_ORDER_MARK", "guarded", "labelled", "labelled_description"]

# By this a spreadsheet program knows that å, ä and ö are written in UTF-8.
BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet program takes for a formula; and what looks as if it had been kept from being one.
_FORMULA = re.compile(r"'?[=+\-@\t\r]")


def labelled(table: ProtectedTable, edition: Edition, language: str) -> str:
    """The table as CSV in one language: one row a cell, in the order of the table with codes.

    Columns: the label of each classification variable, and its code where readers join by it; the measure and its unit; the
    value as in the table with codes (empty when not published), the symbol in its place, and whether figures are preliminary,
    final or corrected. In a synthetic edition a last column says so in every row. A text that a spreadsheet program would take
    for a formula has an apostrophe before it.
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow([guarded(name) for name, _ in _columns(table, edition, language)])
    rows.writerows(_rows(table, edition, language))
    return BYTE_ORDER_MARK + written.getvalue()


def labelled_description(table: ProtectedTable, edition: Edition, language: str) -> dict[str, Any]:
    """What the file is, by CSV on the Web, in its own language."""
    publication, name = edition.publication, table.definition.name
    notes = [word("data.codes", language, file=f"../{name}.csv"), *table_notes(table, edition, language)]
    notes += [f"{one}: {meaning_of(one, edition, language)}" for one in sorted(set(table.frame["status"]) - {""})]
    described: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language}],
        "url": f"{name}.csv",
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": "\n"},
        "dc:identifier": f"{name}-{language}",
        "dc:language": language,
        "dc:title": table.title(language),
        "dc:publisher": publication.publisher.label(language),
        "dc:issued": {"@value": publication.published.isoformat(), "@type": "xsd:date"},
        "schema:creativeWorkStatus": stage_name(edition, language),
        "dc:source": source(edition, language),
    }
    if publication.licence:
        described["dc:license"] = {"@id": publication.licence}
    else:
        described["dc:rights"] = licence_statement(edition, language)
    if notice := correction_notice(edition, language):
        notes.insert(0, notice)
    if edition.synthetic:
        notes.insert(0, metadata.text("synthetic.notice", language))
    described["rdfs:comment"] = notes
    columns = _columns(table, edition, language)
    described["tableSchema"] = {
        "columns": [
            {"titles": guarded(title), "datatype": {"base": "gYear"} if kind == "year" else kind} for title, kind in columns
        ],
    }
    return described


def _columns(table: ProtectedTable, edition: Edition, language: str) -> list[tuple[str, str]]:
    """The heading of each column and the kind of its values."""
    found: list[tuple[str, str]] = []
    for dimension in cube_of(table).dimensions[:-1]:
        found.append((dimension.label(language), "year" if dimension.name == "year" else "string"))
        found += [(dimension.heading_of_codes[language], "string")] if dimension.heading_of_codes else []
    found += [(word("measure", language), "string"), (word("heading.unit", language), "string")]
    found += [(word("data.value", language), "decimal"), (word("heading.symbol", language), "string")]
    found.append((word("cover.stage", language), "string"))
    return [*found, *([(word("data.synthetic", language), "string")] if edition.synthetic else [])]


def _rows(table: ProtectedTable, edition: Edition, language: str) -> Iterator[list[str]]:
    cube = cube_of(table)
    *variables, measures = cube.dimensions
    labels = [dict(zip(one.codes, map(guarded, one.labels(language)), strict=True)) for one in variables]
    names = dict(zip(measures.codes, map(guarded, measures.labels(language)), strict=True))
    units = {code: guarded(metadata.measure(code).unit[language]) for code in measures.codes}
    coded = [bool(one.heading_of_codes) for one in variables]
    marked = [stage_name(edition, language), *([word("data.yes", language)] if edition.synthetic else [])]
    for (*codes, measure), cell in cube.cells.items():
        row: list[str] = []
        for with_code, code, named in zip(coded, codes, labels, strict=True):
            row += [named[code], code] if with_code else [named[code]]
        yield [*row, names[measure], units[measure], cell.value, cell.status, *marked]


def guarded(label: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{label}" if _FORMULA.match(label) else label
