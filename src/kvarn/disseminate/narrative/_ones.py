"""One, both and none where a place is meant: words that are no numbers elsewhere, and there the most secret counts of all.

What is counted need not be named: "Bjurholm had one", or a cell with "en" in the row of a place, says as much as "one person".
So such a word is refused by what it is, and may stand before what counts nobody: "one of the municipalities", "ett av länen",
"both years".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from kvarn import metadata
from kvarn.base.package_files import declared_in
from kvarn.disseminate.narrative._numbers import one_counted
from kvarn.disseminate.narrative._places import places_in
from kvarn.programme import Programme, current_programme

__all__ = ["goes_on", "ones_beside", "ones_told"]

_SIGN = r"(?=\s*(?:$|[.,;:!?()\[\]|/\"”’»…—–\n\ufffc]))"
# What says that it is of this one that the sentence tells.
_STRESSED = r"(?:only|just|merely|solely|bara|endast|blott|enbart|enkom)"
_TOLD = r"(?:fick|hade|var|blev|dog|avled|vårdades|flyttade|behandlades|bodde|fanns|received|had|was|got|died|lived|moved|needed)"
# A place that is named by what it is alone.
_DESCRIBED = re.compile(
    r"\b(?:the|den|det)\s+(?:[^\W\d_]+est|minsta|största|yngsta|äldsta|lägsta|högsta|[^\W\d_]+(?:aste|ligaste))\s+"
    r"(?:municipality|county|kommunen|kommun|länet|län)\b",
    re.IGNORECASE,
)
_NO_KIND = r"them|dem|whom|this|last|next|that|every|year|förra|denna|detta|varje|hela|received|had|were|was|moved|got|died"
_NONE = "zero|nought|naught|nil|nada|noll"
_NOT_OF_ONE = r"(?:av|of|per|by|for|för|a|each|to|till|in|i|and|och|with|med|from|från|on|på|as|som|the|de)"


def ones_beside(text: str, *, of_place: bool = False) -> Iterator[tuple[int, int]]:
    """Where a text says one, both or none of those who are counted, in a place that it names or that it stands under.

    What a measure is called counts nobody, though its name have one of something in it.

    Parameters
    ----------
    of_place
        Whether it stands under the name of a place: below a heading, in a row, in a list.
    """
    if of_place or places_in(text, country=False) or _DESCRIBED.search(text):
        patterns = _patterns() if _of_each().search(text) else (*_patterns(), *_of_somebody_known())
        yield from _found((*patterns, _of_its_own()), text)


def ones_told(text: str) -> Iterator[tuple[int, int]]:
    """The same of a text that names no place and follows one that does: only what tells of one, and not what holds of each."""
    yield from _found(_of_what_follows(), text)


def goes_on(text: str) -> bool:
    """Whether a text goes on about what was named before it: with a pronoun, or with "there"."""
    return _turns().search(text) is not None


def _found(patterns: tuple[re.Pattern[str], ...], text: str) -> Iterator[tuple[int, int]]:
    left = _measures_with_one(current_programme()).sub(lambda found: "." * len(found[0]), text)
    spans = {found.span() for pattern in patterns for found in pattern.finditer(left)}
    last = -1
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last:
            last = end
            yield start, end


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    people, alone = _listed("people"), _listed("alone with a place")
    ones = _listed("ones")
    return (
        one_counted(),
        *_of_what_follows()[:-2],
        _compiled(rf"(?:{ones})\s+(?:(?!{_NOT_OF_ONE}\b)[^\W\d_]+\s+){{0,2}}?(?:{people})(?:s|n|en)?(?!\w)"),
        _compiled(rf"(?:{alone})(?!\s+om\b)(?!\w)"),
        # Letters that stand apart.
        _compiled(r"(?:o[ -]+n[ -]+e|e[ -]+n(?:[ -]+d[ -]+a)?|e[ -]+t[ -]+t)(?!\w)"),
    )


@functools.cache
def _of_somebody_known() -> tuple[re.Pattern[str], ...]:
    """The person, Bjurholm's recipient, the death: one in a place, where the text does not say that it is about each."""
    people, word = _listed("people"), rf"(?:(?!{_NOT_OF_ONE}\b)[^\W\d_]+\s+)?"
    return (
        _compiled(rf"(?:{_listed('who is meant')})s?(?!\w)"),
        _compiled(rf"(?:the|that|this|its|(?<=['’])s)\s+(?:(?!{_NOT_OF_ONE}\b)[^\W\d_]+\s+)?(?:{_OF_ONE_PERSON}|{people})(?!\w)"),
        _compiled(rf"(?:{_listed('event that is meant', 'sv')})s?(?!\w)"),
        _compiled(rf"(?:the|that|this|its|(?<=['’])s)\s+{word}(?:{_listed('event that is meant', 'en')}){_AS_ITSELF}"),
        _compiled(rf"(?<!\bi )(?<!\bär )(?<!\bvar )(?<!\bvara )(?:{_listed('in idioms', 'sv')})s?(?!\w)"),
        _compiled(rf"(?<!\bin )(?<!\bis )(?<!\bwas )(?<!\bbe )the\s+{word}(?:{_listed('in idioms', 'en')}){_AS_ITSELF}"),
        _compiled(rf"(?<=['’])s\s+{word}(?:{_listed('in idioms', 'en')}){_AS_ITSELF}"),
        _compiled(r"[dD]en\s+(?:[^\W\d_]+\s+)?(?:person|kvinna|man|patient|individ|vårdtagare|människa|brukare|klient)(?!\w)"),
    )


