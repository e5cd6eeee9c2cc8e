"""All of it, before any work begins: documents, declared texts, present notebooks, and both languages side by side."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from kvarn import metadata
from kvarn.base.files import text_in
from kvarn.base.yaml_files import YamlFault, read_document, read_input
from kvarn.disseminate.narrative._allowed import ALLOWED_DIGITS, Allowed, read_allowed
from kvarn.disseminate.narrative._carrying import Carried, carried_in_chapters
from kvarn.disseminate.narrative._code_of_places import Where
from kvarn.disseminate.narrative._documents import (
    faults_in_declared_texts,
    faults_in_document,
    faults_in_files_beside,
    faults_in_settings,
)
from kvarn.disseminate.narrative._faults import Fault, error_of, faults_in, in_parameters
from kvarn.disseminate.narrative._notebooks import faults_in_notebook, faults_in_parameters
from kvarn.disseminate.narrative._parity import faults_between
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._programme_words import faults_in_programme
from kvarn.disseminate.narrative._project_file import faults_in_project_file
from kvarn.disseminate.narrative._reading import Passage, body_of, passage
from kvarn.disseminate.narrative._sentences import (
    faults_of_sentences_in_document,
    faults_of_sentences_in_notebook,
    faults_of_sentences_in_texts,
    faults_of_sentences_in_values,
    places_said,
)
from kvarn.disseminate.narrative._templates import faults_in_templates
from kvarn.disseminate.text_figures import read_declaration
from kvarn.errors import NotebookError

__all__ = ["check_narrative", "check_words", "faults_of"]

_BOTH = ("sv", "en")
_YEAR = re.compile(r"(?:19|20)\d\d")
FIGURES = "figures.yml"
_IN_WORDS = "Say it without a number. "


@metadata.lists_held()
def check_narrative(
    reports: Path,
    notebooks: tuple[Path, ...],
    *,
    languages: tuple[str, ...] = _BOTH,
    edition_words: Mapping[str, str] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    params: Path | None = None,
    lines: Mapping[str, int | None] | None = None,
    named: tuple[Path, ...] = (),
) -> None:
    """Refuse a number that is typed in, what would be published unread, and what stands in one language only.

    Parameters
    ----------
    reports
        The documents, ``figures.yml`` and ``allowed-digits.yml``.
    notebooks
        The present notebooks.
    languages
        Those of the edition: what is written in two is compared.
    edition_words
        What readers see of the edition's own words, by key.
    parameters
        What the edition gives its notebooks, by notebook and name.
    params, lines
        The edition's file and the line of each of its keys, for what is wrong in the last two.
    named
        Further notebooks of which the publication tells the names: those that compute.

    Raises
    ------
    InputError, EditionError
        Naming every passage with its file and line, or notebook and cell, and what to write instead; the latter where all of them
        are in the edition's file.
    """
    faults = list(faults_of(reports, notebooks, languages, edition_words or {}, parameters or {}, params or reports, named))
    told = [fault if fault.file != params else replace(fault, line=line_of(fault.field, lines or {})) for fault in faults]
    if told:
        raise error_of(told, params)


def line_of(key: str | None, lines: Mapping[str, int | None]) -> int | None:
    """The line of a dotted key, or of the nearest section above it that stands in the file; None where it was given beside it."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None


def faults_of(
    reports: Path,
    notebooks: tuple[Path, ...],
    languages: tuple[str, ...],
    edition_words: Mapping[str, str],
    parameters: Mapping[str, Mapping[str, Any]],
    params: Path,
    named: tuple[Path, ...] = (),
) -> Iterator[Fault]:
    """Every fault, in the order of the files."""
    allowed = read_allowed(reports / ALLOWED_DIGITS)
    for folder, files in itertools.groupby(sorted(reports.glob("*/*/*.qmd")), key=lambda file: file.parent):
        carried = carried_in_chapters(folder) if folder.name in _BOTH else {}
        for file in files:
            if folder.name in _BOTH:
                yield from faults_in_document(file, folder.name, allowed, carried)
                continue
            what = f"The folder {file.parent.name!r} is no language, so nobody can tell in which the document is."
            yield Fault(what, f"Move it to a folder that is: {' or '.join(_BOTH)}.", file, None)
    for folder in sorted(path for path in reports.iterdir() if path.is_dir() and path.name != "theme"):
        yield from faults_in_files_beside(folder)
    yield from faults_in_declared_texts(reports / FIGURES, allowed)
    yield from _in_sentences(reports, notebooks)
    project = reports.parent / "_quarto.yml"
    if project.is_file():
        yield from faults_in_project_file(project)
    words = reports / "theme" / "words.yml"
    if words.is_file():
        yield from faults_in_settings(words, allowed)
    yield from faults_in_templates(reports / "theme")
    for notebook in notebooks:
        yield from faults_in_notebook(notebook, allowed)
    yield from _in_names(reports, (*notebooks, *named), allowed)
    yield from faults_in_programme(allowed)
    of_a_place = Where(somewhere=any(places_in(said, country=False) for said in edition_words.values()))
    for key, said in edition_words.items():
        of_place = of_a_place.means_a_place(said) or _is_of_a_region(key)
        for fault in faults_in(passage(said), params, key.rpartition(".")[2], allowed, field=key, of_place=of_place):
            yield in_parameters(fault, key, params, None, _IN_WORDS)
    for name, given in parameters.items():
        where = Where(here=any(isinstance(value, str) and places_in(value, country=False) for value in given.values()))
        for parameter, value in given.items():
            for fault in faults_in(passage(parameter.replace("_", " ")), params, None, allowed):
                yield Fault(fault.what, "Name it by words without a number.", params, None, f"notebooks.{name}.{parameter}")
            yield from faults_in_parameters(f"{name}.{parameter}", value, params, allowed, where)
    if set(_BOTH) <= set(languages):
        yield from _between_languages(reports)
    yield from _unmet(allowed)


