"""What the explorer knows of a table and of the edition, in one language: the same cube that the database files are made of."""

from __future__ import annotations

from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, Dimension, Published, cube_of, source
from kvarn.disseminate.numbers import format_date
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import stage_name, stage_notice
from kvarn.disseminate.symbols import LESS_THAN_HALF, NIL, SYMBOLS, meaning_of
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.edition import Edition
from kvarn.programme import current_programme

__all__ = ["edition_data", "table_data"]


def table_data(table: ProtectedTable, edition: Edition, language: str) -> dict[str, Any]:
    """One table as the explorer reads it.

    ``cells`` holds every place of the cube, the last variable fastest: a number, or the symbol in its place (``–`` for nil, which
    is zero). ``parents`` are places among the variable's own codes, -1 at the top. ``break`` is the year from which figures were
    reported in another way, where the table has years on both sides of it. ``deliveries`` is the table that tells what came of
    the files of which this one is made.
    """
    cube = cube_of(table)
    measures = cube.dimensions[-1].codes
    changed = current_programme().about.comparable_from
    broken = changed is not None and table.years[0] < changed <= table.years[-1] and bool(table.definition.notes_before)
    return {
        "id": table.definition.name,
        "title": table.title(language),
        "notes": table_notes(table, edition, language),
        "break": changed if broken else None,
        "variables": [_variable(dimension, language) for dimension in cube.dimensions],
        "measures": [_measure(name, language) for name in measures],
        "coverage": _coverage(measures),
        "deliveries": table.definition.deliveries,
        "cells": [_cell(cell) for _, cell in cube.published()],
    }


def edition_data(edition: Edition, language: str) -> dict[str, Any]:
    """What the explorer says of the edition, and what each symbol means in it."""
    publication, subject = edition.publication, current_programme().about.subject
    notices = [metadata.text("synthetic.notice", language)] if edition.synthetic else []
    if notice := stage_notice(edition, language):
        notices.append(notice)
    return {
        "title": f"{publication.title.label(language)} {edition.reference_year}",
        "publisher": publication.publisher.label(language),
        "published": word("page.published", language, date=format_date(publication.published, language)),
        "updated": publication.published.isoformat(),
        "synthetic": edition.synthetic,
        "official": edition.official_statistics,
        "notices": notices,
        "stage": stage_name(edition, language),
        "stageCode": "trial" if edition.trial else edition.stage,
        "source": source(edition, language),
        "contact": publication.contact.model_dump(exclude_none=True),
        "subjectArea": subject.label(language),
        "subjectCode": subject.code,
        "symbols": {symbol: meaning_of(symbol, edition, language) for symbol in SYMBOLS if symbol != LESS_THAN_HALF},
    }


def _variable(dimension: Dimension, language: str) -> dict[str, Any]:
    return {
        "name": dimension.name,
        "label": dimension.label(language),
        "codes": list(dimension.codes),
        "labels": list(dimension.labels(language)),
        "parents": _parents(dimension),
    }


def _parents(dimension: Dimension) -> list[int]:
    """The place of the nearest category above each that the table has."""
    listed = None if dimension.name in (MEASURE, "year") else metadata.variable(dimension.name).codes
    places = {code: place for place, code in enumerate(dimension.codes)}
    found = []
    for code in dimension.codes:
        above = None if listed is None else listed.parent(code)
        while listed is not None and above is not None and above not in places:
            above = listed.parent(above)
        found.append(-1 if above is None else places[above])
    return found


def _measure(name: str, language: str) -> dict[str, Any]:
    measure = metadata.measure(name)
    return {
        "unit": measure.unit[language],
        "decimals": measure.decimals,
        "definition": measure.definition[language],
        "coverage": bool(measure.coverage_of) or name == _MUNICIPALITIES,
    }


_MUNICIPALITIES = "municipalities"


def _coverage(measures: tuple[str, ...]) -> dict[str, Any]:
    """The places of the measures that tell of how many months and municipalities a figure is, as `partly_reported` takes them."""
    months = [place for place, name in enumerate(measures) if name.startswith("months_") and metadata.measure(name).coverage_of]
    return {"months": months, "municipalities": measures.index(_MUNICIPALITIES) if _MUNICIPALITIES in measures else -1}


def _cell(cell: Published) -> int | float | str:
    if cell.nil:
        return NIL
    if cell.status:
        return cell.status
    return float(cell.value) if "." in cell.value else int(cell.value)
