"""``reports/allowed-digits.yml``: the numbers that may be typed, each with the words around it and the reason."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kvarn.base.yaml_files import read_input
from kvarn.disseminate.narrative._numbers import before_noun, counted_in, numbers_in, plain_character
from kvarn.disseminate.narrative._places import places_in
from kvarn.errors import InputError

__all__ = ["ALLOWED_DIGITS", "Allowed", "Entry", "read_allowed"]

ALLOWED_DIGITS = "allowed-digits.yml"
_LANGUAGES = ("sv", "en", "both")
_CODE = "code"
_TEXT = "tag:yaml.org,2002:str"
_SECTIONS = (*_LANGUAGES, _CODE)
_LONGEST = 120
# The base of a rate is a number before what is counted, and no count.
_ENDS_IN_NUMBER = re.compile(r"(?<![^\W\d_])\d+$")
_BASE = re.compile(r"(?:\bper|\bav|\bof)\s+1[ ,]000$")
_WHOLE_BASE = re.compile(r"(?:per|av|of|gånger|times)\s+1[ ,]000(?:\s+(?:invånare|inhabitants))?", re.IGNORECASE)
# So many words between a place and a number that is allowed elsewhere make it the place's.
_BESIDE_PLACE = 2
_SENTENCE = re.compile(r"[.!?](?=\s)|\n\s*\n")


@dataclass(frozen=True)
class Entry:
    """Words with a number in them that may be typed as they stand."""

    words: str
    language: str
    line: int
    pattern: re.Pattern[str]
    # The first number in it, by which most texts are told not to hold it.
    number: str


@dataclass
class Allowed:
    """The list, and which of its entries have been met.

    Attributes
    ----------
    code
        The names of arguments that may be given a number in the code of a present notebook, each with its line.
    """

    file: Path
    entries: tuple[Entry, ...]
    code: dict[str, int]
    met: set[str] = field(default_factory=set)

    def covered(self, text: str, language: str | None) -> set[int]:
        """The places in a text that entries of the language cover (of any language, where it is None)."""
        places: set[int] = set()
        folded = text.casefold()
        for entry in self.entries:
            if entry.number not in folded or (language is not None and entry.language not in (language, "both")):
                continue
            for found in entry.pattern.finditer(text):
                # "In 2015 persons" would be a count that begins as an allowed year does.
                counted = _ENDS_IN_NUMBER.search(found[0]) and not _BASE.search(" ".join(found[0].casefold().split()))
                if counted and before_noun(text, found.end()):
                    continue
                if _WHOLE_BASE.fullmatch(found[0]) is None and _beside_place(text, *found.span()):
                    continue
                places.update(range(found.start(), found.end()))
                self.met.add(f"{entry.language}: {entry.words}")
        return places

    def covers(self, name: str) -> bool:
        """Whether an argument of that name may be given a number."""
        if name in self.code:
            self.met.add(f"{_CODE}: {name}")
        return name in self.code

    def unmet(self) -> Iterator[tuple[str, int]]:
        """The entries that nothing written has needed, each with its line."""
        for entry in self.entries:
            if f"{entry.language}: {entry.words}" not in self.met:
                yield entry.words, entry.line
        yield from ((name, line) for name, line in self.code.items() if f"{_CODE}: {name}" not in self.met)

    def texts(self, language: str) -> list[str]:
        """The words of the entries of one language."""
        return [entry.words for entry in self.entries if entry.language in (language, "both")]


def read_allowed(file: Path) -> Allowed:
    """Read the list and check it.

    Raises
    ------
    InputError
        It is not there or not YAML, a section is unknown, an entry has no number, no words around its number or no reason, is
        there twice, or would allow a count of persons, events or municipalities. The error names file and line.
    """
    root = read_input(file, noun="the list of numbers that may be typed").root
    entries: list[Entry] = []
    code: dict[str, int] = {}
    for section, line, node in _pairs(root, file, 1):
        if section not in _SECTIONS:
            near = difflib.get_close_matches(section, _SECTIONS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(_SECTIONS)}."
            raise InputError(f"{section!r} is not known here.", file=file, line=line, field=section, remedy=hint)
        for words, at, reason in _pairs(node, file, line):
            if not (isinstance(reason, yaml.ScalarNode) and reason.tag == _TEXT and len(reason.value.strip()) > 3):
                raise InputError("The reason is missing.", file=file, line=at, field=words, remedy="Write it after the colon.")
            if section == _CODE:
                code[words] = at
                continue
            entry = _entry(words, section, file, at)
            if any(other.pattern == entry.pattern and other.language in (section, "both") for other in entries):
                raise InputError("The entry is there twice.", file=file, line=at, field=words, remedy="Keep one of them.")
            entries.append(entry)
    return Allowed(file, tuple(entries), code)


def _pairs(node: yaml.Node | None, file: Path, line: int) -> Iterator[tuple[str, int, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise InputError("A list of entries is needed here.", file=file, line=line, remedy="Write each as words: reason.")
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value


def _entry(words: str, language: str, file: Path, line: int) -> Entry:
    plain = "".join(map(plain_character, words))
    spoken = "en" if language == "en" else "sv"
    numbers = list(numbers_in(plain, spoken))
    if not numbers:
        raise InputError(
            "The entry holds no number.", file=file, line=line, field=words, remedy="Take it out; other words need no leave."
        )
    if not _has_words(plain, [(found.start, found.end) for found in numbers]) or len(words) > _LONGEST:
        raise InputError(
            "The entry is a bare number, or longer than a phrase.",
            file=file,
            line=line,
            field=words,
            remedy=f"Write the words around the number as they stand in the text, {_LONGEST} characters at most.",
        )
    for found in numbers:
        if before_noun(plain, found.end) and not _BASE.search(plain[: found.end].casefold()):
            raise InputError(
                f"The entry would allow a count: {found.written!r} stands before what is counted.",
                file=file,
                line=line,
                field=words,
                remedy="Declare the figure in reports/figures.yml and print it with {{< var name >}}.",
            )
    counted = not _WHOLE_BASE.fullmatch(plain) and next(iter(counted_in(plain)), None)
    if named := next(iter(places_in(plain)), None) or counted:
        raise InputError(
            f"The entry would allow a figure: {plain[slice(*named)]!r} stands in it, beside a number.",
            file=file,
            line=line,
            field=words,
            remedy="Declare the figure in reports/figures.yml and print it with {{< var name >}}.",
        )
    said = r"\s+".join(re.escape(part) for part in plain.split())
    # Not within a longer number or word, nor behind a variable that it would continue.
    pattern = re.compile(rf"(?<![\w\ufffc])(?<!\d[.,:\u2013-]){said}(?!\w)(?![.,:]\d)(?!\ufffc)", re.IGNORECASE)
    return Entry(words, language, line, pattern, numbers[0].written.split()[0].casefold())


def may_be_listed(words: str, language: str) -> bool:
    """Whether an entry of these words would be taken: none that allows a count, or a number beside a place, is."""
    try:
        _entry(words, language, Path(), 1)
    except InputError:
        return False
    return True


def _beside_place(text: str, start: int, end: int) -> bool:
    """Whether the name of a municipality or county stands within a few words of a passage, in its sentence."""
    before, after = _SENTENCE.split(text[:start])[-1], _SENTENCE.split(text[end:])[0]
    return any(len(before[at:].split()) <= _BESIDE_PLACE for _, at in places_in(before, country=False)) or any(
        len(after[:at].split()) <= _BESIDE_PLACE for at, _ in places_in(after, country=False)
    )


def _has_words(plain: str, numbers: list[tuple[int, int]]) -> bool:
    """Whether there is more than the numbers: words, or the letters of a code such as AB1."""
    for start, end in numbers:
        plain = plain[:start] + re.sub(r"(?<!\w)\w+(?!\w)", _without_number, plain[start:end]).ljust(end - start) + plain[end:]
    return re.search(r"[^\W\d_]{2}", plain) is not None


def _without_number(found: re.Match[str]) -> str:
    """The letters of a code; nothing of a number word."""
    return re.sub(r"\d", " ", found[0]) if any(sign.isdigit() for sign in found[0]) else ""
