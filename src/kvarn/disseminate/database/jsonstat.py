"""JSON-stat 2.0: a table as one self-describing JSON document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, Cube, Dimension, source
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import stage_name
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["write_jsonstat"]


def write_jsonstat(table: ProtectedTable, edition: Edition, output: Path) -> Path:
    """Write one table as a JSON-stat 2.0 dataset.

    Swedish is the main language; ``extension.en`` holds the English texts under the same keys. A cell without a
    number is null, and ``status`` has its symbol by the cell's place.
    """
    cube = Cube(table)
    cells = [cell for _, cell in cube.published()]
    dataset: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "updated": edition.publication.published.isoformat(),
    }
    dataset |= _texts(cube, edition, "sv")
    dataset |= {
        "id": [dimension.name for dimension in cube.dimensions],
        "size": [len(dimension.codes) for dimension in cube.dimensions],
        "role": _roles(cube),
        "dimension": {dimension.name: _dimension(dimension) for dimension in cube.dimensions},
        "value": [None if cell.status else _number(cell.value) for cell in cells],
        "status": {str(place): cell.status for place, cell in enumerate(cells) if cell.status},
        "extension": {
            "lang": "sv",
            "synthetic": edition.synthetic,
            "stage": "trial" if edition.trial else edition.stage,
            "contact": edition.publication.contact.model_dump(exclude_none=True),
            "en": _texts(cube, edition, "en")
            | {"dimension": {dimension.name: _labelled(dimension, "en") for dimension in cube.dimensions}},
        },
    }
    if not dataset["status"]:
        del dataset["status"]
    return write_beside(output, json.dumps(dataset, ensure_ascii=False, indent=1) + "\n")


def _texts(cube: Cube, edition: Edition, language: str) -> dict[str, Any]:
    notes = [metadata.text("synthetic.notice", language)] if edition.synthetic else []
    notes.append(f"{stage_name(edition, language)}.")
    notes += table_notes(cube.table, edition, language)
    symbols = metadata.codelist("symbol")
    used = dict.fromkeys(cell.status for _, cell in cube.published() if cell.status)
    notes += [f"{symbol}: {symbols.label(symbol, language)}" for symbol in used]
    return {
        "label": cube.table.title(language),
        "source": source(edition, language),
        "note": notes,
    }


def _roles(cube: Cube) -> dict[str, list[str]]:
    of = {role: [one.name for one in cube.dimensions if one.role == role] for role in ("time", "geo", "metric")}
    return {role: names for role, names in of.items() if names}


def _dimension(dimension: Dimension) -> dict[str, Any]:
    described = _labelled(dimension, "sv")
    described["category"]["index"] = list(dimension.codes)
    if dimension.name == MEASURE:
        described["category"]["unit"] = {code: _unit(code, "sv") for code in dimension.codes}
    elif children := _children(dimension):
        described["category"]["child"] = children
    return described


def _labelled(dimension: Dimension, language: str) -> dict[str, Any]:
    category: dict[str, Any] = {"label": dict(zip(dimension.codes, dimension.labels(language), strict=True))}
    if dimension.name == MEASURE:
        category["note"] = {code: [metadata.measure(code).definition[language]] for code in dimension.codes}
        if language != "sv":
            category["unit"] = {code: _unit(code, language) for code in dimension.codes}
    return {"label": dimension.label(language), "category": category}


def _unit(code: str, language: str) -> dict[str, Any]:
    measure = metadata.measure(code)
    return {"label": measure.unit[language], "decimals": measure.decimals}


def _children(dimension: Dimension) -> dict[str, list[str]]:
    """The parts of each category, as far as the table has them."""
    listed = None if dimension.name == "year" else metadata.variable(dimension.name).codes
    if listed is None:
        return {}
    there = set(dimension.codes)
    parts = {code: [child for child in listed.children(code) if child in there] for code in dimension.codes}
    return {code: children for code, children in parts.items() if children}


def _number(value: str) -> int | float:
    return float(value) if "." in value else int(value)
