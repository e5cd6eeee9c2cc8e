"""From declared figures to the words that the documents print, and to the record of where each figure came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.numbers import format_list, format_number, format_percent
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.templates import word
from kvarn.disseminate.text_figures._accepted_words import ACCEPTED_NAMES, accepted_words
from kvarn.disseminate.text_figures._cells import Evaluated, evaluate
from kvarn.disseminate.text_figures._declaration import SHOWN, Declaration, Figure, Text, read_declaration
from kvarn.disseminate.text_figures._documents import check_documents
from kvarn.disseminate.text_figures._edition_words import Said, edition_words
from kvarn.disseminate.text_figures._places import NOT_AVAILABLE
from kvarn.disseminate.text_figures._published_words import (
    PUBLISHED_NAMES,
    disclosure_words,
    revision_words,
    symbol_words,
)
from kvarn.edition import Edition
from kvarn.errors import InputError

__all__ = ["names_of_edition", "resolve_figures", "trace_figures"]


def names_of_edition(edition: Edition) -> frozenset[str]:
    """The names that documents can print without a declaration: the same before anything is computed and afterwards."""
    return frozenset((*edition_words(edition, "sv"), *PUBLISHED_NAMES, *ACCEPTED_NAMES))


@metadata.lists_held()
def resolve_figures(
    declaration: Path, tables: ProtectedTables, edition: Edition, language: str, *, revisions: Revisions | None = None
) -> dict[str, Any]:
    """Everything that a document can print with ``{{< var name >}}``, in one language.

    Parameters
    ----------
    declaration
        ``reports/figures.yml``. The documents beside it are held to it.
    language
        ``sv`` or ``en``.
    revisions
        How the figures compare with those of the edition before; none have been compared where it is left out.

    Returns
    -------
    dict
        Nested, as ``_variables.yml`` is: ``persons.total`` is ``["persons"]["total"]``. Every value is text: the
        declared figures and texts, the alternative texts under ``alt``, and the edition's own words (`edition_words`,
        `disclosure_words`, `revision_words`, `accepted_words`). A suppressed cell gives the symbol's words, and so does every
        function of it.

    Raises
    ------
    InputError
        The declaration is faulty, names a cell that is not there, is not used, or lacks a figure that a document
        prints. The error names file and line.
    """
    read = read_declaration(declaration)
    words = {
        **edition_words(edition, language),
        **disclosure_words(edition, tables, language),
        **revision_words(revisions or Revisions({}, {}), edition, language),
        **symbol_words(edition, tables, revisions or Revisions({}, {}), language),
        **accepted_words(tables, language),
    }
    check_documents(read, words, declaration.parent)
    evaluated = evaluate(read, tables, edition)
    said = {name: _say(read.figures[name], figure, language) for name, figure in evaluated.items()}
    texts = _Texts(read, {**words, **said}, _status(edition), language)
    return _nested({name: texts.said(name).words for name in sorted({*words, *said, *read.texts})})


def trace_figures(declaration: Path, tables: ProtectedTables, edition: Edition) -> list[dict[str, Any]]:
    """Where each figure in the texts came from, for the provenance record.

    Returns
    -------
    list of dict
        One record a declared figure or text, sorted by name: ``name``, ``line`` in the declaration, ``function``,
        ``operands`` (the figures it is computed from), ``cells`` (``table``, ``measure``, ``categories``), ``value``
        (decimal text as printed, without thousands separators, or the code of a category; None when there is none),
        ``status`` (empty when published). Texts have no cells of their own: their operands have.
    """
    read = read_declaration(declaration)
    records: list[dict[str, Any]] = []
    for name, figure in evaluate(read, tables, edition).items():
        entry = read.figures[name]
        value = ", ".join(figure.categories[1]) if figure.categories else figure.value
        records.append(
            {
                "name": name,
                "line": entry.line,
                "function": entry.function,
                "operands": list(entry.operands),
                "cells": [
                    {"table": place.table, "measure": place.measure, "categories": dict(place.categories)}
                    for place in figure.places
                ],
                "value": None if value is None else str(value),
                "status": figure.status,
            }
        )
    for text in read.texts.values():
        records.append(
            {
                "name": text.name,
                "line": text.line,
                "function": "text",
                "operands": list(text.operands),
                "cells": [],
                "value": None,
                "status": "",
            }
        )
    return sorted(records, key=lambda record: str(record["name"]))


def _say(figure: Figure, evaluated: Evaluated, language: str) -> Said:
    """A figure in the language's words."""
    value = evaluated.value
    if evaluated.status or (value is None and evaluated.categories is None):
        symbol = metadata.codelist("symbol").label(evaluated.status or NOT_AVAILABLE, language)
        return Said(symbol[:1].lower() + symbol[1:], missing=True, sign=evaluated.sign)
    written = str(figure.options.get("format", "decimal"))
    if evaluated.categories is not None:
        variable, codes = evaluated.categories
        labels = [metadata.variable(variable).category(code, language) for code in codes]
        if written == "label_lower":
            labels = [_within_sentence(variable, label, language) for label in labels]
        words = format_list(labels, language)
        return _reserved(Said(words, Decimal(len(codes))), evaluated, language)
    assert value is not None, "a published figure is a number or a category"
    shown = abs(value) if figure.options.get("absolute") else value
    if written == "year":
        return Said(str(int(shown)), value, sign=evaluated.sign)
    if figure.options.get("absolute") and not value and evaluated.sign:
        # "0.0 per cent more" would be no more at all.
        half = format_number(Decimal(5).scaleb(-evaluated.decimals - 1), language=language, decimals=evaluated.decimals + 1)
        return Said(word("text.less-than", language, number=half), value, sign=evaluated.sign)
    if written == "percent":
        words = format_percent(shown, language=language, decimals=evaluated.decimals, in_words=True)
    else:
        words = format_number(shown, language=language, decimals=evaluated.decimals)
    beside = word("text.shared", language) if evaluated.shared else ""
    return _reserved(Said(words + beside, value, sign=evaluated.sign), evaluated, language)