def _in_sentences(reports: Path, notebooks: tuple[Path, ...]) -> Iterator[Fault]:
    """The figures that documents, notebooks and declared texts say of a place."""
    if not (reports / FIGURES).is_file():
        return
    declaration = read_declaration(reports / FIGURES)
    yield from faults_of_sentences_in_texts(declaration)
    carried: dict[tuple[Path, int], Carried] = {}
    for folder in sorted(path for path in reports.glob("*/*") if path.name in _BOTH):
        carried.update(carried_in_chapters(folder, places_said(folder.name, declaration)))
    for file in sorted(path for path in reports.glob("*/*/*.qmd") if path.parent.name in _BOTH):
        language, text = file.parent.name, text_in(file)
        body, first = body_of(text)
        if first > 1:
            with contextlib.suppress(yaml.YAMLError, YamlFault):
                # What cannot be read is told with its line when the document is read to be rendered.
                head = read_document(text[4:].partition("\n---\n")[0]).root
                yield from faults_of_sentences_in_values(head, 1, file, language, declaration)
        about = partial(_about, carried, file)
        yield from faults_of_sentences_in_document(body, first, file, language, declaration, about)
    words = reports / "theme" / "words.yml"
    if words.is_file():
        root = read_input(words, noun="what the documents say").root
        yield from faults_of_sentences_in_values(root, 0, words, None, declaration)
    for notebook in notebooks:
        with contextlib.suppress(NotebookError):
            # What is no notebook has been told already.
            yield from faults_of_sentences_in_notebook(notebook, declaration)


def _is_of_a_region(key: str) -> bool:
    """Whether words about what is accepted are about a region, by its code: ``accepted, persons-jump at 2023, 0114, shown.sv``.

    A year stands first, and is no code: 2023 is Malung-Sälen's too.
    """
    accepted, _, where = key.rpartition(", ")[0].partition(" at ")
    first, *others = where.split(", ")
    parts = others if _YEAR.fullmatch(first) else [first, *others]
    return accepted.startswith("accepted, ") and any(
        part != "00" and part in metadata.codelist("region").by_code for part in parts
    )


def _about(carried: Mapping[tuple[Path, int], Carried], file: Path, block: Passage) -> Carried:
    return carried.get((file, block.first), Carried())


def check_words(
    said: Mapping[str, str],
    params: Path,
    lines: Mapping[str, int | None],
    reports: Path,
    *,
    instead: str = _IN_WORDS,
    of_place: bool = False,
) -> None:
    """Refuse numbers, and what cannot be seen, in words that a file of parameters gives readers, and in those of the programme.

    The words are shown together: where one of them names a place, all are about it.

    Parameters
    ----------
    said
        The words by their key, whose last part is the language.
    params, lines
        The file, and the line of each key.
    reports
        The folder with ``allowed-digits.yml``.
    instead
        What to write in place of a number.
    of_place
        Whether they stand beside figures of a place in any case.

    Raises
    ------
    InputError, EditionError
        Naming every passage with its file, line and key, and what to write instead; the latter where all of them are in `params`.
    """
    allowed = read_allowed(reports / ALLOWED_DIGITS)
    faults = list(faults_in_programme(allowed))
    of_place = of_place or any(places_in(words, country=False) for words in said.values())
    for key, words in said.items():
        found = faults_in(passage(words), params, key.rpartition(".")[2], allowed, field=key, of_place=of_place)
        faults += [in_parameters(fault, key, params, line_of(key, lines), instead) for fault in found]
    if faults:
        raise error_of(faults, params)


def _in_names(reports: Path, notebooks: tuple[Path, ...], allowed: Allowed) -> Iterator[Fault]:
    """The names of documents and notebooks, which are published as the names of files."""
    for path in (
        *sorted(path.parent.parent for path in reports.glob("*/*/*.qmd") if path.parent.parent.name == path.stem),
        *notebooks,
    ):
        read = passage(path.stem.replace("-", " ").replace("_", " "))
        for fault in faults_in(read, path, None, allowed):
            yield Fault(fault.what, "Name it by words without a number.", path)


def _between_languages(reports: Path) -> Iterator[Fault]:
    for document in sorted(path for path in reports.iterdir() if path.is_dir()):
        one, other = ({file.name for file in (document / language).glob("*.qmd")} for language in _BOTH)
        if not one or not other:
            continue
        for name in sorted(one ^ other):
            has, lacks = _BOTH if name in one else _BOTH[::-1]
            yield Fault(
                f"The languages differ: the chapter stands in {has!r} and not in {lacks!r}.",
                f"Write {document / lacks / name}, or take this one out.",
                document / has / name,
                1,
            )
        for name in sorted(one & other):
            yield from faults_between(document / _BOTH[0] / name, document / _BOTH[1] / name)


def _unmet(allowed: Allowed) -> Iterator[Fault]:
    for words, line in allowed.unmet():
        yield Fault(
            "Nothing that is written needs this entry.",
            "Take it out: it would allow a number nobody has read.",
            allowed.file,
            line,
            words,
        )
