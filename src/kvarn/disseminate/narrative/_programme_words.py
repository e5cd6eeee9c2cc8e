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
from kvarn.base.yaml_files import nodes_of
from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._faults import Fault, faults_in
from kvarn.disseminate.narrative._links import LINK_REMEDY, refused_links
from kvarn.disseminate.narrative._numbers import Found, before_event, before_noun, counted_in, numbers_in, plain_text
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._reading import passage
from kvarn.metadata import languages
from kvarn.programme import current_programme

__all__ = ["faults_in_programme"]

_DECLARED = ("programme", "tables", "measures", "variables", "findings", "texts")
# The names of regions are what these hold.
_OF_REGIONS = ("region", "county", "municipality")
_NO_PLACE = "Say it of all of them: what is published of one place stands in the tables. Figures stand in them alone."
# Letters, the digit of a group, and a serial number of two digits without its zero.
_SERIAL = re.compile(r"(?:[A-Z]{2}[0-9]|[A-Z]{3})0?([1-9][0-9]?)")
_REST_OF_WORD = re.compile(r"\w*\s")
_NO_NAME = "Rename it: words without a place, and without a number beside what is counted."
_NO_COUNT = "Take the number out of the name, or import the list as it was published."


def faults_in_programme(allowed: Allowed) -> Iterator[Fault]:
    """What may not be published of the words of the programme in force, and of its code lists as they have been imported."""
    programme = current_programme()
    for name in _DECLARED:
        file = programme.folder / f"{name}.yml"
        if file.is_file():
            with contextlib.suppress(yaml.YAMLError, UnicodeDecodeError):
                # What cannot be read is told, with its line, where the declarations are.
                declared = nodes_of(file.read_text(encoding="utf-8"))
                yield from _in_names(declared, file)
                yield from _in_value(declared, file, None, name, allowed)
    for file in sorted((programme.folder / "codelists").glob("*.csv")):
        words = passage(file.stem.replace("-", " ").replace("_", " "))
        for fault in faults_in(words, file, None, allowed):
            yield Fault(fault.what, "Name it by words without a number.", file)
        if what := _said_in_name(file.stem):
            yield Fault(f"The name of the list {file.stem!r} {what}.", _NO_NAME, file)
    # Those of no variable too: the symbols stand below every table.
    lists = {metadata.variable(name).codelist for name in metadata.variables()} - {None}
    own = {file.stem for file in (programme.folder / "codelists").glob("*.csv") if _has_labels(file)}
    for listed in sorted({*map(str, lists), *own}):
        yield from _in_list(listed, programme.folder / "codelists" / f"{listed}.csv", allowed)


def _has_labels(file: Path) -> bool:
    """Whether a list says what its codes are called; what cannot be read is told where it is read."""
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return set(languages) <= set(lines.readline().strip().split(","))


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
    elif isinstance(node, yaml.ScalarNode) and (link := next(refused_links(node.value), None)):
        yield Fault(
            f"A link leads where no publication does: {link[1][:60]!r}.", LINK_REMEDY, file, node.start_mark.line + 1, key
        )
    elif isinstance(node, yaml.ScalarNode) and (what := _said_in_name(node.value, in_text=True)):
        # Sources and other words of no language, and names.
        yield Fault(f"{node.value[:60]!r} {what}.", _NO_NAME, file, node.start_mark.line + 1, key)


def _in_names(node: yaml.Node | None, file: Path) -> Iterator[Fault]:
    """The names that the programme gives its tables, measures and variables: files, columns and addresses have them."""
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        name = str(key.value)
        if what := _said_in_name(name):
            yield Fault(f"The name {name!r} {what}.", _NO_NAME, file, key.start_mark.line + 1, name)


def _said_in_name(name: str, *, in_text: bool = False) -> str | None:
    """What a name, a code, or a text of no language says that it must not: a place, or a number of what is counted. In a name the
    number can stand on either side of it, in a text before it."""
    words = plain_text(re.sub(r"[\W_]+", " ", name))
    if places_in(words, country=False):
        return "names a place"
    ends = [] if in_text else [end for _, end in counted_in(words)]
    for found in numbers_in(words, "both"):
        if before_noun(words, found.end) or any(_REST_OF_WORD.fullmatch(words[end : found.start]) for end in ends):
            return "says a number of what is counted"
    return None


def _in_list(name: str, file: Path, allowed: Allowed) -> Iterator[Fault]:
    """The labels of a code list. Regions have no number and count nobody; the programme's own labels have the numbers of their
    codes and those that are allowed, and so have imported ones. Of a list that is published with numbers none counts. None but
    those of regions names a place."""
    own = {} if name in _OF_REGIONS else {row["code"]: row for row in metadata.own_codelist(name).rows}
    for row in metadata.codelist(name).rows:
        # A code that an official list gives is no word.
        own_code = name not in _OF_REGIONS and not metadata.has_official_form(name, row["code"])
        if own_code and (what := _said_in_name(row["code"])):
            yield Fault(f"The code {row['code']!r} of the list {name!r} {what}.", _NO_NAME, file, None, row["code"])
        for language in languages:
            label = plain_text(row.get(language, ""))
            covered = allowed.covered(label, language)
            numbers = [
                found
                for found in numbers_in(label, language)
                if not (_told_by_code(found, label, row["code"], name) or covered.issuperset(range(found.start, found.end)))
            ]
            if name in _OF_REGIONS:
                wrong = bool(numbers) or any(True for _ in counted_in(label))
            elif places_in(label, country=False):
                # What stands at the row of a code would be said of the place.
                yield Fault(
                    f"The name of code {row['code']} of the list {name!r} names a place: {label[:60]!r}.",
                    _NO_PLACE,
                    file,
                    None,
                    f"{row['code']}.{language}",
                )
                continue
            elif name not in metadata.WITH_NUMBERS or (
                row["code"] in own and own[row["code"]].get(language) == row.get(language)
            ):
                wrong = bool(numbers)
            else:
                wrong = any(before_noun(label, found.end, language) for found in numbers)
            if wrong:
                what = f"The name of code {row['code']} of the list {name!r} counts: {label[:60]!r}."
                yield Fault(what, _NO_COUNT, file, None, f"{row['code']}.{language}")


def _told_by_code(found: Found, label: str, code: str, name: str) -> bool:
    """Whether a number is the code's own: 65–69, before nothing that is counted; or, of a list that is published with numbers,
    the serial number that the code ends with, before the events that it numbers."""
    numbers = set(re.findall(r"[0-9]+", found.written))
    if not numbers:
        return False
    serial = _SERIAL.fullmatch(code) if name in metadata.WITH_NUMBERS else None
    if serial is not None and numbers == {serial[1]} and before_event(label, found.end):
        return True
    return not before_noun(label, found.end) and numbers <= set(re.findall(r"[0-9]+", code))