# Of an event itself, and not of its rate or code.
_AS_ITSELF = rf"(?:{_SIGN}|(?=\s+(?:in|of|at|from|for|was|is|has|had|took|lasted|happened|occurred|that|which|there|here)\b))"
_OF_ONE_PERSON = "person|individual|human|patient|woman|man|boy|girl|child|inhabitant|resident|recipient|user|client"


def _of_its_own() -> re.Pattern[str]:
    """Bjurholms patient: one behind the name of a place in the genitive."""
    return _behind_a_place(current_programme(), metadata.stamp())


@functools.lru_cache(maxsize=8)
def _behind_a_place(_programme: Programme, _imported: metadata.Stamp) -> re.Pattern[str]:
    names = {row["sv"].removesuffix(" län").removesuffix("s") for row in metadata.codelist("region").rows}
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return _compiled(rf"(?:{listed})s\s+(?:läns\s+)?(?:{_listed('of a place', 'sv')})(?!\w)")


@functools.cache
def _of_each() -> re.Pattern[str]:
    """What holds of each: "each person is counted once, even if the person moves"."""
    return _compiled(rf"(?:each|every|any|varje)\s+(?:[^\W\d_]+\s+)?(?:{_listed('nouns')})")


@functools.cache
def _of_what_follows() -> tuple[re.Pattern[str], ...]:
    """Bare words for one and both; the last two are those that count one of a noun and tell of it."""
    word, nouns, people = r"[^\W\d_]+\s+", _listed("nouns"), _listed("people")
    english, swedish, further = _things("en"), _things("sv"), "|".join(_data("sv")["goes on"])
    # Of one, and of both, of what counts nobody there may be told.
    like = rf"(?:(?!(?:{_NOT_OF_ONE}|{_NO_KIND}|{further})\b)[^\W\d_]+(?:['’]s)?\s+)"
    of_things = rf"(?!\s+(?:of\s+)?(?:the\s+|these\s+|those\s+|its\s+)?{like}{{0,2}}?(?:{english}))"
    of_saker = rf"(?!\s+(?:av\s+)?(?:de\s+|dessa\s+|det\s+)?{like}{{0,2}}?(?:{swedish}))"
    # The one of the country is a rate; this one and that one are what stands there.
    other_one = r"(?<!this )(?<!that )(?<!which )(?<!another )"
    its_rate = r"(?<!the one(?=\s(?:in|of|for|from|that|which|with)\b))"
    idiom = (
        r"(?!\s+(?:i taget|och samma|eller (?:flera|annan|annat)|och annan|och annat)\b)"
        r"(?!\s+(?:and the same|or (?:more|several|another)|more of)\b)"
    )
    return (
        _compiled(
            rf"{other_one}one(?!\w)(?!-(?:off|year|month|day|way|sided|third|half|time)){idiom}(?!['’]s\s+own){its_rate}{of_things}"
        ),
        # Each one of them is all of them.
        _compiled(rf"(?<!\bvar och )(?<!\bvart och )(?:en|ett)(?:{_SIGN}|(?=\s+(?:{further})\b){idiom}|(?=\s+av\b){of_saker})"),
        _compiled(rf"(?<!\bde )enda(?!\w){of_saker}"),
        _compiled(r"(?:only|just|solely)(?=\s+(?:he|she|him|her|herself|himself)\b)"),
        _compiled(rf"(?:the|its|their|an|(?<=['’])s)\s+only(?!\s+ones\b){of_things}"),
        _compiled(rf"(?:single|sole|ensamstående)(?![\w-]){of_things}"),
        _compiled(rf"both(?!\w)(?![^.!?;]*\band\b){of_things}"),
        _compiled(rf"(?:båda|bägge)(?!\w){of_saker}"),
        _compiled(r"(?:enpersons|ettpersons|enmans|enbarns)[^\W\d_]*|(?:en|ett|one)-(?:person|man|woman|child)[^\W\d_]*"),
        _compiled(rf"(?:en|ett)\s+(?:{_listed('said alone')})(?:{_SIGN}|(?=\s+(?:{further})\b))"),
        _compiled(rf"(?:någon|nån)\s+(?={further}\b)"),
        _compiled(rf"(?:was|were|is|are|equals|var|är|blev|only|just|bara)\s+(?:{_NONE})(?!\w)|(?:{_NONE})\s+(?:{nouns})"),
        _compiled(rf"{_STRESSED}\s+(?:an?|one|en|ett|enda)\s+(?:{word}){{0,2}}?(?:{nouns}|{people})"),
        _compiled(rf"(?:an?|en|ett)\s+(?:{word}){{0,2}}?(?:{nouns}|{people})\w*\s+(?:{word}){{0,2}}?{_TOLD}\b"),
    )


