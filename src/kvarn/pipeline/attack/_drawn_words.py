"""The words of a drawing: numbers in words, and the categories that it names, whose figures alone may stand in it."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Sequence

from kvarn import metadata
from kvarn.disseminate.narrative import numbers_in, ones_beside, places_in, plain_text, regions_named
from kvarn.pipeline.attack._words import Words, plain

__all__ = ["measures_named", "named_in", "numbers_in_words", "of_no_table", "with_whole_labels"]

_REGION = "region"
_IN_WORDS = ("number word", "Roman numeral", "sum of ones")
# In a drawing it holds the place of a figure that is withheld.
_SYMBOL = re.compile(r"(?<!\w)X(?!\w)")
# Shorter names are parts of other words, or words themselves.
_SHORTEST = 3
# A word in more pieces is not put together: what stands side by side in a drawing is hardly ever one.
_MOST_PIECES = 4


def numbers_in_words(texts: Sequence[str], labels: frozenset[str], language: str) -> Iterator[str]:
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
    for place in range(len(left)):
        for put, _ in _put_together(left[place:], ("",)):
            if any(found.kind == "number word" and found.written == put for found in numbers_in(plain_text(put), language)):
                yield put


def with_whole_labels(texts: Sequence[str], words: Words) -> list[str]:
    """Texts, with the label in the place of those which say one that stand one after the other: a name in two lines, or in
    pieces."""
    known = {label for variable in _variables() for label in words.by_label(variable)}
    whole, place = [], 0
    while place < len(texts):
        found = next(((put, n) for put, n in _put_together(texts[place:], ("", " ")) if plain(put) in known), (texts[place], 1))
        whole.append(found[0])
        place += found[1]
    return whole


def _put_together(texts: Sequence[str], signs: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The first texts in one, and of how many it is."""
    for number in range(2, min(_MOST_PIECES, len(texts)) + 1):
        pieces = [text.strip().rstrip("-\u00ad\u2010") for text in texts[:number]]
        if not all(pieces) or not all(piece[-1].isalpha() for piece in pieces):
            return
        yield from ((sign.join(pieces), number) for sign in signs)


def named_in(texts: Sequence[str], words: Words, tables: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """The categories that texts name, by variable: regions wherever they stand, others by their whole label, of the variables of
    `tables` where these have it."""
    found: dict[str, set[str]] = {}
    own = {name for table in tables for name in metadata.table(table).variables}
    of_own = {label for name in own for label in words.by_label(name)}
    for text in map(plain, texts):
        for variable in _variables():
            if variable == _REGION:
                continue
            said = text
            for label, code in sorted(words.by_label(variable).items(), key=lambda row: -len(row[0])):
                if _tells(label) and label in said and (whole := _whole(label)).search(said):
                    said = whole.sub(" ", said)
                    if variable in own or label not in of_own:
                        found.setdefault(variable, set()).add(code)
    for text in texts:
        for codes in regions_named(text):
            found.setdefault(_REGION, set()).update(codes)
        if plain(text) in words.by_label(_REGION):
            found.setdefault(_REGION, set()).add(words.by_label(_REGION)[plain(text)])
    return {variable: frozenset(codes) for variable, codes in found.items()}


def measures_named(texts: Sequence[str], words: Words) -> frozenset[str]:
    """The measures whose labels stand in texts."""
    said = [plain(text) for text in texts]
    heads = [(label, head[1]) for label, head in words.heads.items() if head is not None and head[0] == "measure"]
    return frozenset(name for label, name in heads if any(label in text and _whole(label).search(text) for text in said))


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
    # A number alone is a figure; "80+" and "65–69" are ages.
    return len(label) >= _SHORTEST and not label.replace(" ", "").isdigit() and any(map(str.isalnum, label))


def _whole(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(label)}(?!\w)")


@functools.lru_cache(maxsize=4096)
def _without(text: str, labels: frozenset[str]) -> str:
    """A text without the labels in it; empty where it is two words or more of a label, as of one that is broken over lines."""
    said, bare = _SYMBOL.sub(" ", " ".join(text.replace("\u00a0", " ").split())), plain(text)
    if " " in bare and any(bare in label and _whole(bare).search(label) for label in labels):
        return ""
    for label in sorted((label for label in labels if label in bare), key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(label)}(?!\w)", " ", said, flags=re.IGNORECASE)
    return said.strip()
