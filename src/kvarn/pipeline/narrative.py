"""What is typed in documents, notebooks and the edition's own words, checked before any work begins."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from kvarn import metadata
from kvarn.base.at_once import at_once
from kvarn.base.files import text_in
from kvarn.base.notebook_files import called, shows_what_it_has_run
from kvarn.base.yaml_files import YamlFault, lines_of, read_document, text_of
from kvarn.disseminate.house_style import unlisted_in_style
from kvarn.disseminate.narrative import before_noun, check_names, check_narrative, check_words, counted_in, places_in
from kvarn.disseminate.page_elements import faults_of_style, says_a_number
from kvarn.disseminate.places import names_of_each
from kvarn.disseminate.text_figures import names_of_edition
from kvarn.edition import Order
from kvarn.errors import EditionError, InputError, NotebookError
from kvarn.identity_numbers import has_identity_number, without_identity_numbers
from kvarn.pipeline.production import Production
from kvarn.pipeline.reviewed_theme import require_reviewed_theme

__all__ = ["require_narrative", "require_words_of_order"]

_MONTHS = (
    "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|"
    "January|February|March|May|June|July|August|October|November|December"
)
_SEPARATORS = re.compile(r"[-_./@%+:?&=#,;]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
# A day of a month is one only with its year: "3 May have received care" is none.
_DATE = re.compile(
    rf"\b(?:[12]?\d|3[01]) (?:{_MONTHS}) {_YEAR.pattern}\b|\b{_YEAR.pattern}-\d\d-\d\d\b|(?<![\w-]){_YEAR.pattern}\b(?!-\d)"
)
_DAY_OF_NAME = re.compile(rf", {_YEAR.pattern}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$")
_PLAIN_STYLE = (
    "Take it out: a style says how a page looks, by listed properties, words and classes (docs/writing.md), and what "
    "is read stands in documents and notebooks."
)
# Where the material lies stands in the public record, by the names of folders and files.
_PATHS = ("deliveries", "intake", "deaths", "procedures", "persons")
# Names so short are parts of many words.
_SHORT = 3


def require_narrative(production: Production) -> None:
    """Refuse names of what is not there, numbers that are typed in, what would be published unread, and what stands in one
    language only.

    Raises
    ------
    InputError, EditionError
        Naming every passage with its file and line, or notebook and cell, and what to write instead; the latter where all of them
        are in the edition's file.
    NotebookError
        What a notebook of a real edition has shown is saved in it: it may be microdata, and lies where everybody may read.
    """
    _require_styles(production.reports / "theme")
    _require_templates(production.reports / "theme")
    require_reviewed_theme(production.reports / "theme", synthetic=production.edition.synthetic)
    metadata.require_lists_alone(production.root)
    edition = production.edition
    _require_nobody_named(production)
    profiles = tuple(path for path in production.profiles if path.is_file())
    notebooks = (*production.notebooks("present"), *profiles)
    if not edition.synthetic:
        at_once(*(functools.partial(_require_bare, notebook) for notebook in (*production.notebooks("compute"), *notebooks)))
    check_names(production.reports, notebooks, names_of_edition(edition), of_each={path: names_of_each() for path in profiles})
    check_narrative(
        production.reports,
        notebooks,
        languages=edition.languages,
        edition_words={key: _without_dates(words) for key, words in _edition_words(production)},
        # The record tells the names of all notebooks, and what each is given.
        parameters=edition.notebooks,
        params=production.params,
        lines=_lines_of_parameters(production),
        named=production.notebooks("compute"),
    )


def _require_nobody_named(production: Production) -> None:
    """No path that the public record names has somebody's identity number."""
    for key, words in _addresses(production).items():
        if has_identity_number(words):
            raise EditionError(
                f"{without_identity_numbers(words)!r} has what looks like an identity number, and stands in the public record.",
                file=production.params,
                line=_lines_of_parameters(production).get(key.partition(" ")[0]),
                key=key.partition(" ")[0] if key.startswith(("data.", "publication.")) else None,
                remedy="Rename the folder or file: no identity number stands in a name.",
            )


def _require_bare(notebook: Path) -> None:
    if shows_what_it_has_run(notebook):
        raise NotebookError(
            "What the notebook has shown is saved in it: it may be data of persons, and lies outside restricted/.",
            notebook=called(notebook),
            remedy="Clear the outputs of all cells and save it; make lab saves without them. Or run: jupyter nbconvert "
            f"--clear-output --inplace {called(notebook)}. If git has it already, tell whoever answers for secrecy.",
        )


