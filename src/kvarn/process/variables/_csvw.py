"""The variable list as CSV on the Web (W3C, *Metadata Vocabulary for Tabular Data*): a table group, a schema a table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from kvarn import metadata
from kvarn.process.variables._listed import Listed, ListedTable
from kvarn.process.variables._page import VariableList
from kvarn.process.variables._words import word

__all__ = ["csvw"]

_TYPES = {"integer": "integer", "date": "date", "boolean": "boolean", "text": "string", "code": "string"}


def csvw(listed: VariableList, tables: tuple[ListedTable, ...], *, suffix: str = ".csv", comment: str | None = None) -> str:
    """The description of `tables`, whose rows stand in ``<name><suffix>``.

    Parameters
    ----------
    comment
        The key of words that say what the description holds for.
    """
    notes = []
    if listed.synthetic:
        notes.append(_both(lambda language: metadata.text("synthetic.notice", language)))
    notes.append(_both(lambda language: listed.about[language]))
    if comment:
        notes.append(_both(lambda language: word(comment, language)))
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "sv"}],
        "dc:title": _both(listed.titles.__getitem__),
        "dc:source": _both(lambda language: metadata.text("register.name", language)),
        "rdfs:comment": [item for note in notes for item in note],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": "\n"},
        "tables": [_table(table, suffix) for table in tables],
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def _table(table: ListedTable, suffix: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_column(variable) for variable in table.variables]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "url": f"{table.name}{suffix}",
        "dc:title": _both(table.titles.__getitem__),
        "dc:description": _both(table.definition.__getitem__),
        "tableSchema": schema,
    }


def _column(variable: Listed) -> dict[str, Any]:
    """One column. Its bare name stands among the titles, since the standard compares those with the file's header."""
    described: dict[str, Any] = {
        "name": variable.name,
        "titles": {"und": variable.name, **variable.titles},
        "dc:description": _both(variable.definition.__getitem__),
        "dc:source": _both(variable.source.__getitem__),
        "dc:valid": f"{variable.valid_from}/{variable.valid_to or '..'}",
        "datatype": _datatype(variable),
    }
    if variable.changes:
        described["skos:changeNote"] = _both(variable.history)
    if variable.codes:
        described["skos:inScheme"] = variable.codelist
        described["skos:member"] = [
            {
                "@type": "skos:Concept",
                "skos:notation": str(int(code.code)) if variable.whole else code.code,
                "skos:prefLabel": [
                    {"@value": said, "@language": language} for language, said in (("sv", code.sv), ("en", code.en)) if said
                ],
            }
            for code in variable.codes
        ]
    missing = {str(year): share.missing / share.rows for year, share in variable.missing.items() if share is not None}
    if missing:
        described["dqv:hasQualityMeasurement"] = [
            {"dc:temporal": year, "dc:description": "share missing", "dqv:value": round(share, 6)}
            for year, share in missing.items()
        ]
    return described


def _datatype(variable: Listed) -> dict[str, Any]:
    if variable.whole or variable.type == "integer":
        numbers = [int(code.code) for code in variable.codes]
        limits = {
            "minimum": min(numbers) if numbers else variable.minimum,
            "maximum": max(numbers) if numbers else variable.maximum,
        }
        return {"base": "integer"} | {name: limit for name, limit in limits.items() if limit is not None}
    datatype: dict[str, Any] = {"base": _TYPES[variable.type]}
    if variable.type == "date":
        datatype["format"] = "yyyy-MM-dd"
    elif variable.pattern:
        datatype["format"] = variable.pattern
    elif variable.type == "code" and variable.codes:
        datatype["format"] = "|".join(re.escape(code.code).replace("\\-", "-") for code in variable.codes)
    return datatype


def _both(said: Callable[[Any], str]) -> list[dict[str, str]]:
    return [{"@value": said(language), "@language": language} for language in metadata.languages]
