"""The explorer's page held to what it must be, before it is published: the one page of a publication that runs anything.

All of it but the tables must be kvarn's own to the letter, so that what runs is what was tested; and no text of a table's data
may say anything that its JSON-stat file does not say. The cells are held to the protected tables elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kvarn import metadata
from kvarn.base.page_policy import has_policy
from kvarn.disseminate.cube import MEASURE
from kvarn.disseminate.explorer.page import explorer_code, explorer_page, explorer_style, fixed_blocks, written
from kvarn.disseminate.explorer.read import blocks_of, explorer_tables
from kvarn.edition import Edition
from kvarn.errors import InputError
from kvarn.programme import current_programme

__all__ = ["faults_of_explorer"]

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<content>.*?)</script>\n?", re.DOTALL)
_STYLE = re.compile(r"<style>\n(?P<content>.*?)</style>", re.DOTALL)
_OF_DATA = re.compile(r' type="application/json" id="[a-z][a-z0-9-]*"')


def faults_of_explorer(page: str, edition: Edition, language: str, described: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with an explorer's page, in words.

    Parameters
    ----------
    described
        The JSON-stat file of each published table in the page's language, by its id.
    """
    if not has_policy(page):
        yield "no policy, or another than the one that lets its own scripts run and nothing else"
    scripts = list(_SCRIPT.finditer(page))
    code = [script["content"] for script in scripts if not _OF_DATA.fullmatch(script["attributes"])]
    if code != [explorer_code()] or any(script["attributes"] for script in scripts if script["content"] in code):
        yield "a script that is not kvarn's own"
    styles = [style["content"] for style in _STYLE.finditer(page)]
    if styles != [explorer_style()]:
        yield "a style that is not kvarn's own"
    try:
        blocks, tables = blocks_of(page), explorer_tables(page)
    except InputError as error:
        yield f"data that cannot be read: {error.what}"
        return
    fixed = {name: written(content) for name, content in fixed_blocks(edition, language).items()}
    for name in fixed:
        if blocks.get(name) != fixed[name]:
            yield f"a block {name} that is not kvarn's own"
    if blocks.keys() != {*fixed, *(f"table-{name}" for name in described)}:
        yield "other tables than are published"
        return
    if any(written(json.loads(content)) != content for content in blocks.values()):
        yield "data that are not written as kvarn writes them"
    if page != explorer_page(edition, language, blocks):
        yield "something that is not kvarn's own"
    for name, table in tables.items():
        yield from _unsaid(table, json.loads(described[name]))


def _unsaid(table: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[str]:
    """What a table's data say that its JSON-stat file does not."""
    name, said = table["id"], {*_texts(described), *_names(described)}
    if table["deliveries"] != metadata.table(name).deliveries:
        yield f"another table of deliveries of the table {name} than the programme names"
    for text in _texts({key: value for key, value in table.items() if key not in ("cells", "deliveries")}):
        if text not in said and text not in (name, MEASURE):
            yield f"a text of the table {name} that its JSON-stat file does not have"
    if table["break"] not in (None, current_programme().about.comparable_from):
        yield f"a number of the table {name} that is no year of a break"
    for variable in table["variables"]:
        if not all(_is_place(parent, variable["codes"]) for parent in variable["parents"]):
            yield f"a number of the table {name} that is no place in its hierarchy"
    if not all(
        _is_place(place, table["measures"]) for place in (*table["coverage"]["months"], table["coverage"]["municipalities"])
    ):
        yield f"a number of the table {name} that is no place of a measure"
    units = described["dimension"][MEASURE]["category"]["unit"]
    for code, measure in zip(table["variables"][-1]["codes"], table["measures"], strict=True):
        if measure["decimals"] != units[code]["decimals"] or not isinstance(measure["coverage"], bool):
            yield f"a number of the table {name} that is no decimals of its measure"


def _is_place(number: Any, among: Sequence[Any]) -> bool:
    return isinstance(number, Decimal) and -1 <= number < len(among)


def _texts(value: Any) -> Iterator[str]:
    """Every text that a document holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for held in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(held)


def _names(value: Any) -> Iterator[str]:
    """What the parts of a document are called: codes, in JSON-stat."""
    if isinstance(value, Mapping):
        yield from map(str, value)
        for held in value.values():
            yield from _names(held)
