"""The structure of the SDMX files held to what it must be, before it is published: read by other code than wrote it.

It must describe every column and every code of the SDMX files and nothing else, with the names that the JSON-stat files have; and
no text of it may say anything that they do not say.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kvarn import metadata
from kvarn.base.package_files import words_of
from kvarn.disseminate.database.read import sdmx_category
from kvarn.disseminate.stage import correction_notice, stage_name
from kvarn.disseminate.symbols import SYMBOLS, meaning_of
from kvarn.disseminate.templates import word
from kvarn.edition import Edition

__all__ = ["faults_of_structure"]

_NAMESPACES = {
    "mes": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message",
    "str": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure",
    "com": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common",
}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_COLUMNS = ("Dimension", "TimeDimension", "Attribute")
_BESIDE = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
_NOT_CODED = {"TIME_PERIOD", "OBS_VALUE", "DECIMALS", "SYNTHETIC"}
# Words of the front page and the workbook that concepts are called.
_WORDS = ("measure", "data.value", "cover.stage", "data.synthetic")
# What JSON-stat has codes in, which are no texts.
_CODES = ("id", "index", "child", "role", "status")
_PLAIN = {"ID", "Test", "Prepared", "AnnotationType", "URN"}

# The names of each code of a list, by language.
_Lists = Mapping[str, Mapping[str, Mapping[str, str]]]


def faults_of_structure(
    path: Path, edition: Edition, files: Mapping[str, Path], described: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """What is wrong with a structure message, in words.

    Parameters
    ----------
    files
        The SDMX-CSV file of each published table, by the table's id.
    described
        The JSON-stat files of each by language, as text.
    """
    try:
        # Python's own parser asks nobody for anything, and the limits of Expat stop what swells.
        root = ElementTree.fromstring(path.read_bytes())  # noqa: S314
    except ElementTree.ParseError as error:
        yield f"no XML that can be read: {error}"
        return
    told = {name: {one: json.loads(text) for one, text in texts.items()} for name, texts in described.items()}
    lists = {one.attrib["id"]: _names(one) for one in root.iterfind(".//str:Codelist", _NAMESPACES)}
    flows = {one.attrib["id"]: one for one in root.iterfind(".//str:Dataflow", _NAMESPACES)}
    structures = {one.attrib["id"]: one for one in root.iterfind(".//str:DataStructure", _NAMESPACES)}
    wanted = {name.upper().replace("-", "_"): name for name in files}
    if flows.keys() != wanted.keys() or structures.keys() != {f"DSD_{flow}" for flow in wanted}:
        yield "other tables than are published"
        return
    yield from _unsaid(root, edition, told)
    for flow, name in wanted.items():
        columns = [one.attrib["id"] for one in structures[f"DSD_{flow}"].iter() if _kind(one) in _COLUMNS]
        yield from _of_table(files[name], name, columns, lists, told[name])


def _names(listed: ElementTree.Element) -> dict[str, dict[str, str]]:
    return {
        code.attrib["id"]: {one.attrib[_LANGUAGE]: one.text or "" for one in code.iterfind("com:Name", _NAMESPACES)}
        for code in listed.iterfind("str:Code", _NAMESPACES)
    }


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _of_table(file: Path, name: str, columns: list[str], lists: _Lists, told: Mapping[str, Any]) -> Iterator[str]:
    """Whether every column and code of a table's data is there, under the name that it has elsewhere."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        values = [dict.fromkeys(column) for column in zip(*reader, strict=True)]
    if sorted(columns) != sorted(set(header) - {*_BESIDE, "OBS_VALUE"}):
        yield f"other columns of the table {name} than its data have"
        return
    for column, there in zip(header, values, strict=True):
        if column in (*_BESIDE, *_NOT_CODED):
            continue
        if there.keys() - lists.get(f"CL_{column}", {}).keys():
            yield f"no name of a code of the table {name}, column {column}"
    for variable in set(told["sv"]["id"]) - {"year", "month"}:
        column = "REF_AREA" if variable == "region" else variable.upper()
        there = values[header.index(column)] if column in header else {}
        for code in there:
            ours = sdmx_category(variable, {column: code})
            for language, texts in told.items():
                label = texts["dimension"][variable]["category"]["label"][ours]
                # Where two categories have one name, that of JSON-stat has the code behind it.
                said = lists[f"CL_{column}"].get(code, {}).get(language, label)
                if label not in (said, f"{said} ({ours})"):
                    yield f"another name of a code of the table {name}, column {column}"


def _unsaid(root: ElementTree.Element, edition: Edition, told: Mapping[str, Any]) -> Iterator[str]:
    """Texts that no JSON-stat file has, and that are no words of kvarn's."""
    languages = metadata.languages
    known = {text for one in told.values() for text in _texts(one)}
    # Where two categories have one name, that of JSON-stat has the code behind it.
    known |= {label.removesuffix(f" ({code})") for one in told.values() for code, label in _labels(one)}
    known |= {said for both in words_of(__package__, "words.yml").values() for said in both.values()}
    known |= {word(key, language) for key in _WORDS for language in languages}
    known |= {f(edition, language) for f in (stage_name, correction_notice) for language in languages}
    known |= {meaning_of(symbol, edition, language) for symbol in SYMBOLS for language in languages}
    known |= {metadata.text("synthetic.notice", language) for language in languages}
    known.add(edition.publication.licence or "")
    # What texts are put together of. Longest first: a short note can be the beginning of a longer one.
    said = {note for one in told.values() for texts in one.values() for note in (*texts["note"], texts["source"])}
    said |= {metadata.text("synthetic.notice", language) for language in languages}
    parts = sorted(said, key=len, reverse=True)
    for element in root.iter():
        text = (element.text or "").strip()
        if not text or text in known or _kind(element) in _PLAIN:
            continue
        for part in parts:
            text = text.replace(part, "")
        if text.strip():
            yield f"a text that no other file has: {text.strip()[:60]}"


def _labels(texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each code of a table in JSON-stat with its name, in each language."""
    for one in texts.values():
        for dimension in one["dimension"].values():
            yield from dimension["category"].get("label", {}).items()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for held in (held for key, held in value.items() if key not in _CODES) if isinstance(value, Mapping) else value:
            yield from _texts(held)