def _lines_of_parameters(production: Production) -> Mapping[str, int | None]:
    """The line of each key of the edition's file; None for those that are given by ``--set``."""
    try:
        root = read_document(text_of(production.params)).root
    except YamlFault:
        return {}
    given = [override.partition("=")[0].strip() for override in production.overrides]
    return (dict(lines_of(root)) if root is not None else {}) | dict.fromkeys(given)


def _require_styles(theme: Path) -> None:
    """The styles of the house, read before any work as they are read in the finished page."""
    for file in sorted(theme.rglob("*.css")):
        style = text_in(file)
        for line, what in unlisted_in_style(style):
            raise InputError(f"No published page may have {what}.", file=file, line=line, remedy=_PLAIN_STYLE)
        for fault in faults_of_style(style):
            # Most faults stand on one line; of one that does not the file is told.
            lines = (number for number, line in enumerate(style.split("\n"), 1) if fault in faults_of_style(line))
            raise InputError(
                f"No published page may have {fault}.",
                file=file,
                line=next(lines, None),
                remedy=_PLAIN_STYLE,
            )


def _require_templates(theme: Path) -> None:
    """The templates of the pages: the number of a section is the renderer's to give."""
    for file in sorted(theme.rglob("*.html")):
        for number, line in enumerate(text_in(file).split("\n"), 1):
            if "data-number" in line.casefold() or "header-section-number" in line.casefold():
                raise InputError(
                    "The template writes the number of a section, which nothing has counted.",
                    file=file,
                    line=number,
                    remedy="Take it out: the renderer numbers the sections.",
                )


def require_words_of_order(order: Order, params: Path, lines: Mapping[str, int | None], reports: Path) -> None:
    """Refuse numbers that are typed into an order's name, title or notes, as they are in the words of an edition.

    Raises
    ------
    InputError, EditionError
        Naming every passage with its file, line and key, and what to write instead; the latter where all are in the order.
    """
    # What is published has the name with an ending, beside which a letter alone is read as a numeral: d4.csv.
    if any(says_a_number(f"{params.stem}{ending}") for ending in ("", ".csv")):
        raise EditionError(
            f"The order is named {params.stem!r}, which says a number, and so do the files that it publishes.",
            file=params,
            remedy="Rename the file: words that say no number, such as by-age.yml; one letter alone can be read as a numeral.",
        )
    said = {}
    for key, words in (("title", order.title), ("notes", order.notes)):
        for language, text in words.model_dump().items() if words else ():
            # The years of the table are put in by kvarn.
            said[f"{key}.{language}"] = _without_dates(text.replace("{years}", "…"))
    regions, listed = {*order.categories.get("region", ())}, metadata.codelist("region")
    whole = [{*level} for level in (listed.children(listed.total or ""), listed.leaves) if {*level} <= regions]
    some = regions.difference({listed.total}, *whole)
    check_words(
        said,
        params,
        lines,
        reports,
        instead="Write {years} where the table's years are meant; else say it without a number. ",
        # Of some regions, or named by one, the whole order is about them; of every county it is about the country.
        of_place=bool(some or places_in(re.sub(r"[\W_]+", " ", params.stem).title(), country=False)),
    )


def _edition_words(production: Production) -> Iterator[tuple[str, str]]:
    """What readers, and programs, see of the edition's own words, by key."""
    edition, publication = production.edition, production.edition.publication
    spoken = {"title": publication.title, "series": publication.series, "publisher": publication.publisher}
    if publication.previous is not None:
        spoken["previous.title"] = publication.previous.title
    spoken |= {f"stated.{name}": words for name, words in publication.stated if words is not None}
    spoken |= {f"corrections.{number}.what": one.what for number, one in enumerate(publication.corrections, 1)}
    if publication.signed is not None:
        spoken["signed.title"] = publication.signed.title
    # The record has the words in both languages, whichever the documents are in.
    for language in ("sv", "en"):
        for key, words in spoken.items():
            yield f"publication.{key}.{language}", words.label(language)
        yield f"publication.contact.name.{language}", publication.contact.name
        yield f"publication.signed.name.{language}", publication.signed.name if publication.signed else ""
        if edition.correction is not None:
            yield f"correction.what.{language}", edition.correction.what.label(language)
        telephone = publication.contact.telephone or ""
        # Digits alone are a telephone's; beside words they could be anything.
        if any(sign.isalpha() for sign in telephone):
            yield f"publication.contact.telephone.{language}", telephone
        for one in edition.accepted:
            where = f"accepted, {one.what} at {one.where}"
            yield f"{where}, shown.{language}", one.words(language) or ""
            if one.shown is not None:
                yield f"{where}, why.{language}", one.why
                # The day belongs to the name, which can be a place's too (B. Berg).
                yield f"{where}, by.{language}", _DAY_OF_NAME.sub("", one.by)
        for key, address in _addresses(production).items():
            if (read := _as_read(address)) is not None:
                yield f"{key}.{language}", read


