"""The words of the programme and of imported lists: they stand in tables, workbook and database beside the figures.

Titles, notes, definitions and labels are no place for a figure either. A number in them needs leave as in a document, none of
them names a municipality or county, and what a region is called counts nobody.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from kvarn import metadata
from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._faults import Fault, faults_in
from kvarn.disseminate.narrative._numbers import before_noun, counted_in, numbers_in, one_counted, plain_text
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._reading import passage
from kvarn.metadata import languages
from kvarn.programme import current_programme

__all__ = ["faults_in_programme"]

_DECLARED = ("tables", "measures", "variables", "findings", "texts")
# The names of regions are what these hold.
_OF_REGIONS = ("region", "county", "municipality")
_NO_PLACE = "Say it of all of them: what is published of one place stands in the tables. Figures stand in them alone."
# Letters, the digit of a group, and a serial number of two digits without its zero.
_SERIAL = re.compile(r"(?:[A-Z]{2}[0-9]|[A-Z]{3})0?([1-9][0-9]?)")
_NO_COUNT = "Take the number out of the name, or import the list as it was published."


def faults_in_programme(allowed: Allowed) -> Iterator[Fault]:
    """What may not be published of the words of the programme in force, and of its code lists as they have been imported."""
    programme = current_programme()
    for name in _DECLARED:
        file = programme.folder / f"{name}.yml"
        if file.is_file():
            with contextlib.suppress(yaml.YAMLError, UnicodeDecodeError):
                # What cannot be read is told, with its line, where the declarations are.
                yield from _in_value(yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader), file, None, name, allowed)
    for file in sorted((programme.folder / "codelists").glob("*.csv")):
        words = passage(file.stem.replace("-", " ").replace("_", " "))
        for fault in faults_in(words, file, None, allowed):
            yield Fault(fault.what, "Name it by words without a number.", file)
    lists = {metadata.variable(name).codelist for name in metadata.variables()} - {None}
    for listed in sorted(str(name) for name in lists):
        yield from _in_list(listed, programme.folder / "codelists" / f"{listed}.csv", allowed)


def _in_value(node: yaml.Node | None, file: Path, language: str | None, key: str, allowed: Allowed) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            said = str(name.value)
            yield from _in_value(value, file, said if said in languages else language, f"{key}.{said}", allowed)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _in_value(value, file, language, key, allowed)
    elif isinstance(node, yaml.ScalarNode) and language is not None:
        read = passage(node.value, node.start_mark.line + 1, braces=True)
        yield from faults_in(read, file, language, allowed, field=key)
        for start, end in places_in(read.text, country=False)[:1]:
            yield Fault(f"The words name {read.text[start:end]!r}, one place.", _NO_PLACE, file, read.line(start), key)


def _in_list(name: str, file: Path, allowed: Allowed) -> Iterator[Fault]:
    """The labels of a code list. Regions have no number and count nobody; the programme's own labels have the numbers of their
    codes and those that are allowed, and so have imported ones. Of a list that is published with numbers none counts, and none
    is beside a place."""
    own = {} if name in _OF_REGIONS else {row["code"]: row for row in metadata.own_codelist(name).rows}
    for row in metadata.codelist(name).rows:
        for language in languages:
            label = plain_text(row.get(language, ""))
            covered = allowed.covered(label, language)
            numbers = [
                found
                for found in numbers_in(label, language)
                if not (_told_by_code(found.written, row["code"]) or covered.issuperset(range(found.start, found.end)))
            ]
            if name in _OF_REGIONS:
                wrong = bool(numbers) or any(True for _ in counted_in(label))
            elif name not in metadata.WITH_NUMBERS or (
                row["code"] in own and own[row["code"]].get(language) == row.get(language)
            ):
                wrong = bool(numbers)
            else:
                wrong = any(before_noun(label, found.end, language) for found in numbers)
            if places_in(label, country=False) and name not in _OF_REGIONS:
                wrong = wrong or bool(numbers) or one_counted().search(label) is not None
            if wrong:
                what = f"The name of code {row['code']} of the list {name!r} counts: {label[:60]!r}."
                yield Fault(what, _NO_COUNT, file, None, f"{row['code']}.{language}")


def _told_by_code(written: str, code: str) -> bool:
    """Whether a number is the code's own: 65–69, or the serial number that a code of a classification ends with (ZX102: 2)."""
    numbers = set(re.findall(r"[0-9]+", written))
    own = set(re.findall(r"[0-9]+", code))
    if serial := _SERIAL.fullmatch(code):
        own.add(serial[1])
    return bool(numbers) and numbers <= own