@functools.cache
def _turns() -> re.Pattern[str]:
    begin = rf"^\W*(?:(?:in|i|av|of|för|for|to|till)\s+)?(?:{_listed('turns')})(?!\w)"
    within = r"(?<!\w)(?:there|där|the municipality|the county|kommunen|länet)(?!\w)"
    # "There are", and who there is, begin anew.
    return re.compile(rf"{begin}|{within}(?!\s+(?:is|are|was|were|som|är|finns)\b)", re.IGNORECASE)


@functools.lru_cache(maxsize=8)
def _measures_with_one(_programme: Programme) -> re.Pattern[str]:
    """The names of measures that have one of something in them."""
    measures = {name for table in metadata.tables() for name in table.measures}
    names = {metadata.measure(name).label(language) for name in measures for language in metadata.languages}
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if one_counted().search(name))
    return re.compile(rf"(?<!\w)(?:{listed or '(?!)'})(?!\w)", re.IGNORECASE)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){pattern}", re.IGNORECASE)


def _things(language: str) -> str:
    """What counts nobody, inflected; in Swedish also as the last part of a longer word."""
    words = sorted(_data(language)["things"], key=len, reverse=True)
    if language == "en":
        return rf"(?:{'|'.join(words)})(?:y|ies|s|es|ries)?(?:['’]s?)?(?!\w)"
    ends = "er|ar|or|en|et|n|t|na|na|erna|arna|orna|ns|ens|ets|erna|ernas|arnas|ornas|nas|s|ner|nerna"
    stems = "|".join(
        rf"{word[:-1]}(?:a|as|an|ans|or|ors|orna|ornas)" if word.endswith("a") else rf"{word}(?:{ends})?" for word in words
    )
    return rf"[^\W\d_]*(?:{stems})(?!\w)"


def _listed(key: str, *of: str) -> str:
    """The words of these languages, of all where none is named."""
    words = {word for language in of or metadata.languages for word in _data(language)[key]}
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=lambda word: (-len(word), word)))


def _data(language: str) -> dict[str, list[str]]:
    words: dict[str, list[str]] = declared_in("kvarn.disseminate.narrative", "words.yml").values[language]
    return words
