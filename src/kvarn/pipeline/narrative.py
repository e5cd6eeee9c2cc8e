"""What is typed in documents, notebooks and the edition's own words, checked before any work begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from kvarn import metadata
from kvarn.disseminate.narrative import before_noun, check_narrative, check_words
from kvarn.edition import Order
from kvarn.pipeline.production import Production

__all__ = ["require_narrative", "require_words_of_order"]

_MONTHS = (
    "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|"
    "January|February|March|May|June|July|August|October|November|December"
)
_SEPARATORS = re.compile(r"[-_./@%+:?&=#,;]+")
_DATE = re.compile(rf"\b(?:[12]?\d|3[01]) (?:{_MONTHS})\b(?: (?:19|20)\d\d\b)?|\b(?:19|20)\d\d(?:-\d\d-\d\d)?\b")


def require_narrative(production: Production) -> None:
    """Refuse numbers that are typed in, what would be published unread, and what stands in one language only.

    Raises
    ------
    InputError
        Naming every passage with its file and line, or notebook and cell, and what to write instead.
    """
    edition = production.edition
    notebooks = production.notebooks("present")
    shown = {path.stem for path in notebooks}
    check_narrative(
        production.reports,
        notebooks,
        languages=edition.languages,
        edition_words={key: _without_dates(words) for key, words in _edition_words(production)},
        parameters={name: given for name, given in edition.notebooks.items() if name in shown},
        params=production.params,
    )


def require_words_of_order(order: Order, params: Path, lines: Mapping[str, int | None], reports: Path) -> None:
    """Refuse numbers that are typed into an order's title or notes, as they are in the words of an edition.

    Raises
    ------
    InputError
        Naming every passage with its file, line and key, and what to write instead.
    """
    said = {}
    for key, words in (("title", order.title), ("notes", order.notes)):
        for language, text in words.model_dump().items() if words else ():
            # The years of the table are put in by kvarn.
            said[f"{key}.{language}"] = _without_dates(text.replace("{years}", "…"))
    check_words(said, params, lines, reports)


def _edition_words(production: Production) -> Iterator[tuple[str, str]]:
    """What readers, and programs, see of the edition's own words, by key."""
    edition, publication = production.edition, production.edition.publication
    spoken = {"title": publication.title, "series": publication.series, "publisher": publication.publisher}
    if publication.previous is not None:
        spoken["previous.title"] = publication.previous.title
    # The record has the words in both languages, whichever the documents are in.
    for language in ("sv", "en"):
        for key, words in spoken.items():
            yield f"publication.{key}.{language}", words.label(language)
        yield f"publication.contact.name.{language}", publication.contact.name
        telephone = publication.contact.telephone or ""
        # Digits alone are a telephone's; beside words they could be anything.
        if any(sign.isalpha() for sign in telephone):
            yield f"publication.contact.telephone.{language}", telephone
        for one in edition.accepted:
            where = f"accepted, {one.what} at {one.where}"
            yield f"{where}, shown.{language}", one.words(language) or ""
            if one.shown is not None:
                yield f"{where}, why.{language}", one.why
                yield f"{where}, by.{language}", one.by
        for key, address in _addresses(production).items():
            if _names_a_place(address):
                yield f"{key}.{language}", _SEPARATORS.sub(" ", address)


def _addresses(production: Production) -> dict[str, str]:
    """What may have digits of its own, and be about no place: addresses, codes, the edition's name."""
    publication = production.edition.publication
    found = {
        "publication.licence": publication.licence,
        "publication.product_code": publication.product_code,
        "publication.contact.email": publication.contact.email,
        "publication.previous.address": publication.previous.address if publication.previous else None,
        "the edition's name": production.workspace.name,
    }
    return {key: unquote(words) for key, words in found.items() if words}


def _names_a_place(words: str) -> bool:
    said = _SEPARATORS.sub(" ", words).casefold()
    names = {
        row[language].casefold().removesuffix(" county").removesuffix(" län")
        for row in metadata.codelist("region").rows
        for language in ("sv", "en")
    }
    return any(re.search(rf"\b{re.escape(name)}\b", said) for name in names if len(name) > 2)


def _without_dates(words: str) -> str:
    """Years and days of a month are the edition's to tell; a year before what is counted is a count."""
    return _DATE.sub(lambda found: found[0] if before_noun(words, found.end()) else "…", words)
