"""JSON-stat 2.0: a table as one self-describing JSON document a language, and a collection that names all tables.

What JSON-stat has no place for stands in ``extension`` as PxWebApi 2 has it, so that the files are read like answers of that
interface.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, Cube, Dimension, cube_of, source
from kvarn.disseminate.database.px import arranged, contact_words, contents_of, period_of
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.stage import correction_notice, stage_code, stage_name, stage_notice
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition
from kvarn.programme import current_programme

__all__ = ["COLLECTION", "collection_title", "notices", "write_collection", "write_jsonstat"]

COLLECTION = "tables.collection.json"
"""The file, in the folder of each language, that names all tables; no table has a point in its name."""


def write_jsonstat(table: ProtectedTable, edition: Edition, language: str, output: Path) -> Path:
    """Write one table in one language as a JSON-stat 2.0 dataset.

    A cell without a number is null, and ``status`` has its symbol by the cell's place.
    """
    cube = cube_of(table)
    cells = [cell for _, cell in cube.published()]
    notes = list(_notes(cube, edition, language))
    dataset: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": table.title(language),
        "source": source(edition, language),
        "updated": _updated(edition),
        "note": notes,
        "role": _roles(cube),
        "id": [dimension.name for dimension in cube.dimensions],
        "size": [len(dimension.codes) for dimension in cube.dimensions],
        "dimension": {dimension.name: _dimension(cube, dimension, edition, language) for dimension in cube.dimensions},
        "value": [None if cell.status else _number(cell.value) for cell in cells],
        "status": {str(place): cell.status for place, cell in enumerate(cells) if cell.status},
        "extension": _extension(cube, edition, language),
    }
    if not dataset["status"]:
        del dataset["status"]
    return write_beside(output, _written(dataset))


def write_collection(tables: ProtectedTables, edition: Edition, language: str, output: Path) -> Path:
    """Write a JSON-stat 2.0 collection: every table by its title, and the address of its dataset beside this file."""
    collection = {
        "version": "2.0",
        "class": "collection",
        "label": collection_title(edition, language),
        "source": source(edition, language),
        "updated": _updated(edition),
        "note": [*notices(edition, language), *filter(None, [stage_notice(edition, language)])],
        "link": {
            "item": [
                {"class": "dataset", "type": "application/json", "href": f"{name}.json", "label": tables[name].title(language)}
                for name in tables.names()
            ]
        },
    }
    return write_beside(output, _written(collection))


def collection_title(edition: Edition, language: str) -> str:
    """What the collection of an edition's tables is called: as the catalogue."""
    title = edition.publication.title.label(language)
    return word("catalogue.title", language, title=title, year=edition.reference_year)


def notices(edition: Edition, language: str) -> Iterator[str]:
    """What must be shown: that the data are synthetic, and the stage, with what was wrong where it is corrected."""
    if edition.synthetic:
        yield metadata.text("synthetic.notice", language)
    yield " ".join(filter(None, [f"{stage_name(edition, language)}.", correction_notice(edition, language)]))


def _notes(cube: Cube, edition: Edition, language: str) -> Iterator[str]:
    yield from notices(edition, language)
    yield from table_notes(cube.table, edition, language)
    symbols = metadata.codelist("symbol")
    used = dict.fromkeys(cell.status for _, cell in cube.published() if cell.status)
    yield from (f"{symbol}: {symbols.label(symbol, language)}" for symbol in used)


def _roles(cube: Cube) -> dict[str, list[str]]:
    of = {role: [one.name for one in cube.dimensions if one.role == role] for role in ("time", "geo", "metric")}
    return {role: names for role, names in of.items() if names}


def _dimension(cube: Cube, dimension: Dimension, edition: Edition, language: str) -> dict[str, Any]:
    category: dict[str, Any] = {
        "index": {code: place for place, code in enumerate(dimension.codes)},
        "label": dict(zip(dimension.codes, dimension.labels(language), strict=True)),
    }
    extension: dict[str, Any] = {"elimination": dimension.total is not None}
    if dimension.total is not None:
        extension["eliminationValueCode"] = dimension.total
    extension["show"] = "code_value" if dimension.heading_of_codes else "value"
    if dimension.name == MEASURE:
        measures = {code: metadata.measure(code) for code in dimension.codes}
        category["note"] = {code: [one.definition[language]] for code, one in measures.items()}
        category["unit"] = {code: {"base": one.unit[language], "decimals": one.decimals} for code, one in measures.items()}
        extension["refperiod"] = dict.fromkeys(dimension.codes, period_of(cube))
    elif children := _children(dimension):
        category["child"] = children
    return {"label": dimension.label(language), "category": category, "extension": extension}


def _extension(cube: Cube, edition: Edition, language: str) -> dict[str, Any]:
    """As PxWebApi 2 has it, and whether the data are synthetic, preliminary, final or corrected."""
    stub, heading = arranged(cube)
    subject, name = current_programme().about.subject, cube.table.definition.name
    contact = edition.publication.contact
    told = {"name": contact.name, "organization": edition.publication.publisher.label(language), "mail": contact.email}
    if contact.telephone:
        told["phone"] = contact.telephone
    extension: dict[str, Any] = {
        "noteMandatory": {str(place): True for place, _ in enumerate(notices(edition, language))},
        "px": {
            "tableid": name,
            "matrix": name,
            "decimals": min(metadata.measure(code).decimals for code in cube.dimensions[-1].codes),
            "official-statistics": edition.official_statistics,
            "aggregallowed": False,
            "copyright": edition.official_statistics,
            "language": language,
            "contents": contents_of(cube.table.title(language), language),
            "description": cube.table.title(language),
            "descriptiondefault": False,
            "heading": [one.name for one in heading],
            "stub": [one.name for one in stub],
            "subject-code": subject.code,
            "subject-area": subject.label(language),
        },
        "firstPeriod": str(cube.table.years[0]),
        "lastPeriod": str(cube.table.years[-1]),
        "discontinued": False,
        "contact": [told | {"raw": contact_words(edition, language)}],
        "synthetic": edition.synthetic,
        "stage": stage_code(edition),
    }
    if edition.correction is not None:
        extension["correction"] = correction_notice(edition, language)
    if edition.publication.licence:
        extension["license"] = edition.publication.licence
    return extension


def _children(dimension: Dimension) -> dict[str, list[str]]:
    """The parts of each category, as far as the table has them."""
    listed = None if dimension.name == "year" else metadata.variable(dimension.name).codes
    if listed is None:
        return {}
    there = set(dimension.codes)
    parts = {code: [child for child in listed.children(code) if child in there] for code in dimension.codes}
    return {code: children for code, children in parts.items() if children}


def _updated(edition: Edition) -> str:
    return f"{edition.publication.published.isoformat()}T00:00:00Z"


def _number(value: str) -> int | float:
    return float(value) if "." in value else int(value)


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
