"""The explorer's data read back from its page, by code that shares nothing with what writes it.

Each block is read strictly: a name that is not known, or a list of another length, is refused, so that no figure lies where
nobody looks.
"""

from __future__ import annotations

import itertools
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from kvarn.disseminate.database.read import Cells
from kvarn.errors import InputError

__all__ = ["blocks_of", "explorer_tables", "read_explorer"]

_BLOCK = re.compile(r'<script type="application/json" id="(?P<id>[a-z][a-z0-9-]*)">(?P<content>[^<]*)</script>')
_TABLE = "table-"
_KEYS = {
    "table": {"id", "title", "notes", "break", "variables", "measures", "coverage", "deliveries", "cells"},
    "variable": {"name", "label", "codes", "labels", "parents"},
    "measure": {"unit", "decimals", "definition", "coverage"},
    "coverage": {"months", "municipalities"},
}
_NIL = "–"
_SYMBOLS = ("X", "..", ".")


def blocks_of(page: str) -> dict[str, str]:
    """The blocks of data of a page by their ids, as they are written.

    Raises
    ------
    InputError
        Two have the same id.
    """
    found: dict[str, str] = {}
    for block in _BLOCK.finditer(page):
        if block["id"] in found:
            raise InputError(f"The block {block['id']} stands there twice.")
        found[block["id"]] = block["content"]
    return found


def explorer_tables(page: str) -> dict[str, dict[str, Any]]:
    """The tables of a page by their ids, each with nothing in it that is not known.

    Raises
    ------
    InputError
        A table is not as tables are.
    """
    return {
        name.removeprefix(_TABLE): _table(content, name.removeprefix(_TABLE))
        for name, content in blocks_of(page).items()
        if name.startswith(_TABLE)
    }


def read_explorer(path: Path, variables: dict[str, tuple[str, ...]]) -> dict[str, Cells]:
    """The cells of every table of an explorer's page.

    Parameters
    ----------
    variables
        The classification variables of the tables.

    Raises
    ------
    InputError
        A table is not one of these, or not as tables are.
    """
    found = explorer_tables(path.read_text(encoding="utf-8"))
    if unknown := sorted(found.keys() - variables.keys()):
        raise InputError(f"The page has a table that is not published: {unknown[0]}.", file=path)
    return {name: _cells(table, variables[name], path) for name, table in found.items()}


def _table(content: str, name: str) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(content, parse_float=Decimal, parse_int=Decimal)
        _require(table, "table", name)
        for variable in table["variables"]:
            _require(variable, "variable", name)
            if not len(variable["codes"]) == len(variable["labels"]) == len(variable["parents"]):
                raise InputError(f"The variable {variable['name']} of {name} has lists of different lengths.")
        for measure in table["measures"]:
            _require(measure, "measure", name)
        _require(table["coverage"], "coverage", name)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"The data of {name} cannot be read: {type(error).__name__}.") from None
    if table["id"] != name or len(table["measures"]) != len(table["variables"][-1]["codes"]):
        raise InputError(f"The data of {name} are not those of one table with its measures.")
    return table


def _require(found: dict[str, Any], kind: str, name: str) -> None:
    if found.keys() != _KEYS[kind]:
        raise InputError(f"The data of {name} have other parts than they must: {', '.join(sorted(found.keys() ^ _KEYS[kind]))}.")


def _cells(table: dict[str, Any], variables: tuple[str, ...], path: Path) -> Cells:
    names = [variable["name"] for variable in table["variables"]]
    keys = list(itertools.product(*(variable["codes"] for variable in table["variables"])))
    if names != [*variables, "measure"] or len(keys) != len(table["cells"]):
        raise InputError(f"{table['id']} has {len(table['cells'])} cells; its variables say {len(keys)}.", file=path)
    return {key: _value(cell, table["id"], path) for key, cell in zip(keys, table["cells"], strict=True)}


def _value(cell: Any, name: str, path: Path) -> tuple[Decimal | None, str]:
    if cell == _NIL:
        return Decimal(0), ""
    if isinstance(cell, Decimal):
        return cell, ""
    if cell in _SYMBOLS:
        return None, cell
    raise InputError(f"A cell of {name} is neither a number nor a symbol.", file=path)
