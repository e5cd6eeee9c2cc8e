"""The words of a drawing: numbers in words, and the categories that it names, whose figures alone may stand in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from kvarn import metadata
from kvarn.disseminate.narrative import numbers_in, ones_beside, places_in, plain_text, regions_named
from kvarn.pipeline.attack._words import Words, plain

__all__ = ["named_in", "numbers_in_words", "of_no_table"]

_REGION = "region"
_IN_WORDS = ("number word", "Roman numeral", "sum of ones")
# In a drawing it holds the place of a figure that is withheld.
_SYMBOL = re.compile(r"(?<!\w)X(?!\w)")
# Shorter names are parts of other words, or words themselves.
_SHORTEST = 3


def numbers_in_words(texts: Sequence[str], labels: Collection[str], language: str) -> Iterator[str]:
    """The texts of a drawing that say a number without a digit: "three persons", and in a drawing of a place "one person" too.

    What stands in names of categories and measures, and in the charts' own words, is theirs. Letters that stand alone are
    put together.
    """
    left = [_without(text, labels) for text in texts]
    of_place = any(places_in(text, country=False) for text in texts)
    for text, said in zip(texts, left, strict=True):
        in_words = any(found.kind in _IN_WORDS for found in numbers_in(plain_text(said), language))
        if in_words or (of_place and any(True for _ in ones_beside(said, of_place=True))):
            yield text
    joined = plain_text(" ".join(said for said in left if len(said) == 1 and said.isalpha()))
    yield from (found.written for found in numbers_in(joined, language) if found.kind == "number word")


def named_in(texts: Sequence[str], words: Words) -> dict[str, frozenset[str]]:
    """The categories that texts name, by variable: regions wherever they stand, others by their whole label."""
    found: dict[str, set[str]] = {}
    for text in map(plain, texts):
        for variable in _variables():
            if variable == _REGION:
                continue
            said = text
            for label, code in sorted(words.by_label(variable).items(), key=lambda row: -len(row[0])):
                if _tells(label) and label in said and (whole := _whole(label)).search(said):
                    said = whole.sub(" ", said)
                    found.setdefault(variable, set()).add(code)
    for text in texts:
        for codes in regions_named(text):
            found.setdefault(_REGION, set()).update(codes)
        if plain(text) in words.by_label(_REGION):
            found.setdefault(_REGION, set()).add(words.by_label(_REGION)[plain(text)])
    return {variable: frozenset(codes) for variable, codes in found.items()}


def of_no_table(texts: Sequence[str], tables: Collection[str], words: Words) -> Iterator[str]:
    """The texts of a drawing that name a region, or are the label of a category, which none of these tables has."""
    declared = [metadata.table(table) for table in tables]
    regions = {code for table in declared if _REGION in table.variables for code in table.order(_REGION)}
    variables = {name for table in declared for name in table.variables}
    for text in texts:
        label = plain(text)
        having = {name for name in _variables() if name != _REGION and label in words.by_label(name)}
        strange = bool(having) and not having & variables and words.head(text) is None and _tells(label)
        if strange or any(not codes & regions for codes in regions_named(text)):
            yield text


def _variables() -> list[str]:
    listed = {name for table in metadata.tables() for name in table.variables}
    return sorted(name for name in listed if metadata.variable(name).codes is not None)


def _tells(label: str) -> bool:
    return len(label) >= _SHORTEST and any(map(str.isalpha, label))


def _whole(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(label)}(?!\w)")


def _without(text: str, labels: Collection[str]) -> str:
    """A text without the labels in it; empty where it is two words or more of a label, as of one that is broken over lines."""
    said, bare = _SYMBOL.sub(" ", " ".join(text.replace("\u00a0", " ").split())), plain(text)
    if " " in bare and any(bare in label and _whole(bare).search(label) for label in labels):
        return ""
    for label in sorted((label for label in labels if label in bare), key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(label)}(?!\w)", " ", said, flags=re.IGNORECASE)
    return said.strip()
