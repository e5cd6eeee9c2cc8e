"""Open data: the protected tables as they are, and with labels in each language, each with a description by CSV on the Web.

Standard: W3C *Metadata Vocabulary for Tabular Data* (CSVW), which finds the description of ``data/x.csv`` at
``data/x.csv-metadata.json``.
"""

from __future__ import annotations

import csv
import functools
import json
import re
from collections.abc import Callable, Set
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import source
from kvarn.disseminate.labelled_data import labelled, labelled_description
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.parquet import write_parquet
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.stage import correction_notice, stage_name
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["write_open_data"]

SYMBOLS = ("X", "..", ".")


def write_open_data(tables: ProtectedTables, edition: Edition, folder: Path) -> tuple[Path, ...]:
    """Copy every protected table into `folder`, byte for byte, and describe it; return the paths written.

    With labels in place of codes it stands in ``<language>/<table>.csv`` (`kvarn.disseminate.labelled_data`), and with codes once
    more in ``<table>.parquet`` (`kvarn.disseminate.parquet`).

    Columns of ``<table>.csv``: the classification variables (codes), ``measure``, ``value`` (in the measure's unit;
    empty when not published), ``status`` (symbol; empty when published) and, in a synthetic edition, ``synthetic``.
    """
    written = []
    for name in tables.names():
        content = (tables.folder / f"{name}.csv").read_bytes()
        header = next(csv.reader([content.split(b"\n", 1)[0].decode("utf-8")]))
        written += _with_description(folder / f"{name}.csv", content, _described(tables[name], edition, header))
        for language in edition.languages:
            text, described = labelled(tables[name], edition, language), labelled_description(tables[name], edition, language)
            written += _with_description(folder / language / f"{name}.csv", text, described)
        written.append(write_parquet(tables[name], edition, folder / f"{name}.parquet"))
    return tuple(written)


def _with_description(file: Path, content: bytes | str, described: dict[str, Any]) -> list[Path]:
    description = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    return [write_beside(file, content), write_beside(file.with_name(f"{file.name}-metadata.json"), description)]


def _described(table: ProtectedTable, edition: Edition, header: list[str]) -> dict[str, Any]:
    definition, publication = table.definition, edition.publication
    symbols = metadata.codelist("symbol")
    described: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "sv"}],
        "url": f"{definition.name}.csv",
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": "\n"},
        "dc:identifier": definition.name,
        "dc:title": _both(table.title),
        "dc:publisher": _both(publication.publisher.label),
        "dc:issued": {"@value": publication.published.isoformat(), "@type": "xsd:date"},
        "schema:creativeWorkStatus": _both(lambda language: stage_name(edition, language)),
        "dc:source": _both(lambda language: source(edition, language)),
        "dc:isPartOf": _both(lambda language: f"{publication.title.label(language)} {edition.reference_year}"),
        "dcat:contactPoint": {"schema:name": publication.contact.name, "schema:email": publication.contact.email},
    }
    if publication.licence:
        described["dc:license"] = {"@id": publication.licence}
    else:
        described["dc:rights"] = _both(functools.partial(licence_statement, edition))
    notes = [
        dict(zip(metadata.languages, said, strict=True))
        for said in zip(*(table_notes(table, edition, language) for language in metadata.languages), strict=True)
    ]
    # A CSV file has the symbols of what is not published alone; nil is the number 0.
    used = [symbol for symbol in SYMBOLS if (table.frame["status"] == symbol).any()]
    notes += [{language: f"{symbol}: {symbols.label(symbol, language)}" for language in metadata.languages} for symbol in used]
    if edition.correction is not None:
        notes.insert(0, {language: correction_notice(edition, language) for language in metadata.languages})
    if edition.synthetic:
        notes.insert(0, {language: metadata.text("synthetic.notice", language) for language in metadata.languages})
        described["dc:subject"] = _both(lambda language: word("synthetic.keyword", language))
    described["rdfs:comment"] = [item for note in notes for item in _both(note.__getitem__)]
    described["tableSchema"] = {
        "columns": [_column(name, table) for name in header],
        "primaryKey": [*definition.variables, "measure"],
    }
    return described


def _column(name: str, table: ProtectedTable) -> dict[str, Any]:
    """One column. Its bare name stands among the titles, since the standard compares those with the file's header."""
    column: dict[str, Any] = {"name": name, "titles": {"und": name}}
    if name in table.definition.variables:
        variable = metadata.variable(name)
        column["titles"] |= {language: variable.label(language) for language in metadata.languages}
        if variable.codes is None:
            return column | {"datatype": {"base": "gYear"}, "required": True}
        there = set(table.frame[name].unique())
        codes = [code for code in table.definition.order(name) if code in there]
        return column | _coded(codes, variable.category, frozenset(filter(variable.codes.untranslated, codes)))
    if name == "measure":
        column["titles"] |= {language: word("measure", language) for language in metadata.languages}
        column["dc:description"] = _both(lambda language: word("column.measure", language))
        coded = _coded(table.definition.measures, lambda code, language: metadata.measure(str(code)).label(language))
        for concept in coded["skos:member"]:
            measure = metadata.measure(concept["skos:notation"])
            concept["skos:definition"] = _both(measure.definition.__getitem__)
            concept["schema:unitText"] = _both(measure.unit.__getitem__)
        return column | coded
    if name == "value":
        return column | {
            "dc:description": _both(lambda language: word("column.value", language)),
            "datatype": "decimal",
        }
    if name == "status":
        pattern = "|".join(re.escape(symbol) for symbol in SYMBOLS)
        datatype = {"base": "string", "format": pattern}
        return column | {
            "dc:description": _both(lambda language: word("column.status", language)),
            "datatype": datatype,
        }
    return column | {
        "dc:description": _both(lambda language: word("synthetic.column", language)),
        "datatype": {"base": "boolean"},
        "required": True,
    }


def _coded(codes: Any, category: Callable[[str, str], str], untranslated: Set[str] = frozenset()) -> dict[str, Any]:
    """A column of codes: which they may be, and what each is called; no Swedish title is said to be English."""
    concepts = [
        {
            "@type": "skos:Concept",
            "skos:notation": str(code),
            "skos:prefLabel": [
                {"@value": category(code, language), "@language": language}
                for language in metadata.languages
                if language != "en" or code not in untranslated
            ],
        }
        for code in codes
    ]
    pattern = "|".join(re.escape(str(code)).replace("\\-", "-") for code in codes)
    return {"datatype": {"base": "string", "format": pattern}, "required": True, "skos:member": concepts}


def _both(said: Callable[[str], str]) -> list[dict[str, str]]:
    return [{"@value": said(language), "@language": language} for language in metadata.languages]