def _reserved(said: Said, evaluated: Evaluated, language: str) -> Said:
    """With the reservation that it is true of those that are shown, where another one could change it."""
    if not evaluated.partial:
        return said
    return replace(said, words=said.words + word("text.partial", language), unreserved=said.words)


def _within_sentence(variable: str, label: str, language: str) -> str:
    """A category's name inside a sentence: small first letter, but for places and the English months and weekdays."""
    if variable == "region" or (language == "en" and variable in ("month", "weekday")):
        return label
    return label[:1].lower() + label[1:]


def _status(edition: Edition) -> str:
    if edition.synthetic:
        return "synthetic"
    return "official" if edition.official_statistics else "unofficial"


class _Texts:
    """The declared texts, filled in: figures choose the variant and stand in the braces."""

    def __init__(self, declaration: Declaration, said: Mapping[str, Said], status: str, language: str) -> None:
        self.declaration = declaration
        self.done = dict(said)
        self.status = status
        self.language = language
        self.under_way: list[str] = []

    def said(self, name: str, asked_by: Text | None = None) -> Said:
        if name in self.done:
            return self.done[name]
        text = self.declaration.texts.get(name)
        if text is None:
            assert asked_by is not None, "only texts ask for names"
            raise self.declaration.error(f"There is no figure named {name!r}.", asked_by.line, asked_by.name)
        if name in self.under_way:
            raise self.declaration.error("The text stands in itself.", text.line, name)
        self.under_way.append(name)
        self.done[name] = self.filled(text)
        self.under_way.pop()
        return self.done[name]

    def filled(self, text: Text) -> Said:
        variant = self.variant(text)
        operands = {name: self.said(name, text) for name in text.placeholders(self.language, variant)}
        if variant != "missing" and "missing" in text.variants[self.language] and any(o.missing for o in operands.values()):
            variant = "missing"
            operands = {name: self.said(name, text) for name in text.placeholders(self.language, variant)}
        # A variant for figures that are true of what is shown says so itself, of the figure that chooses it.
        own = text.chooser if variant.endswith(SHOWN) else ""
        words = {name: operand.unreserved if name == own else operand.words for name, operand in operands.items()}
        return Said(text.fill(self.language, variant, words))

    def variant(self, text: Text) -> str:
        if not text.rule:
            return "text"
        if text.rule == "by_status":
            return self.status
        chooser = self.said(text.chooser, text)
        if text.rule == "by_sign" and (sign := _sign(chooser)) is not None:
            if sign and chooser.number == 0 and "hardly" in text.variants[self.language]:
                return "hardly"
            return "up" if sign > 0 else "down" if sign < 0 else "unchanged"
        if chooser.missing or text.rule == "by_sign":
            if "missing" not in text.variants[self.language]:
                raise self.declaration.error(
                    f"{text.chooser!r} is not published, and the text has no variant for that.",
                    text.line,
                    text.name,
                    "Add a variant missing: in both languages.",
                )
            return "missing"
        if text.rule == "by_word":
            if chooser.words not in text.variants[self.language]:
                raise self.declaration.error(
                    f"{text.chooser!r} is {chooser.words!r}, and the text has no variant for that.",
                    text.line,
                    text.name,
                    f"Add a variant {chooser.words}: in both languages.",
                )
            return chooser.words
        if chooser.number is None:
            raise self.declaration.error(f"{text.chooser!r} is not a number.", text.line, text.name)
        if chooser.number == 0 and "none" in text.variants[self.language]:
            return "none"
        variant = "one" if abs(chooser.number) == 1 else "other"
        return variant + SHOWN if chooser.unreserved and variant + SHOWN in text.variants[self.language] else variant


def _sign(said: Said) -> int | None:
    """The sign of what was counted, not of what is printed."""
    if said.sign is not None or said.number is None:
        return said.sign
    return (said.number > 0) - (said.number < 0)


def _nested(values: Mapping[str, str]) -> dict[str, Any]:
    """Dotted names as sections within sections."""
    nested: dict[str, Any] = {}
    for name, words in values.items():
        *above, last = name.split(".")
        section = nested
        for part in above:
            section = section.setdefault(part, {})
            if not isinstance(section, dict):
                raise InputError(f"{name!r} would be below a figure.", field=name)
        section[last] = words
    return nested
