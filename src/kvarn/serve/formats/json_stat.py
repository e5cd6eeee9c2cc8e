"""JSON-stat 2.0 as PxWebApi 2 has it: the data of a selection, and the description of a table without its cells."""

from __future__ import annotations

import json
from typing import Any

from kvarn.serve.codelists import code_lists
from kvarn.serve.formats.options import Options
from kvarn.serve.published import PublishedTable
from kvarn.serve.selection import Chosen, ChosenVariable

__all__ = ["dataset", "write_json_stat"]


def write_json_stat(chosen: Chosen, language: str, options: Options) -> bytes:
    """A dataset in one language; a cell without a number is null, and ``status`` has its symbol by the cell's place."""
    table, places = chosen.table, chosen.places()
    described = dataset(chosen, language)
    values, symbols = table.values[places].tolist(), table.symbols[places].tolist()
    described["value"] = [
        None if symbol else value if decimals else int(value)
        for value, symbol, decimals in zip(values, symbols, chosen.decimals(), strict=True)
    ]
    if status := {str(place): table.symbol_list[symbol] for place, symbol in enumerate(symbols) if symbol}:
        described["status"] = status
    return json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def dataset(chosen: Chosen, language: str, *, links: dict[str, Any] | None = None, address: str = "") -> dict[str, Any]:
    """A dataset without its cells.

    Parameters
    ----------
    links
        What ``link`` is to hold.
    address
        The address of the interface, for the links to code lists; none are told without it.
    """
    table = chosen.table
    notes = [*table.notes[language], *chosen.fixed(language)]
    described: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": table.labels[language],
        "source": table.sources[language],
        "updated": table.updated,
    }
    if links:
        described["link"] = links
    return described | {
        "note": notes,
        "role": _roles(chosen),
        "id": [one.name for one in chosen.variables],
        "size": list(chosen.size),
        "dimension": {one.name: _dimension(chosen.table, one, language, address) for one in chosen.variables},
        "value": [],
        "extension": {
            "noteMandatory": {str(place): True for place in range(table.mandatory_notes)},
            "px": _px(chosen, language),
            "firstPeriod": table.time.codes[0],
            "lastPeriod": table.time.codes[-1],
            "discontinued": False,
            "contact": [_contact(table, language)],
            "synthetic": table.synthetic,
            "stage": table.stage,
            "edition": table.edition.name,
        },
    }


def _roles(chosen: Chosen) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in chosen.variables:
        if one.variable.role:
            found.setdefault(one.variable.role, []).append(one.name)
    return found


def _dimension(table: PublishedTable, chosen: ChosenVariable, language: str, address: str) -> dict[str, Any]:
    variable, there = chosen.variable, set(chosen.codes)
    category: dict[str, Any] = {
        "index": {code: place for place, code in enumerate(chosen.codes)},
        "label": dict(zip(chosen.codes, chosen.labels(language), strict=True)),
    }
    if notes := {code: said for code, said in variable.notes[language].items() if code in there}:
        category["note"] = notes
    parts = {code: [part for part in variable.children.get(code, ()) if part in there] for code in chosen.codes}
    if children := {code: below for code, below in parts.items() if below}:
        category["child"] = children
    if variable.decimals:
        category["unit"] = {
            code: {"base": variable.units[language][code], "decimals": variable.decimals[code]} for code in chosen.codes
        }
    extension: dict[str, Any] = {"elimination": variable.total is not None}
    if variable.total is not None:
        extension["eliminationValueCode"] = variable.total
    extension["show"] = "code_value" if variable.coded else "value"
    if address:
        listed = [
            {
                "id": one.id,
                "label": one.label(language),
                "type": "Aggregation" if one.grouping else "Valueset",
                "links": [{"rel": "metadata", "hreflang": language, "href": f"{address}/codelists/{one.id}?lang={language}"}],
            }
            for one in code_lists(table, variable)
        ]
        # The specification has it in small letters; there are clients that look for the other.
        extension |= {"codelists": listed, "codeLists": listed}
    return {"label": variable.labels[language], "category": category, "extension": extension}


def _px(chosen: Chosen, language: str) -> dict[str, Any]:
    table = chosen.table

    def first(name: str) -> str:
        return "".join(table.px_texts(name, language))

    official = any(one.name == "OFFICIAL-STATISTICS" and one.value == "YES" for one in table.px)
    return {
        "tableid": table.id,
        "matrix": table.table,
        "decimals": min(table.measures.decimals.values()),
        "official-statistics": official,
        "aggregallowed": False,
        "copyright": official,
        "language": language,
        "contents": first("CONTENTS"),
        "description": first("DESCRIPTION"),
        "descriptiondefault": False,
        "heading": [one.name for one in chosen.heading],
        "stub": [one.name for one in chosen.stub],
        "subject-code": first("SUBJECT-CODE"),
        "subject-area": first("SUBJECT-AREA"),
    }


def _contact(table: PublishedTable, language: str) -> dict[str, str]:
    contact = table.contact
    told = {"name": contact.name, "organization": table.edition.publisher[language], "mail": contact.mail}
    if contact.phone:
        told["phone"] = contact.phone
    return told | {"raw": contact.raw[language]}