def _addresses(production: Production) -> dict[str, str]:
    """What may have digits of its own, and be about no place: addresses, codes, the edition's name."""
    publication = production.edition.publication
    found = {
        "publication.licence": publication.licence,
        "publication.address": publication.address,
        "publication.product_code": publication.product_code,
        "publication.contact.email": publication.contact.email,
        "publication.previous.address": publication.previous.address if publication.previous else None,
        "the edition's name": production.workspace.name,
        # The record tells what the publication was made from, by the names of the files.
        **{f"data.population ({path.name})": path.name for path in production.population},
        **{f"data.population.{number}": str(path) for number, path in enumerate(production.edition.data.population, 1)},
        **{f"data.{key}": str(getattr(production.edition.data, key) or "") for key in _PATHS},
        **{f"disclosure.earlier.{number}": str(name) for number, name in enumerate(production.edition.disclosure.earlier, 1)},
        "the parameters": production.params.name,
        # Notebooks may read the records of imported lists.
        **{f"{path.name}, why it is short": why for path, why in metadata.short_lists(production.root).items()},
        **{
            f"{path.name}, made from {file}": file
            for path, files in metadata.sources_of_lists(production.root).items()
            for file in files
        },
    }
    return {key: unquote(words) for key, words in found.items() if words}


def _as_read(address: str) -> str | None:
    """An address or code as words, parted where figures and names begin; None where it names no place and nothing counted."""
    said = re.sub(r"(\d+)", r" \1 ", _SEPARATORS.sub(" ", address))
    named = _places(metadata.codelist("region")).sub(lambda found: f" {found[0]} ", said)
    counted = next(counted_in(named), None) is not None
    if named == said and not counted and not any(_beside_a_code(address)):
        return None
    return " ".join(named.split())


@functools.lru_cache(maxsize=8)
def _places(listed: metadata.CodeList) -> re.Pattern[str]:
    """Names of regions, also within words and without their accents, as addresses have them; those of three letters alone."""
    names = {
        row[language].casefold().removesuffix(" county").removesuffix(" län") for row in listed.rows for language in ("sv", "en")
    }
    bare = {"".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign)) for name in names}
    ordered = sorted(names | bare, key=len, reverse=True)
    parts = [
        re.escape(name).replace(r"\ ", r"[ ]*").replace(r"\-", r"[ -]*")
        if len(name) > _SHORT
        else rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])"
        for name in ordered
        if len(name) >= _SHORT
    ]
    return re.compile("|".join(parts), re.IGNORECASE)


def _beside_a_code(address: str) -> Iterator[str]:
    """The codes of regions that a further number follows: 0136-3 is Haninge's three; a year is no code."""
    codes = set(metadata.codelist("region").by_code)
    for found in re.finditer(r"(?<![\d.])(\d{2}|\d{4})(?=[^\d.]+\d)", address):
        if found[1] in codes and _YEAR.fullmatch(found[1]) is None:
            yield found[1]


def _without_dates(words: str) -> str:
    """Years and dates are the edition's to tell; where a place is named, or before what is counted, they are read as counts."""
    places, named = places_in(words), bool(places_in(words, country=False))

    def shown(found: re.Match[str]) -> str:
        behind = any(not re.search(r"\w", words[end : found.start()]) for _, end in places if end <= found.start())
        ahead = any(not re.search(r"\w", words[found.end() : start]) for start, _ in places if start >= found.end())
        counted = before_noun(f" {words[found.end() :].lstrip(' ,.:;-–—()·')}", 0)
        return found[0] if named or behind or ahead or counted else "…"

    return _DATE.sub(shown, words)
