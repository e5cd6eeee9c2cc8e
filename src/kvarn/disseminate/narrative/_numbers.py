"""Numbers in every guise that a reader can read: digits, number words, Roman numerals, and marks that can be counted."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kvarn.base.package_files import declared_in

__all__ = [
    "Found",
    "before_event",
    "before_noun",
    "counted_in",
    "foreign_character",
    "names_elsewhere",
    "number_words",
    "numbers_in",
    "one_counted",
    "plain_character",
    "plain_text",
]

# What a variable or a cross-reference leaves in a text: neither a letter nor a digit.
VARIABLE, REFERENCE = "\ufffc", "\ufff9"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DIGITS = re.compile(r"[^\W\d_]*\d\w*(?:[ .,:/\u2013-]\d\w*)*")
_ROMAN = re.compile(r"(?=.)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_ROMAN_LETTERS = frozenset("VXLCDM")
# What is read as a word, a unit or an abbreviation, and as a numeral only before what is counted or behind "was": every other
# numeral is one.
_NO_ROMAN = frozenset(
    ("mix", "div", "cli", "di", "mi", "li", "ml", "cl", "dl", "mm", "cm", "dm", "cc", "cv", "cd", "md", "mc", "dc", "ci")
)
_WORDS_IN = {"sv": frozenset(("vi",)), "en": frozenset(), "both": frozenset(("vi",))}
# One letter is a numeral unless it begins or ends an abbreviation, or belongs to what stands beside it.
_ONE_LETTER = re.compile(r"(?<![\w.:'’/\\=%@#&+-])[VXLCDMvxlcdm](?![\w:'’/\\=%@+-]|\.\s*[^\W\d_])")
_SAID_OF_COUNT = re.compile(
    r"(?:\b(?:was|were|is|are|be|been|being|became|numbered|totalled|equals?|var|är|blev|vara|varit|utgjorde|uppgick till)|[:=])"
    r"\s*$",
    re.IGNORECASE,
)
# What is read as a digit: O as zero, I and l as one, Z as two.
_LOOK_ALIKE = re.compile(r"[OoIlLZzSBQ]{1,4}")
_VOWEL = re.compile(r"[aeiouyåäöéèêüæøáíóú]", re.IGNORECASE)
_MAY_STAND_BEFORE = re.compile(r"[\s\ufffc\ufff9&/+\u2013\u2014·•…|<>%*_=-]+")
_SYMBOL = re.compile(
    r"\b(?:symbols?|symbolen|symbolerna|tecken|tecknet|tecknen|marked|märkt|märkta)\s+[\"'“”’«»]?$", re.IGNORECASE
)
_EXPLAINED = re.compile(r"\s*[\"'”’»]?\s+(?:means|stands for|betyder|står för)\b", re.IGNORECASE)
# Of a reference to a table, and of a section's name at the end of a sentence.
_NO_LOOK_ALIKE = re.compile(r"tbl|fig|sec|[A-Z]\.")
_LETTERS_ALONE = frozenset("aAiIåÅöÖ")
_ABBREVIATIONS = frozenset(
    ("CC", "CD", "CI", "CL", "CM", "CV", "DC", "DI", "DL", "DIV", "DM", "LI", "MC", "MD", "MDC", "MI", "MIX", "ML", "MM", "CLI")
)
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][ -]){2,}[^\W\d_](?!\w)")
# A word is broken by any sign, and by a hyphen also where the next line goes on with it.
_BROKEN = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:(?:[^\w\s\ufffc\ufff9]+|-[ \t]*\n\s*)[^\W\d_]+)+")
_INITIALS = re.compile(r"(?<!\w)([^\W\d_])(?:\.\s*\1){2,}(?!\w)", re.IGNORECASE)
_THRICE = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
# Signs that punctuation may have twice; any other sign twice can be counted.
_MAY_BE_TWICE = re.compile(r"\.{2,3}(?!\s*\.)|-{2,3}(?![\s-]*-)|([()\[\]{}\"'\u201d\u2019\u00bb\u00ab])(?:\1|\s+\1)(?!\s*\1)")
_SIGNS = re.compile(r"([^\w\s\ufffc\ufff9])(?:\s*\1)+")
_SAME_LETTER = re.compile(r"(?<!\w)([^\W\d_])(?:[\s,;/|-]+\1)+(?!\w)", re.IGNORECASE)
_SAME_WORD = re.compile(r"(?<!\w)([^\W\d_]{2,})(?:[\s,;/|.-]+\1){2,}(?!\w)", re.IGNORECASE)
# Dashes of any length in a row are dots to be counted; two or three hyphens together are a dash.
_DASHES = re.compile(r"(?![-]{2,3}(?![\s,;]*[-\u2012-\u2015]))[-\u2012-\u2015](?:[\s,;]*[-\u2012-\u2015]){2,}")
# Lines to be counted, and signs that come back together: (), (), () and .-.-.
_LINES = re.compile(r"_(?:[\s,;]+_)+|(?<![^\W_])_{3,}(?![^\W_])")
_GROUPS = re.compile(r"(?<!\S)([^\w\s\ufffc\ufff9]{2,4}?)(?:[\s,;]+\1){2,}|([^\w\s\ufffc\ufff9,]{2,3})\2+", re.ASCII)
_ONE_AND_ONE = re.compile(
    r"(?<!\w)(?:one|en|ett)\s+(?:plus|and|och|\+)\s+(?:yet\s+|ytterligare\s+|ännu\s+)?(?:one|another|en|ett)(?!\w)", re.IGNORECASE
)
_LONGEST_PARTED = 12
# In letters: nine hundred and ninety-nine billions and so on have a hundred. How far a word that is looked for can reach.
_LONGEST_NUMBER, _NEAR = 200, 400
_GAP, _TITLE, _HEAD_OF_TITLE = re.compile(r"[\s*_]+"), re.compile(r"[ \u00a0]+[A-ZÅÄÖ][a-zåäö]"), re.compile(r"[ #*_]*")
# Between a word and what is counted behind it.
_OPENING = "(\"'“”‘’«»*_"
# So many letters.
_SHORTEST_SPACED, _LONGEST_SPACED = 3, 24
_UNSEEN = ("Cf", "Cc", "Mn", "Me", "Mc", "Zl", "Zp", "Co", "Cn", "Cs")
# Further signs that are read and not counted: minus, times, comparisons, section, middle dot, bullet, quotation marks, per mille.
_READ_SIGNS = frozenset(
    "\u2212\u00d7\u00b1\u00f7\u2264\u2265\u2248\u2260\u00a7\u00b7\u2022\u00ab\u00bb\u201c\u201d\u2018\u2019\u2030\u00bf\u00a1"
)
_KNOWN_SIGNS = frozenset("\u00b0\u00a9\u00ae\u2122\u2190\u2192\ufffc")


@dataclass(frozen=True)
class Found:
    """A number in a text: where it stands, as it is written, and what it is."""

    start: int
    end: int
    written: str
    kind: str


# Compared by identity: there is one of a language, and it is asked for with every word of a text.
@dataclass(frozen=True, eq=False)
class _Words:
    number: re.Pattern[str]
    alone: re.Pattern[str]
    vague: re.Pattern[str]
    never: frozenset[str]
    behind: re.Pattern[str]


# Asked of every character that is written.
@functools.lru_cache(maxsize=4096)
def foreign_character(character: str) -> str | None:
    """Why a character may not stand in a text: it cannot be seen, is a picture, or is a letter of another alphabet."""
    if ord(character) < 128 or character in "åäöÅÄÖéÉ–—”’\u00a0\u202f\u2026" or character in _KNOWN_SIGNS | {REFERENCE}:
        return None if character in "\n\t" or ord(character) >= 32 else "a character that cannot be seen"
    kind = unicodedata.category(character)
    if kind in _UNSEEN:
        return "a character that cannot be seen, or that changes the one before it"
    if kind in ("So", "Sk"):
        return "a picture, which can be counted"
    if kind in ("Sm", "Po") and character not in _READ_SIGNS:
        return "a sign whose dots or strokes can be counted"
    if kind.startswith("L") and not _latin(character):
        return "a letter of another alphabet, or a look-alike"
    return None


def _latin(character: str) -> bool:
    plain = unicodedata.normalize("NFKC", character)
    # The letters of European names, and no signs of phonetics or old scripts: some of those are read as figures.
    return (
        plain == character and ord(character) <= 0x17F and character not in "ßſ" and "LATIN " in unicodedata.name(character, "")
    )


def plain_character(character: str) -> str:
    """A character as it is read: any kind of digit as a digit, any kind of space as a space."""
    if ord(character) < 128:
        return character
    if unicodedata.category(character).startswith("N") or unicodedata.numeric(character, None) is not None:
        value = unicodedata.numeric(character, 0)
        return str(int(value)) if value == int(value) and 0 <= value < 10 else "9"
    if unicodedata.category(character) == "Zs":
        return " "
    return character


def plain_text(text: str) -> str:
    """A text as it is read: any kind of digit as a digit, and without what cannot be seen."""
    seen = (sign for sign in unicodedata.normalize("NFC", text) if ord(sign) < 128 or unicodedata.category(sign) not in _UNSEEN)
    return "".join(map(plain_character, seen))


def number_words(language: str) -> re.Pattern[str]:
    """What a whole word in small letters matches if it is a number; "one" is one, and counts as none elsewhere."""
    return _words_of(language).number


@functools.lru_cache(maxsize=8192)
def numbers_in(text: str, language: str) -> tuple[Found, ...]:
    """Every number in a text of plain characters; "one" alone is none.

    Most texts are looked at several times: as written, as a block, and as a part of a sentence.

    Parameters
    ----------
    language
        ``sv``, ``en`` or ``both``. The number words of both languages count, but those that mean something else in this
        one only before what is counted.
    """
    return tuple(_numbers_in(text, language))


def _numbers_in(text: str, language: str) -> Iterator[Found]:
    for found in _DIGITS.finditer(text):
        yield Found(found.start(), found.end(), found[0], "number")
    words = _words_of(language)
    for found in _WORD.finditer(text):
        if kind := _kind_of_word(found[0], text, found.end(), words, _WORDS_IN[language]):
            yield Found(found.start(), found.end(), found[0], kind)
    others = len(re.findall(r"[^\W\d_]", text)) > 1
    for found in _ONE_LETTER.finditer(text):
        if others and not _is_letter_of_its_own(text, found.start(), found.end()):
            yield Found(found.start(), found.end(), found[0], "Roman numeral")
    yield from _before_what_is_counted(text)
    yield from _added_up(text)
    yield from _parted(text, words)
    for found in words.vague.finditer(text):
        yield Found(found.start(), found.end(), found[0], "number word")
    for found in _SPACED.finditer(text):
        # A letter beside them may be a word: "t r e i Haninge".
        letters = [at for at in range(found.start(), found.end()) if text[at] not in " -"]
        said = "".join(text[at] for at in letters)
        # No number word is longer: of a text of thousands of letters not every part is looked at.
        parts = (
            (first, last)
            for first in range(len(letters))
            for last in range(first + _SHORTEST_SPACED, min(first + _LONGEST_SPACED, len(letters)) + 1)
            if _is_number(said[first:last], words)
        )
        for first, last in itertools.islice(parts, 1):
            yield Found(letters[first], letters[last - 1] + 1, text[letters[first] : letters[last - 1] + 1], "number word")
    for found in _BROKEN.finditer(text):
        if _is_number("".join(filter(str.isalpha, found[0])), words):
            yield Found(found.start(), found.end(), found[0], "number word")
    yield from marks_in(text)


def _is_letter_of_its_own(text: str, start: int, end: int) -> bool:
    """Whether a letter is told to be a symbol, or is the letter of a section at the head of its title."""
    if _SYMBOL.search(text, max(start - _NEAR, 0), start) or _EXPLAINED.match(text, end):
        return True
    at_head = _HEAD_OF_TITLE.fullmatch(text, 0, start) is not None
    return at_head and _TITLE.match(text, end) is not None and not before_noun(text, end)


def _before_what_is_counted(text: str) -> Iterator[Found]:
    """Before what is counted stands a word that can be spoken, or a sign that joins words: "ZO persons" is neither."""
    for start, _ in counted_in(text):
        begin, end = _word_before(text, start)
        written = text[begin:end]
        if not written or _MAY_STAND_BEFORE.fullmatch(written) or _NO_LOOK_ALIKE.fullmatch(written):
            continue
        word = written.strip("()[]{}\"'“”‘’«»*_.,;:!?…–—-")
        if not any(map(str.isalnum, word)):
            looks = any(sign not in "()\"'“”‘’«»*_.,;:!?…–—-" for sign in written) or len(written) > 1
        elif any(map(str.isdigit, word)):
            continue
        else:
            last = re.split(r"[^\w]+", re.sub(r"['’]s$", "", word))[-1]
            alone = len(last) == 1 and last not in _LETTERS_ALONE
            mixed = len(last) <= 4 and any(map(str.isupper, last[1:])) and not last.isupper()
            digits = _LOOK_ALIKE.fullmatch(last) is not None and last not in _LETTERS_ALONE
            looks = alone or mixed or digits or (_VOWEL.search(last) is None and not last.isupper())
        if looks:
            yield Found(begin, end, written, "sign that is read as a number")


def _word_before(text: str, start: int) -> tuple[int, int]:
    """Where the word before a place stands, with white space and opening marks between them; nothing where there is none."""
    while start and text[start - 1] in _OPENING:
        start -= 1
    end = start
    while end and text[end - 1].isspace():
        end -= 1
    begin = end if end < start else 0
    while begin and not text[begin - 1].isspace() and text[begin - 1] not in "\ufffc\ufff9":
        begin -= 1
    return (begin, end) if end < start else (0, 0)


def _added_up(text: str) -> Iterator[Found]:
    """Ones that are added up: one plus one, and one person, another person and one more person."""
    yield from (Found(found.start(), found.end(), found[0], "sum of ones") for found in _ONE_AND_ONE.finditer(text))
    for sentence in re.finditer(r"[^.!?]+", text):
        met: dict[str, int] = {}
        for found in _one_of().finditer(sentence[0].casefold()):
            met[found[1]] = met.get(found[1], 0) + 1
            if met[found[1]] == 3:
                begin = sentence.start() + found.start()
                yield Found(begin, sentence.start() + found.end(), text[begin : sentence.start() + found.end()], "sum of ones")


def _parted(text: str, words: _Words) -> Iterator[Found]:
    """Number words with a space in them: fif teen."""
    for found in re.finditer(r"(?=(?<![^\W\d_])([^\W\d_]+)[ \t]([^\W\d_]+)(?![^\W\d_]))", text):
        one, other = found[1], found[2]
        if len(one) + len(other) > _LONGEST_PARTED or any(words.number.fullmatch(part.casefold()) for part in (one, other)):
            continue
        if _is_number(one + other, words):
            yield Found(found.start(1), found.end(2), f"{one} {other}", "number word")


def _kind_of_word(word: str, text: str, end: int, words: _Words, own: frozenset[str]) -> str:
    whole = word.replace("-", "")
    if _is_number(whole, words) or any(_is_number(part, words) for part in word.split("-")) or _begins_with_number(whole, words):
        return "number word"
    if word.casefold() in words.never and before_noun(text, end):
        return "number word"
    if len(word) == 1 and word in _ROMAN_LETTERS and before_noun(text, end):
        return "Roman numeral"
    if word.casefold() in own and not word.isupper():
        return ""
    # What stands around it is looked at last: few words could be numerals.
    may_be = len(word) > 1 and _ROMAN.fullmatch(word.upper()) is not None and _listed(word)
    return "Roman numeral" if is_roman(word) or (may_be and _told(text, end - len(word), end)) else ""


def _told(text: str, start: int, end: int) -> bool:
    """Whether a word stands before what is counted, or behind "was" in a text that counts."""
    said = text[:start]
    return before_noun(text, end) or (_SAID_OF_COUNT.search(said) is not None and next(counted_in(said), None) is not None)


def _listed(word: str) -> bool:
    """Whether a numeral is one that is a word or an abbreviation elsewhere."""
    return word in _ABBREVIATIONS or word.casefold() in _NO_ROMAN


def is_roman(word: str) -> bool:
    """Whether a word of two letters or more is a Roman numeral, and no word or abbreviation that looks like one."""
    if len(word) < 2 or _ROMAN.fullmatch(word.upper()) is None:
        return False
    if word.isupper():
        return word not in _ABBREVIATIONS
    small = word.casefold()
    return small not in _NO_ROMAN and (len(small) > 2 or word.islower())


@functools.lru_cache(maxsize=16384)
def _is_number(word: str, words: _Words) -> bool:
    if len(word) > _LONGEST_NUMBER:
        return False
    # Thrée is read as three; the rings and dots of Swedish letters are the letters' own.
    bare = "".join(sign for sign in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(sign))
    return any(
        words.number.fullmatch(said) is not None and words.alone.fullmatch(said) is None and said not in words.never
        for said in (word.casefold(), bare)
    )


@functools.lru_cache(maxsize=16384)
def _begins_with_number(word: str, words: _Words) -> bool:
    """Such as trepersonershushåll: a number word, and what is counted or makes another word of it, written as one word."""
    said = word.casefold()
    if words.number.match(said) is None:
        return False
    for end in range(min(len(said) - 1, _LONGEST_NUMBER), 0, -1):
        number, rest = said[:end], said[end:]
        further = words.behind.match(rest) is not None or _noun().match(rest) is not None
        if further and words.number.fullmatch(number) and words.alone.fullmatch(number) is None:
            return True
    return False


def before_noun(text: str, end: int, language: str | None = None) -> bool:
    """Whether what ends there stands before something that is counted: persons, events, municipalities.

    Of a text in one language, a noun of the other that joins clauses in it is none.
    """
    found = _GAP.match(text, end)
    noun = _noun().match(text[found.end() : found.end() + _NEAR].casefold()) if found else None
    return noun is not None and (language is None or noun[0] not in _data()[language]["conjunctions"])


def before_event(text: str, end: int) -> bool:
    """Whether what ends there stands before what the serial numbers of codes may count."""
    events = _either([word for words in _data().values() for word in words["events"]])
    return re.match(rf"\s+(?:{events})(?!\w)", text[end:], re.IGNORECASE) is not None


def names_elsewhere() -> list[str]:
    """What places are called in other languages, or were: Gothenburg."""
    return [name for words in _data().values() for name in words["places"]]


def counted_in(text: str) -> Iterator[tuple[int, int]]:
    """Where a word for what is counted begins in a text, and where its known part ends."""
    for found in _WORD.finditer(text):
        noun = _noun().match(found[0].casefold())
        if noun is not None:
            yield found.start(), found.start() + noun.end()


def marks_in(text: str) -> Iterator[Found]:
    """Marks, letters and words that stand several times in a row, so that they can be counted."""
    for pattern in (_SIGNS, _DASHES, _LINES, _GROUPS, _SAME_LETTER, _INITIALS, _SAME_WORD, _THRICE):
        for found in pattern.finditer(text):
            if pattern is _SIGNS and _MAY_BE_TWICE.fullmatch(found[0].replace("\n", " ")):
                continue
            if pattern is _THRICE and text[found.start() : found.end()].casefold() == "www":
                continue
            yield Found(found.start(), found.end(), found[0], "row of equal marks")


@functools.cache
def _one_of() -> re.Pattern[str]:
    ones = r"(?:ytterligare |ännu |yet |just )?(?:one|another|an?|en|ett)"
    further = "(?: (?:more|other|further|till|annan|annat|single|enda))?"
    return re.compile(rf"(?<!\w){ones}{further}\s+({_noun().pattern})")


@functools.cache
def one_counted() -> re.Pattern[str]:
    """One who is counted, or by whom something differs: one person, a single old woman, en enda man, one fewer than."""
    ones = _either([word for words in _data().values() for word in words["ones"]])
    nouns = _stems([stem for stem in _noun_stems() if stem not in ("kommun", "municipalit")])
    # A large i is a one; "I fall" begins a Swedish sentence.
    numeral = rf"(?-i:I)\s+(?!fall)(?:{nouns})"
    # Beside a figure that is shown the difference is another one.
    differing = r"(?:one|another|en|ett)\s+(?:fewer|more|less|färre|fler|flera|mindre|mer)\s+(?:than|än)(?!\w)"
    one = rf"(?:(?:{ones})\s+(?:[^\W\d_]+\s+){{0,2}}?(?:{nouns})\w*|{differing})"
    return re.compile(rf"(?<![\w-])(?:{one}|{numeral})", re.IGNORECASE)


@functools.cache
def _data() -> Any:
    return declared_in("kvarn.disseminate.narrative", "words.yml").values


@functools.cache
def _noun() -> re.Pattern[str]:
    return re.compile(_stems(_noun_stems()))


def _noun_stems() -> list[str]:
    return sorted({stem for words in _data().values() for stem in words["nouns"]}, key=lambda stem: (-len(stem), stem))


def _stems(stems: list[str]) -> str:
    whole = {"män", "man", "men", "fall", "dead", "user", "case"}
    return "|".join(rf"{stem}(?:s|en|et|er|arna|erna)?(?!\w)" if stem in whole else stem for stem in stems)


@functools.cache
def _words_of(language: str) -> _Words:
    data = _data()
    never = frozenset(word for name, words in data.items() if language in (name, "both") for word in words["never"])
    pieces = {name: [piece for piece in words["pieces"] if piece not in never] for name, words in data.items()}
    alone = [*data["sv"]["alone"], *data["en"]["alone"]]
    vague = [phrase for words in data.values() for phrase in words["vague"]]
    nouns = _noun().pattern
    both = "|".join(word for words in data.values() for word in words["both"])
    return _Words(
        re.compile("|".join(f"(?:{_either(listed)})+" for listed in pieces.values())),
        re.compile(f"(?:{_either(alone)})"),
        re.compile(
            rf"(?<!\w)(?:(?:{_either(vague)})(?!\w)|(?:{both})\s+(?:of\s+(?:the\s+)?|the\s+|de\s+|av\s+)?(?={nouns}))",
            re.IGNORECASE,
        ),
        never,
        re.compile(_either([end for words in data.values() for end in words["behind"]])),
    )


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(set(words), key=len, reverse=True))
