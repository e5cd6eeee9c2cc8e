"""What is wrong with a passage, where, and how it is put right; and the one error that tells all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kvarn.disseminate.narrative._allowed import ALLOWED_DIGITS, Allowed, may_be_listed
from kvarn.disseminate.narrative._links import LINK_REMEDY
from kvarn.disseminate.narrative._numbers import foreign_character, numbers_in
from kvarn.disseminate.narrative._ones import ones_beside
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._reading import Passage
from kvarn.errors import EditionError, InputError, place

__all__ = ["Fault", "error_of", "fault_of_one", "faults_in", "in_parameters", "joined_variables"]

_MOST_PRINTED = 20
_AROUND = 3
_PARTED = re.compile(r"(?<=[^\W\d_])[*_~^]*\ufffc+[*_~^]*(?=[^\W\d_])")
# Of two figures with nothing, or with a sign that stands within numbers, between them anybody could put together any number.
_JOINED = re.compile(r"\ufffc[*_~^.,:;'’/\\\-\u2010\u2011\u2212\u00b7\u00a0\u202f]*\ufffc")
_MARKS = "Show numbers by a chart or a table of a present notebook; write each word and sign once."
_DECLARE = (
    "Declare the figure in reports/figures.yml and print it with {{< var name >}}; years of the edition are "
    "{{< var reference_year >}}, first_year, previous_year, next_year and series_years. "
)
_NUMBER = (
    f"{_DECLARE}Only what is no figure of the statistics, such as the number of a statute, is allowed, with the words around it, "
    f"in reports/{ALLOWED_DIGITS}"
)


@dataclass(frozen=True)
class Fault:
    """One thing that may not be published as it is written.

    Attributes
    ----------
    field
        The cell, key or words, where file and line do not tell.
    entry
        The entry of ``allowed-digits.yml`` that would allow it, where one can.
    """

    what: str
    remedy: str
    file: Path
    line: int | None = None
    field: str | None = None
    entry: str | None = None

    @property
    def where(self) -> str:
        """The file, line and cell, as errors name them."""
        return place(self.file, self.line, self.field) or ""


def faults_in(
    read: Passage, file: Path, language: str | None, allowed: Allowed, *, field: str | None = None, of_place: bool = False
) -> Iterator[Fault]:
    """The numbers of a passage that the list does not cover, and the characters that nobody could check.

    Parameters
    ----------
    language
        That of the passage; None where both may stand in it.
    of_place
        Whether it stands under the name of a place.
    """
    for at, character in enumerate(read.written):
        if why := foreign_character(character):
            yield Fault(
                f"{character!r} (U+{ord(character):04X}) is {why}.",
                "Take it out, or write it in words.",
                file,
                read.line(at),
                field,
            )
            return
    for written, line in read.links:
        yield Fault(f"A link leads where no publication does: {written[:60]!r}.", LINK_REMEDY, file, line, field)
    for parted in _PARTED.finditer(read.text):
        yield Fault(
            f"A variable stands within a word: {_words_around(read, parted.start(), parted.end())!r}.",
            "Put a space or a mark of punctuation beside it, or let a text of reports/figures.yml say the whole word.",
            file,
            read.line(parted.start()),
            field,
        )
    for start, end in ones_beside(read.text, of_place=of_place):
        yield fault_of_one(read, start, end, file, field, "beside" if places_in(read.text, country=False) else "below")
    numbers = sorted(numbers_in(read.text, language or "both"), key=lambda found: (found.start, -found.end))
    covered = allowed.covered(read.text, language) if numbers else set()
    last = -1
    for found in numbers:
        if found.start < last or all(at in covered for at in range(found.start, found.end) if not read.text[at].isspace()):
            continue
        last = found.end
        written, words = read.written[found.start : found.end].strip(), _words_around(read, found.start, found.end)
        section, entry = language or "both", words.strip(" ….,;")
        marks = found.kind == "row of equal marks"
        listed = not marks and may_be_listed(entry, section)
        yield Fault(
            f"The {found.kind} {' '.join(written.split())!r} is typed in: {words!r}.",
            _MARKS if marks else _NUMBER,
            file,
            read.line(found.start),
            field,
            f'{section}: "{_quoted(entry)}": why' if listed else None,
        )


def fault_of_one(read: Passage, start: int, end: int, file: Path, field: str | None, where: str) -> Fault:
    """The fault of one, both or none who are counted in a place."""
    return Fault(
        f"One who is counted is typed in {where} the name of a place: {_words_around(read, start, end)!r}.",
        f"In a place one is a figure too, and so are both and none. {_NUMBER}",
        file,
        read.line(start),
        field,
    )


def in_parameters(fault: Fault, key: str, params: Path, line: int | None, instead: str) -> Fault:
    """A fault in the words of a file of parameters, where no variable can be printed: `instead` says what to write there."""
    return replace(fault, remedy=fault.remedy.replace(_DECLARE, instead), file=params, line=line, field=key)


def joined_variables(read: Passage, file: Path) -> Iterator[Fault]:
    """Where two variables stand with nothing that parts them: each is accounted for, and the number that they make is not."""
    for joined in _JOINED.finditer(read.written):
        yield Fault(
            f"Two variables would be read as one number: {_words_around(read, joined.start(), joined.end())!r}.",
            "Put words or a space between them.",
            file,
            read.line(joined.start()),
        )


def _quoted(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"')


def _words_around(read: Passage, start: int, end: int) -> str:
    before = re.split(r"\s+", read.written[:start])[-_AROUND - 1 :]
    after = re.split(r"\s+", read.written[end:])[: _AROUND + 1]
    words = " ".join(before) + read.written[start:end] + " ".join(after)
    return " ".join(words.replace("\ufffc", "…").replace("\ufff9", "…").split())


def error_of(faults: Sequence[Fault], params: Path | None = None) -> InputError | EditionError:
    """The error that names every fault, each with its place; the remedies of the first of each kind.

    Where all of them are in the file of parameters (`params`), it is that which is wrong.
    """
    first = faults[0]
    what, remedy = first.what, first.remedy + (f", as\n          {first.entry}" if first.entry else "")
    if len(faults) > 1:
        said = [f"{len(faults)} passages cannot be published as they are written:"]
        said += [f"  - {fault.where}: {fault.what}" for fault in faults[:_MOST_PRINTED]]
        if len(faults) > _MOST_PRINTED:
            said.append(f"  … and {len(faults) - _MOST_PRINTED} more")
        what = "\n".join(said)
        remedies = list(dict.fromkeys(fault.remedy for fault in faults[:_MOST_PRINTED]))
        entries = [fault.entry for fault in faults[:_MOST_PRINTED] if fault.entry]
        remedy = "\n          ".join([*remedies, *([f"as, for example: {entries[0]}"] if entries else [])])
    if all(fault.file == params for fault in faults):
        return EditionError(what, file=first.file, line=first.line, key=first.field, remedy=remedy)
    return InputError(what, file=first.file, line=first.line, field=first.field, remedy=remedy)
