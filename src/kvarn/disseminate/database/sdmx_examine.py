"""The structure of the SDMX files held to what it must be, before it is published: read by other code than wrote it.

It must describe every column and every category and measure of the SDMX files and no others, with the names that the JSON-stat
files have; the codes of statuses have kvarn's own names; each table says that its data are synthetic and what was corrected;
and no text of it may say anything that the JSON-stat files do not say.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from kvarn import metadata
from kvarn.base.package_files import words_of
from kvarn.disseminate.database.read import sdmx_category
from kvarn.disseminate.database.sdmx import AGENCY, OBSERVATION_STATUS, sdmx_stage
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
# Lists that are not of categories: in each file the same.
_FIXED = ("FREQ", "OBS_STATUS", "CONF_STATUS", "STAGE")
# An attribute is a code, a name or an address, and no sentence.
_NO_SENTENCE = re.compile(r"\S*")
# What JSON-stat has codes in, which are no texts.
_CODES = ("id", "index", "child", "role", "status")
_PLAIN = {"ID", "Test", "Prepared", "AnnotationType", "URN"}
_NO_COMMENT = (b"<!--", b"<!DOCTYPE", b"<![CDATA[")

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
        written = path.read_bytes()
        root = ElementTree.fromstring(written)  # noqa: S314
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
    if any(sign in written for sign in _NO_COMMENT) or written.count(b"<?") > 1:
        yield "something beside its elements"
    yield from _unsaid(root, edition, told)
    yield from _of_lists(lists, edition, files)
    for flow, name in wanted.items():
        yield from _of_flow(flows[flow], edition, name)
        yield from _of_components(structures[f"DSD_{flow}"], name)
        columns = [one.attrib["id"] for one in structures[f"DSD_{flow}"].iter() if _kind(one) in _COLUMNS]
        yield from _of_table(files[name], name, columns, lists, told[name])


def _names(listed: ElementTree.Element) -> dict[str, dict[str, str]]:
    return {
        code.attrib["id"]: {one.attrib.get(_LANGUAGE, ""): one.text or "" for one in code.iterfind("com:Name", _NAMESPACES)}
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
        if f"CL_{column}" not in lists or there.keys() - lists[f"CL_{column}"].keys():
            yield f"no name of a code of the table {name}, column {column}"
            return
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


def _of_lists(lists: _Lists, edition: Edition, files: Mapping[str, Path]) -> Iterator[str]:
    """Whether the lists of statuses are kvarn's own, and the others have no code that no file has."""
    for concept, codes in _own_lists(edition).items():
        if lists.get(f"CL_{concept}") != codes:
            yield f"other codes of {concept}, or other names of them, than kvarn has"
    there: dict[str, set[str]] = {f"CL_{concept}": set(codes) for concept, codes in _own_lists(edition).items()}
    for file in files.values():
        with file.open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        for column, values in zip(header, zip(*rows, strict=True), strict=True):
            there.setdefault(f"CL_{column}", set()).update(values)
    for name, listed in lists.items():
        if listed.keys() - there.get(name, set()):
            yield f"a code in {name} that no table has"


def _own_lists(edition: Edition) -> dict[str, dict[str, dict[str, str]]]:
    """The codes of what is no category, each with its names."""
    words, languages = words_of(__package__, "words.yml"), metadata.languages
    found = {concept: dict[str, dict[str, str]]() for concept in _FIXED}
    for concept, codes in {"FREQ": "AM", "OBS_STATUS": "AP", "CONF_STATUS": "FN"}.items():
        key = concept.lower().replace("_", "-")
        found[concept] = {code: dict(words[f"sdmx.{key}.{code}"]) for code in codes}
    found["OBS_STATUS"] |= {
        status: {language: meaning_of(symbol, edition, language) for language in languages}
        for symbol, status in OBSERVATION_STATUS.items()
        if symbol
    }
    found["STAGE"][sdmx_stage(edition)] = {language: stage_name(edition, language) for language in languages}
    return found


def _of_flow(flow: ElementTree.Element, edition: Edition, name: str) -> Iterator[str]:
    """Whether a table says what must not be missing."""
    described = {one.attrib.get(_LANGUAGE, ""): one.text or "" for one in flow.iterfind("com:Description", _NAMESPACES)}
    corrected = {
        text.attrib.get(_LANGUAGE, ""): text.text
        for one in flow.iterfind(".//com:Annotation[@id='CORRECTION']", _NAMESPACES)
        for text in one.iterfind("com:AnnotationText", _NAMESPACES)
    }
    for language in metadata.languages:
        if edition.synthetic and metadata.text("synthetic.notice", language) not in described.get(language, ""):
            yield f"no notice of synthetic data at the table {name}"
        if (corrected.get(language) or "") != correction_notice(edition, language):
            yield f"another correction than the edition's at the table {name}"


def _of_components(structure: ElementTree.Element, name: str) -> Iterator[str]:
    """Whether each column leads to its own list."""
    for component in (one for one in structure.iter() if _kind(one) in _COLUMNS):
        for enumeration in component.iterfind(".//str:Enumeration", _NAMESPACES):
            if [one.attrib.get("id") for one in enumeration] != [f"CL_{component.attrib['id']}"]:
                yield f"another list than its own for a column of the table {name}"


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
    plain = {"ID": f"{AGENCY}_{edition.reference_year}", "Prepared": f"{edition.publication.published.isoformat()}T00:00:00"}
    for element in root.iter():
        beside = [value for name, value in element.attrib.items() if not _NO_SENTENCE.fullmatch(value)]
        if beside or (element.tail or "").strip():
            yield "a text where none belongs"
        text = (element.text or "").strip()
        if text != plain.get(_kind(element), text):
            yield "another name or day than the edition's"
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
