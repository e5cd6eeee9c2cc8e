"""What can be told of the publication as a whole: how its figures are protected, and which of them have been revised."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from kvarn import metadata
from kvarn.disseminate.numbers import format_list, format_number
from kvarn.disseminate.protected import NIL, SUPPRESSED, ProtectedTable, ProtectedTables
from kvarn.disseminate.revisions import NOT_AVAILABLE, Revisions
from kvarn.disseminate.symbols import SYMBOLS, symbols_in
from kvarn.disseminate.text_figures._edition_words import Said
from kvarn.edition import Edition, cell_key_description, limits_in_words

__all__ = ["PUBLISHED_NAMES", "disclosure_words", "revision_words", "symbol_words"]


# What these functions give, whatever has been published: documents are held to it before anything is.
PUBLISHED_NAMES = (
    *(f"disclosure.{name}" for name in ("method", "cell_key", "limits", "alone", "dominance", "cells", "suppressed", "share")),
    *(f"revisions.{name}" for name in ("compared", "edition", "revised", "share", "tables", "years")),
    *(f"symbols.{name}" for name in ("report", "appendix", "suppression")),
)
_OF_DELIVERIES = "deliveries-by-year"


def disclosure_words(edition: Edition, tables: ProtectedTables, language: str) -> dict[str, Said]:
    """The method of disclosure control and what it costs, by name: what anyone can count in what is published.

    ``disclosure.method``, ``disclosure.alone`` (``kept`` or ``not-kept``: whether a person alone in a suppressed figure is
    allowed for) and ``disclosure.dominance`` (``judged`` or ``not-judged``: whether figures of which few have the most are
    suppressed) choose variants of texts by word; the last two are ``untold`` where the method alone is public.
    ``disclosure.limits`` are the limits of suppression in sentences, empty where they are not
    public. ``disclosure.cells`` is the number of figures in all tables, suppressed ones
    among them, ``disclosure.suppressed`` how many are suppressed, ``disclosure.share`` their per cent. ``disclosure.cell_key`` is
    the public description of the method ``cell-key``, missing with another method.
    """
    rules = edition.disclosure
    suppressed = sum(tables[name].symbols.get(SUPPRESSED, 0) for name in tables.names())
    cells = suppressed + sum(tables[name].symbols.get("", 0) for name in tables.names())
    share = Decimal(100 * suppressed) / (cells or 1)
    by_chance, untold = rules.method == "cell-key", rules.public == "method"
    dominance = rules.dominance is not None or rules.p_per_cent is not None
    return {
        "disclosure.method": Said(rules.method),
        "disclosure.cell_key": Said(cell_key_description(rules, language) if by_chance else "", missing=not by_chance),
        "disclosure.limits": Said(limits_in_words(rules, language)),
        "disclosure.alone": Said("untold" if untold else "kept" if rules.singletons else "not-kept"),
        "disclosure.dominance": Said("untold" if untold else "judged" if dominance else "not-judged"),
        "disclosure.cells": _count(cells, language),
        "disclosure.suppressed": _count(suppressed, language),
        "disclosure.share": _number(share.quantize(Decimal("0.1"), ROUND_HALF_UP), language),
    }


def revision_words(revisions: Revisions, edition: Edition, language: str) -> dict[str, Said]:
    """How many figures an earlier edition shows otherwise, by name; missing where none has been published here.

    ``revisions.compared`` figures are in both, ``revisions.revised`` of them differ, in ``revisions.tables`` tables; they are of
    ``revisions.years``, and ``revisions.share`` is their per cent. ``revisions.edition`` is what they are compared with: an
    earlier edition of the same year, such as the preliminary one, or the edition of the year before.
    """
    compared, revised = revisions.all_compared, revisions.all_revised
    if not compared:
        return {
            f"revisions.{name}": Said("", missing=True) for name in ("compared", "edition", "revised", "share", "tables", "years")
        }
    years = sorted({year for (_, year), number in revisions.revised.items() if number})
    tables = {name for (name, _), number in revisions.revised.items() if number}
    share = (Decimal(100 * revised) / compared).quantize(Decimal("0.1"), ROUND_HALF_UP)
    year = edition.reference_year
    # The edition of the year before has nothing of this year.
    key, of = ("same-year", year) if year in revisions.years else ("year-before", year - 1)
    return {
        "revisions.edition": Said(metadata.text(f"revisions.edition.{key}", language, year=of)),
        "revisions.compared": _count(compared, language),
        "revisions.revised": _count(revised, language),
        "revisions.share": _number(share, language),
        "revisions.tables": _count(len(tables), language),
        "revisions.years": Said(format_list([str(year) for year in years], language)),
    }


def symbol_words(edition: Edition, tables: ProtectedTables, revisions: Revisions, language: str) -> dict[str, Said]:
    """What the symbols in the tables of each document mean, by name: ``symbols.report`` and ``symbols.appendix``.

    The tables on deliveries and revisions are the appendix's, all others the report's. ``symbols.suppression`` (``used`` or
    ``unused``) chooses variants of texts by word.
    """
    by_document: dict[str, list[ProtectedTable]] = {"report": [], "appendix": []}
    for name in tables.names():
        by_document["appendix" if name == _OF_DELIVERIES else "report"].append(tables[name])
    said = {name: dict(symbols_in(shown, edition, language)) for name, shown in by_document.items()}
    listed = metadata.codelist("symbol")
    if not revisions.compared:
        said["appendix"].setdefault(NOT_AVAILABLE, listed.label(NOT_AVAILABLE, language))
    elif not revisions.all_revised:
        said["appendix"].setdefault(NIL, listed.label(NIL, language))
    suppressed = "used" if SUPPRESSED in said["report"] else "unused"
    return {
        **{f"symbols.{name}": _explained(meanings, language) for name, meanings in said.items()},
        "symbols.suppression": Said(suppressed),
    }


def _explained(meanings: Mapping[str, str], language: str) -> Said:
    """``– means nil, X means suppressed …``, in the order of the symbols."""
    shown = [(metadata.text("symbol.zero", language) if symbol == "0" else symbol, meanings.get(symbol)) for symbol in SYMBOLS]
    parts = [f"{symbol} = {meaning[:1].lower()}{meaning[1:]}" for symbol, meaning in shown if meaning]
    return Said("; ".join(parts)) if parts else Said("", missing=True)


def _count(number: int, language: str) -> Said:
    return Said(format_number(number, language=language), Decimal(number))


def _number(number: Decimal, language: str) -> Said:
    return Said(format_number(number, language=language, decimals=1), number)
