"""Numbers in sentences, captions, alternative texts and drawings: each must be one that is accounted for.

A number that stands in a source is none. What accounts for a number is a declared figure (``figures.json``, made from protected
tables alone), a published table, or an entry of ``reports/allowed-digits.yml``; and it must stand between the same words.
Number words from two on are numbers. Numbers of figures, tables, sections and pages are left out: the renderers
count them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.disseminate.narrative import NOT_ACCOUNTED, foreign_character, is_roman, marks_in, number_words, plain_text
from kvarn.pipeline.attack._tables import canonical
from kvarn.pipeline.attack._words import plain

__all__ = ["Accounts", "Figures", "numbers_without_digits", "unaccounted_by", "unaccounted_in_drawing"]

_TOKEN = re.compile(r"\d+|[^\W\d_]+|\x00")
# What ends the words around a number: a reference that the renderers number, or a number that nothing accounts for.
_REFERENCE = NOT_ACCOUNTED
_COUNTED = re.compile(
    r"\b(?:Figur|Tabell|Avsnitt|Kapitel|Sida|Figure|Table|Section|Chapter|Page)[\s\u00a0]+\d+(?:\.\d+)*", re.IGNORECASE
)
_AROUND = 2
_OF_ADDRESS = re.compile(r"(?<=\bhttps:)//|(?<=\bhttp:)//")
# The letters of a code such as XV015 are no word.
_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?![^\W_])")
_ONE = frozenset(("one", "en", "ett"))
# In English text the Swedish for six is the word for women and men, and in Swedish text the English for eleven is a pupil.
_ONE_AND_SEX = _ONE | {"sex"}
# One figure of a measure more than the drawing's own could be any number.
_SEVERAL = 3
_REGIONS = re.compile(r"(\d+)[ \u00a0](?:kommun|kommuner|municipality|municipalities)")
_NUMBER = re.compile(r"[-\u2212]?\d[\d\u00a0\u202f ]*(?:[.,]\d+)*")
# A symbol holds the place of a figure in a text that has several.
_SYMBOLS = ("x", "..")
_FIGURE = re.compile(rf"\bx\b|\.\.|{_NUMBER.pattern}")


class Accounts:
    """What is accounted for, as runs of words and numbers."""

    def __init__(self, language: str = "both") -> None:
        self._words = number_words(language)
        self._never = _ONE if language == "sv" else _ONE_AND_SEX
        self._runs: set[tuple[str, ...]] = set()
        self._whole: set[tuple[str, ...]] = set()
        # The numbers of rows, by their words.
        self._rows: dict[tuple[str, ...], set[tuple[str, ...]]] = {}

    def add(self, text: str) -> None:
        """Learn a text of which every number is accounted for itself."""
        tokens = _tokens(text)
        self._whole.add(tuple(tokens))
        for length in range(1, _AROUND + 2):
            self._runs.update(tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))

    def unaccounted(self, text: str, *, around: int = _AROUND, document: bool = True) -> Iterator[str]:
        """The words around each number that does not stand between the same words in what was learned; never the number.

        A number with no word beside it is not accounted for: whoever shows a bare number can mean anything by it. In a
        `document` a date that was learned by itself is, and the renderers count its figures and tables; nobody counts those of a
        notebook's page, where "Figure 3" is what some code has written.
        """
        tokens = _tokens(text, counted=document)
        worded = any(token.isalpha() and not self._is_number(token) for token in tokens)
        if document and not worded and _is_date(tokens) and tuple(tokens) in self._whole:
            return
        for at, token in enumerate(tokens):
            if self._is_number(token):
                before = _until_reference(tokens[max(0, at - around) : at][::-1])[::-1]
                after = _until_reference(tokens[at + 1 : at + 1 + around])
                runs = [(*before, token)] if before else []
                runs += [(token, *after)] if after else []
                if not (worded and runs and all(run in self._runs for run in runs)):
                    yield " ".join(word if not self._is_number(word) else "…" for word in (*before, "…", *after))

    def add_row(self, row: str) -> None:
        """Learn a row of a table as a document writes it, its variables filled in."""
        words, numbers = _apart(row)
        self._rows.setdefault(words, set()).add(numbers)

    def is_other_row(self, row: str) -> bool:
        """Whether a row has the words of one that was learned, and other numbers.

        That each number is accounted for is not enough: the words around it stand in other cells, and the beginning of a longer
        number stands beside the same ones.
        """
        words, numbers = _apart(row)
        return words in self._rows and numbers not in self._rows[words]

    def unaccounted_without_digits(self, text: str) -> Iterator[str]:
        """The words before marks, pictures and Roman numerals; not before a numeral that was learned with its words."""
        tokens = _tokens(text)
        for near, word in _without_digits(text):
            at = tokens.index(word.casefold()) if word.casefold() in tokens else -1
            runs = {tuple(tokens[max(0, at - 1) : at + 1]), tuple(tokens[at : at + 2])} if at >= 0 else set()
            if tokens.count(word.casefold()) != 1 or not all(len(run) > 1 and run in self._runs for run in runs):
                yield near

    def _is_number(self, token: str) -> bool:
        return token.isdigit() or (token not in self._never and self._words.fullmatch(token) is not None)


def numbers_without_digits(text: str) -> Iterator[str]:
    """The words before what says a number without a digit or number word: marks to count, Roman numerals, pictures.

    Nobody can type them in a source; code can write them when it runs.
    """
    yield from (near for near, _ in _without_digits(text))


def _without_digits(text: str) -> Iterator[tuple[str, str]]:
    """The words before what says a number without a digit, and the numeral, where it is one."""
    # The strokes of an address are no marks to count; all keep their places.
    said = _OF_ADDRESS.sub("/_", plain_text(text))
    rows = {found.start: "" for found in marks_in(said)}
    numerals = {found.start(): found[0] for found in _WORD.finditer(said) if is_roman(found[0])}
    pictures = {at: "" for at, sign in enumerate(text) if "picture" in (foreign_character(sign) or "")}
    for at, word in sorted({**rows, **numerals, **pictures}.items()):
        yield f"{' '.join(said[:at].split()[-_AROUND:])} …".strip(), word


class Figures(NamedTuple):
    """The years and the published figures of each measure, for drawings: gone through once for all of them."""

    years: frozenset[str]
    of_measure: Mapping[str, set[str]]

    @classmethod
    def of(cls, published: Published) -> Figures:
        """Those of what is published."""
        of_measure: dict[str, set[str]] = {}
        for (measure, _, _), value in published.figures.items():
            of_measure.setdefault(measure, set()).add(value)
        return cls(frozenset(str(key[1]) for key in published.figures), of_measure)


def unaccounted_in_drawing(texts: Sequence[str], labels: frozenset[str], figures: Figures, language: str) -> list[str]:
    """The texts of a drawing whose numbers are neither labels, nor years, nor marks of an axis, nor figures of one measure.

    The figures that stand in a drawing are of one measure or of a few: those whose published figures account for all of them.
    Where a text has several numbers, as an interval has, the first of each text are held together, the second, and so on.
    """
    numbers = [canonical(text.rstrip("%"), language) for text in texts]
    accounted = _marks(numbers) | _classes(texts, language) | _numbers_of_regions(texts)
    left: dict[int, list[tuple[str, str]]] = {}
    for place, (text, number) in enumerate(zip(texts, numbers, strict=True)):
        rest = _without_labels(text, labels)
        if place in accounted or text in figures.years or not any(sign.isdigit() for sign in rest):
            continue
        # "Kvinnor 2 341": a label and its figure; "46,5 (43,8–49,2)": a figure and the limits of its interval.
        said = [number] if number else _FIGURE.findall(rest)
        for order, one in enumerate(said):
            if one not in _SYMBOLS:
                left.setdefault(order, []).append((text, number or canonical(one, language)))
    return [text for order in sorted(left) for text in _beyond_few_measures(left[order], figures.of_measure)]


def unaccounted_by(
    texts: Sequence[str], labels: frozenset[str], figures: Collection[str], years: Collection[str], language: str
) -> list[str]:
    """The texts of a drawing in which a number is neither in a label, nor a year, a mark of an axis or one of the figures."""
    numbers = [canonical(text.rstrip("%"), language) for text in texts]
    marks = _marks(numbers)
    found = []
    for place, (text, number) in enumerate(zip(texts, numbers, strict=True)):
        rest = "" if place in marks else _without_labels(text, labels)
        said = [number] if number else [canonical(one, language) for one in _FIGURE.findall(rest) if one not in _SYMBOLS]
        wrong = [one for one in said if one not in figures and one not in years]
        # What is left when the numbers are taken out must hold no other: a superscript, say.
        left = any(sign.isdigit() or sign.isnumeric() for sign in _FIGURE.sub("", rest))
        if place not in marks and rest and (wrong or left):
            found.append(text)
    return found


def _beyond_few_measures(left: Sequence[tuple[str, str]], of_measure: Mapping[str, set[str]]) -> list[str]:
    """The texts that are left when the measures of which a drawing shows several figures have been taken out."""
    for fewest in (1, _SEVERAL, _SEVERAL):
        shown = {measure: sum(number in values for _, number in left) for measure, values in of_measure.items()}
        best = max(sorted(shown), key=shown.__getitem__, default="")
        if not left or shown.get(best, 0) < fewest:
            break
        left = [(text, number) for text, number in left if number not in of_measure[best]]
    return [text for text, _ in left]


def _marks(numbers: Sequence[str]) -> set[int]:
    """The places of three numbers or more that follow one another in equal steps: the marks of an axis."""
    found: set[int] = set()
    for start in range(len(numbers) - 2):
        run = numbers[start : start + 3]
        if all(run):
            first, second, third = map(float, run)
            if second != first and abs((third - second) - (second - first)) < 1e-9:
                found |= {start, start + 1, start + 2}
    return found


def _classes(texts: Sequence[str], language: str) -> set[int]:
    """The places of the classes of a map: each begins where the one below it ends."""
    ranges = {place: [canonical(end, language) for end in text.split("\u2013")] for place, text in enumerate(texts)}
    bounded = {place: (Decimal(ends[0]), Decimal(ends[1])) for place, ends in ranges.items() if len(ends) == 2 and all(ends)}
    alone = [[canonical(number, language) for number in _NUMBER.findall(text)] for text in texts]
    if not bounded:
        return _two_classes(texts, alone)
    lows, highs = {low for low, _ in bounded.values()}, {_next(high) for _, high in bounded.values()}
    if len(lows & highs) < len(bounded) - 1:
        return set()
    outer = [str(min(lows))], [str(max(highs))]
    ends = {place for place, numbers in enumerate(alone) if numbers in outer}
    # A single class in the middle is one only with one below it and one above.
    surrounded = all(any(alone[place] == end for place in ends) for end in outer)
    return set(bounded) | ends if len(bounded) > 1 or surrounded else set()


def _two_classes(texts: Sequence[str], alone: Sequence[Sequence[str]]) -> set[int]:
    """The places of the two classes of a map that has no more: below a limit, and from there on."""
    if not _numbers_of_regions(texts):
        return set()
    of_limit: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if len(alone[place]) == 1 and any(sign.isalpha() for sign in text) and _REGIONS.fullmatch(text) is None:
            of_limit.setdefault(alone[place][0], []).append(place)
    pairs = [places for places in of_limit.values() if len(places) == 2]
    return set(pairs[0]) if len(pairs) == 1 else set()


def _numbers_of_regions(texts: Sequence[str]) -> set[int]:
    """The places of the numbers of municipalities in a map's classes: together they are all that a table has."""
    counted = {place: int(found[1]) for place, text in enumerate(texts) if (found := _REGIONS.fullmatch(text)) is not None}
    return set(counted) if counted and sum(counted.values()) in _numbers_of_municipalities() else set()


