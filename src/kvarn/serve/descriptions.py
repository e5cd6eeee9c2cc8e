"""What is said of the database, its tables, code lists and selections: the objects of PxWebApi 2 that hold no figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import kvarn
from kvarn.serve.codelists import CodeList
from kvarn.serve.formats import DEFAULT_FORMAT, FORMATS
from kvarn.serve.formats.json_stat import dataset
from kvarn.serve.published import LANGUAGES, PublishedTable
from kvarn.serve.released import ReleasedEdition
from kvarn.serve.selection import Chosen
from kvarn.serve.words import said

__all__ = ["API_VERSION", "code_list", "configuration", "link", "metadata", "saved_query", "selection", "table_entry"]

API_VERSION = "2.0.0"
"""The version of the published interface."""

# Nobody is held back; a client reads a number of calls in a number of seconds.
_CALLS, _SECONDS = 1_000_000, 1


def configuration(editions: Sequence[ReleasedEdition], tables: Mapping[str, PublishedTable], default: str) -> dict[str, Any]:
    """What a program must know before it asks."""
    latest = next(iter(tables.values()))
    return {
        "apiVersion": API_VERSION,
        "appVersion": f"kvarn {kvarn.__version__}",
        "languages": [{"id": one, "label": said("language.name", one)} for one in _languages(default)],
        "defaultLanguage": default,
        "maxDataCells": max(one.cells for one in tables.values()),
        "maxCallsPerTimeWindow": _CALLS,
        "timeWindow": _SECONDS,
        "license": editions[0].licence,
        "sourceReferences": [{"language": one, "text": said("source", one, source=latest.sources[one])} for one in LANGUAGES],
        "defaultDataFormat": DEFAULT_FORMAT,
        "dataFormats": list(FORMATS),
        "features": [{"id": "CORS", "params": [{"key": "enabled", "value": "True"}]}],
    }


def table_entry(table: PublishedTable, language: str, address: str) -> dict[str, Any]:
    """A table in a list of tables."""
    code, area = ("".join(table.px_texts(name, language)) for name in ("SUBJECT-CODE", "SUBJECT-AREA"))
    edition = table.edition
    here = f"tables/{table.id}"
    return {
        "id": table.id,
        "label": table.labels[language],
        "description": edition.title[language],
        "sortCode": table.id,
        "updated": table.updated,
        "firstPeriod": table.time.codes[0],
        "lastPeriod": table.time.codes[-1],
        "category": "public",
        "variableNames": [one.labels[language] for one in table.variables],
        "discontinued": False,
        "source": table.sources[language],
        "subjectCode": code,
        "timeUnit": "Annual",
        "paths": [[{"id": code, "label": area, "sortCode": code}]],
        "links": [
            link("self", address, here, language),
            *(link("alternate", address, here, other) for other in LANGUAGES if other != language),
            link("metadata", address, f"{here}/metadata", language),
            link("data", address, f"{here}/data", language, f"&outputFormat={DEFAULT_FORMAT}"),
        ],
    }


def metadata(chosen: Chosen, language: str, address: str) -> dict[str, Any]:
    """A table without its cells: every variable and category, with code lists."""
    here = f"{address}/tables/{chosen.table.id}"
    links = {
        "self": [{"type": "application/json", "href": f"{here}/metadata?lang={language}"}],
        "alternate": [
            {"type": "application/json", "href": f"{here}/metadata?lang={other}"} for other in LANGUAGES if other != language
        ],
        "data": [{"type": "application/json", "href": f"{here}/data?lang={language}&outputFormat={DEFAULT_FORMAT}"}],
    }
    described = dataset(chosen, language, links=links, address=address)
    described["href"] = f"{here}/metadata?lang={language}"
    return described


def code_list(one: CodeList, language: str, address: str) -> dict[str, Any]:
    """A code list with its categories; those of a grouping with their parts."""
    variable = one.variable
    return {
        "id": one.id,
        "label": one.label(language),
        "language": language,
        "languages": list(LANGUAGES),
        "elimination": False,
        "type": "Aggregation" if one.grouping else "Valueset",
        "values": [
            {"code": code, "label": variable.category(code, language), "valueMap": list(one.parts[code])} for code in one.codes
        ],
        "links": [
            link("self", address, f"codelists/{one.id}", language),
            *(link("alternate", address, f"codelists/{one.id}", other) for other in LANGUAGES if other != language),
        ],
    }


def selection(chosen: Chosen, language: str, here: str, address: str) -> dict[str, Any]:
    """A selection with every code, and nothing that has to be expanded."""
    entries: list[dict[str, Any]] = []
    by_name = {one.name: one for one in chosen.variables}
    for variable in chosen.table.variables:
        there = by_name.get(variable.name)
        entry: dict[str, Any] = {"variableCode": variable.name, "valueCodes": list(there.codes) if there else []}
        if there and there.code_list:
            entry["codelist"] = there.code_list.id
        entries.append(entry)
    return {
        "selection": entries,
        "placement": {"heading": [one.name for one in chosen.heading], "stub": [one.name for one in chosen.stub]},
        "language": language,
        "links": [link("self", address, here, language)],
    }


def saved_query(id_: str, query: Mapping[str, Any], address: str) -> dict[str, Any]:
    """A query and the id that it has."""
    language = str(query["language"])
    return {
        "language": language,
        "id": id_,
        "savedQuery": {**query, "id": id_},
        "links": [
            link("self", address, f"savedqueries/{id_}", language),
            link("data", address, f"savedqueries/{id_}/data", language),
        ],
    }


def link(relation: str, address: str, place: str, language: str, more: str = "") -> dict[str, str]:
    """A link to a place of the interface."""
    return {"rel": relation, "hreflang": language, "href": f"{address}/{quote(place)}?lang={language}{more}"}


def _languages(default: str) -> list[str]:
    return [default, *(one for one in LANGUAGES if one != default)]
