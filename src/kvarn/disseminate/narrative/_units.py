"""A figure before what it counts: municipalities are not shown as persons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvarn import metadata
from kvarn.disseminate.narrative._categories import shown_as_a_count
from kvarn.disseminate.narrative._numbers import VARIABLE, counted_in
from kvarn.disseminate.text_figures import Declaration, Figure

__all__ = ["miscounted", "unnamed"]

# What is counted, by the beginnings of its words; whatever else is counted is persons.
_KINDS = {
    "procedures": ("åtgärd", "procedure", "besök", "visit"),
    "municipalities": ("kommun", "municipalit"),
}
_PERSONS = "persons"
_REGION = "region"
# Behind the figure at most one word tells of what is counted: "412 older persons".
_BEHIND = re.compile(rf"{VARIABLE}[\s*_]+((?:[^\W\d_]+[\s*_]+)?[^\W\d_]+)")
_TURNS = frozenset(
    (
        "of",
        "in",
        "for",
        "för",
        "with",
        "med",
        "as",
        "som",
        "på",
        "on",
        "per",
        "av",
        "i",
        "and",
        "or",
        "och",
        "eller",
        "to",
        "till",
        "from",
        "från",
        "the",
        "de",
    )
)
_DEEPEST = 8
_WORD = re.compile(r"%|[^\W\d_]+")
# "{x} of {y} municipalities", and "the number of municipalities is {x}".
_OF_SO_MANY = re.compile(rf"^\s*(?:av|of)\s+{VARIABLE}")
_NUMBER_OF = re.compile(r"\b(?:antalet|number of)\s+([^\W\d_]+)\s+[^\W\d_]+\s*$", re.IGNORECASE)
_OF_REGIONS = ("kommun", "municipalit", "län", "count")
_STEM = 4
_OF_RANKS = ("plats", "rang", "nummer", "place", "rank", "number")
_OF_SHARES = ("%", "procent", "percent", "cent")


def unnamed(words: str, names: tuple[str, ...], language: str, declaration: Declaration) -> Iterator[tuple[str, str]]:
    """The figures of a sentence about a place that are no persons and no procedures, and do not say what they are.

    "Those who had care in Haninge were {x}" reads as persons, whatever x counts: of months, of municipalities, of age groups.
    """
    parts = words.split(VARIABLE)
    for place, (name, before) in enumerate(zip(names, parts, strict=False), 1):
        after = VARIABLE.join(parts[place:])
        figure = declaration.figures.get(name)
        counts = _counts(figure, language, declaration) if figure is not None else None
        if figure is None or counts is None or counts & {_PERSONS, "procedures"}:
            continue
        stems = _own_words(figure, language, declaration)
        if not any(word.casefold().startswith(stem) for word in _said_of(before, after) for stem in stems):
            yield (
                f"The figure {name} is read as persons of the place: nothing beside it says that it is of another kind.",
                'Write what it counts right behind it ("{x} months"), or before it ("the number of months is {x}").',
            )


def _said_of(before: str, after: str) -> list[str]:
    """The words that say what a figure is: those right behind it, the one before it, and that of which it is the number."""
    behind = _WORD.findall(_OF_SO_MANY.sub(" ", after, count=1))[:2]
    number_of = _NUMBER_OF.search(before)
    ahead = (
        [number_of[1]] if number_of is not None else [word for word in _WORD.findall(before)[-1:] if word.casefold() in _OF_RANKS]
    )
    return [*ahead, *(behind if behind and behind[0].casefold() not in _TURNS else [])]


def _own_words(figure: Figure, language: str, declaration: Declaration, deep: int = _DEEPEST) -> tuple[str, ...]:
    """How the words begin that say what a figure is."""
    if figure.function == "rank":
        return _OF_RANKS
    if figure.function in ("share", "change_percent"):
        return _OF_SHARES
    if figure.function == "number_of" and figure.argument == _REGION:
        return _OF_REGIONS
    if figure.function == "number_of":
        said = metadata.variable(str(figure.argument)).label(language)
    elif figure.operands:
        first = declaration.figures.get(figure.operands[0])
        return _own_words(first, language, declaration, deep - 1) if first is not None and deep else ()
    else:
        said = metadata.measure(str(figure.options.get("measure"))).unit[language]
    return tuple(word.casefold()[:_STEM] for word in _WORD.findall(said) if len(word) > 2)


def miscounted(words: str, names: tuple[str, ...], language: str, declaration: Declaration) -> Iterator[tuple[str, str]]:
    """The figures that stand before something else than they count, with the remedy."""
    parts = words.split(VARIABLE)
    for name, after in zip(names, parts[1:], strict=True):
        figure = declaration.figures.get(name)
        noun = _noun_behind(f"{VARIABLE}{after}")
        if figure is None or not noun:
            continue
        counts = _counts(figure, language, declaration)
        if counts is not None and noun in counts and shown_as_a_count(words, name, language, declaration):
            yield (
                f"The figure {name} is so many per something, and stands before what is read as {noun}.",
                'Write of how many it is behind it ("{x} per 1,000 inhabitants"), or print the number itself.',
            )
        if counts is not None and noun not in counts:
            unit = ", ".join(sorted(counts)) or "something else"
            yield (
                f"The figure {name} counts {unit}, and stands before what is read as {noun}.",
                "Print a figure of what the sentence is about.",
            )


def _noun_behind(words: str) -> str:
    found = _BEHIND.match(words)
    said = re.sub(r"[*_]+", "", found[1]).split() if found else []
    if len(said) > 1 and next(counted_in(said[0]), None) is not None:
        said = said[:1]
    if not said or said[0].casefold() in _TURNS:
        return ""
    return next(_kinds_in(said[-1]), "")


def _kinds_in(words: str) -> Iterator[str]:
    for start, _ in counted_in(words):
        stem = words[start:].casefold()
        yield next((kind for kind, stems in _KINDS.items() if stem.startswith(stems)), _PERSONS)


def _counts(figure: Figure, language: str, declaration: Declaration, deep: int = _DEEPEST) -> frozenset[str] | None:
    """What a figure counts; None where nobody can tell, and nothing where it is no count."""
    if figure.names_a_category or str(figure.options.get("format", "")).startswith("label"):
        return None
    if figure.function == "number_of":
        return frozenset({"municipalities"} if figure.argument == _REGION else ())
    if figure.function in ("share", "change_percent"):
        return None if figure.options.get("format") == "percent" else frozenset()
    if figure.function == "rank":
        return frozenset()
    if figure.operands:
        first = declaration.figures.get(figure.operands[0])
        return _counts(first, language, declaration, deep - 1) if first is not None and deep else None
    measure = str(figure.options.get("measure"))
    if measure not in {name for table in metadata.tables() for name in table.measures}:
        return None
    unit = metadata.measure(measure).unit[language]
    # A rate is told with the words of what it is a rate of: "412 per 1 000 persons", "two procedures per person".
    return frozenset(_kinds_in(unit))