def _numbers_of_municipalities() -> set[int]:
    """How many municipalities there are in each table that has any."""
    municipalities = frozenset(metadata.codelist("region").leaves)
    shown = [table.order("region") for table in metadata.tables() if "region" in table.variables]
    return {len(municipalities.intersection(codes)) for codes in shown} - {0}


def _next(high: Decimal) -> Decimal:
    """The next number with as many decimals."""
    return high + Decimal(1).scaleb(int(high.as_tuple().exponent))


# The same words stand in the drawings of many pages, and an official list has ten thousand labels.
@functools.lru_cache(maxsize=4096)
def _without_labels(text: str, labels: frozenset[str]) -> str:
    """The text without the labels, or the one broken label, that stand in it."""
    said = plain(text)
    if any(said in label for label in labels):
        return ""
    for label in sorted((label for label in labels if label in said and not label.isdigit()), key=len, reverse=True):
        said = said.replace(label, " ")
    # A long label is broken over two lines, and its figure stands behind the last.
    words = said.rsplit(" ", 2 if said.endswith("%") else 1)
    broken = words[0].strip()
    if len(words) > 1 and any(sign.isalpha() for sign in broken) and any(broken in label for label in labels):
        return " ".join(words[1:])
    return said


def _tokens(text: str, *, counted: bool = True) -> list[str]:
    said = plain_text(text)
    return _TOKEN.findall((_COUNTED.sub(_REFERENCE, said) if counted else said).casefold())


def _apart(row: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a row and its digits, each in their order; what the renderers count is neither."""
    tokens = _tokens(row)
    return tuple(one for one in tokens if one.isalpha()), tuple(one for one in tokens if one.isdigit())


def _is_date(tokens: Sequence[str]) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d(?: [01]\d [0-3]\d)?", " ".join(tokens)) is not None


def _until_reference(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(words[: words.index(_REFERENCE)] if _REFERENCE in words else words)
