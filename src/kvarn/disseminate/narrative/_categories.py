"""A figure before the words for another part of those who are counted: women are not shown as men, nor a rate as persons."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence

from kvarn import metadata
from kvarn.disseminate.narrative._numbers import VARIABLE
from kvarn.disseminate.text_figures import Declaration, Figure

__all__ = ["of_another_part", "shown_as_a_count"]

_DEEPEST = 8
# Behind a figure, as far as it speaks of the same.
_SAME = re.compile(rf"[^.,;:!?()\u2013\u2014{VARIABLE}]*")
_TURNS = {
    "sv": re.compile(r"(?i)(?<!\w)(?:och|bland|av|därav|varav|i|per|för|än|men|mot)(?!\w)"),
    "en": re.compile(r"(?i)(?<!\w)(?:and|among|of|whom|in|per|for|than|but|against)(?!\w)"),
}
_UNIT_OF_TIME = re.compile(r"(?i)\s+(?:år|years?)\b")
_WORD = re.compile(r"\w+")
_REGION = "region"
# What says that a figure is a rate, a mean or a share.
_OF_SO_MANY = re.compile(
    r"\b(?:per|av|of|gånger|times)\s+(?:varje\s+|every\s+)?(?:1[ ,\u00a0]?000|hundred|cent|person|invånare|inhabitant)"
    r"|\b(?:rates?|procent|kvot\w*|mean|median\w*|medelvärde\w*|average|genomsnitt\w*|quartiles?|kvartil\w*|interval\w*)\b|%",
    re.IGNORECASE,
)
_INFLECTED = r"(?:s|en|na|nen|nas|nens|['’]s)?"


def of_another_part(words: str, names: tuple[str, ...], language: str, declaration: Declaration) -> Iterator[tuple[str, str]]:
    """The figures that stand before the name of another category than that which they are of, with the remedy."""
    for name, behind in _behind(words, names, language):
        figure = declaration.figures.get(name)
        table = _table_of(figure, declaration) if figure is not None else None
        if figure is None or table is None:
            continue
        for variable in metadata.table(table).variables:
            if variable == _REGION or figure.argument == variable or metadata.variable(variable).codelist is None:
                continue
            said = _said(behind, variable, language)
            if said and not said & _codes_of(figure, variable, declaration):
                label = next(iter(sorted(said)))
                yield (
                    f"The figure {name} is of another {metadata.variable(variable).label('en').casefold()} than stands behind it "
                    f"({label}): {' '.join(behind.split())[:60]!r}.",
                    "Print the figure of those whom the sentence names (where: in reports/figures.yml).",
                )


def shown_as_a_count(words: str, name: str, language: str, declaration: Declaration) -> bool:
    """Whether a figure that is so many per something stands in words that do not say so."""
    figure = declaration.figures.get(name)
    measure = str(figure.options.get("measure")) if figure is not None and not figure.operands else ""
    if figure is None or figure.function == "number_of" or measure not in _measures():
        return False
    per = re.search(r"(?i)\bper\b|%|procent|cent\b", metadata.measure(measure).unit[language])
    return per is not None and _OF_SO_MANY.search(words) is None


def _behind(words: str, names: tuple[str, ...], language: str) -> Iterator[tuple[str, str]]:
    for name, after in zip(names, words.split(VARIABLE)[1:], strict=False):
        found = _SAME.match(after)
        yield name, _TURNS[language].split(found[0], maxsplit=1)[0] if found else ""


def _said(behind: str, variable: str, language: str) -> frozenset[str]:
    """The codes of the categories that the words behind a figure name, but for their total."""
    by_word = _labels(metadata.codelist(str(metadata.variable(variable).codelist)), language)
    # A list of ten thousand codes is not gone through for each sentence: a label begins with a word, perhaps inflected.
    words = [word.casefold() for word in _WORD.findall(behind)]
    begun = {"", *(word[:length] for word in words for length in range(1, len(word) + 1))}
    labels = (one for word in begun for one in by_word.get(word, ()))
    return frozenset(code for code, label in labels if re.search(label, behind, re.IGNORECASE))


@functools.lru_cache(maxsize=32)
def _labels(listed: metadata.CodeList, language: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The code of each category but the total, and how its label is found; by the label's first word, empty where it has none."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in listed.rows:
        if row["code"] == listed.total or not row.get(language):
            continue
        label = re.escape(_UNIT_OF_TIME.sub("", row[language])).replace(r"\ ", r"\s+")
        middle = _UNIT_OF_TIME.search(row[language])
        if middle and not row[language].endswith(middle[0]):
            head, tail = (re.escape(part).replace(r"\ ", r"\s+") for part in _UNIT_OF_TIME.split(row[language], maxsplit=1))
            label = rf"{head}(?:\s+(?:år|years?))?{tail}"
        first = _WORD.search(row[language])
        of_word = found.setdefault(first[0].casefold() if first else "", [])
        of_word.append((row["code"], rf"(?<!\w){label}{_INFLECTED}(?!\w)"))
    return found


def _codes_of(figure: Figure, variable: str, declaration: Declaration, deep: int = _DEEPEST) -> frozenset[str]:
    """The categories of a variable that a figure is of, or is made of."""
    if figure.operands:
        parts = [declaration.figures[name] for name in figure.operands if name in declaration.figures] if deep else []
        return frozenset().union(*(_codes_of(part, variable, declaration, deep - 1) for part in parts))
    where = figure.options.get("where")
    return frozenset({str(where[variable])} if isinstance(where, Mapping) and variable in where else ())


def _table_of(figure: Figure, declaration: Declaration, deep: int = _DEEPEST) -> str | None:
    """The table of a figure, or of the first that it is made of."""
    if figure.operands:
        first = declaration.figures.get(figure.operands[0])
        return _table_of(first, declaration, deep - 1) if first is not None and deep else None
    asked = str(figure.options.get("table"))
    return asked if asked in {table.name for table in metadata.tables()} else None


def _measures() -> frozenset[str]:
    return frozenset(name for table in metadata.tables() for name in table.measures)
