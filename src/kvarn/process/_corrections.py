"""Persons with two identity numbers: the file that says which number is in force."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from kvarn.base.files import line_that_is_no_text
from kvarn.errors import InputError

__all__ = ["read_corrections"]

HEADER = ["from", "to"]
_NUMBER = re.compile(r"[0-9]{12}")
_REMEDY = "Write the old number and the number in force, 12 digits each, with a comma between them."


def read_corrections(path: Path) -> dict[str, str]:
    """The number in force for each number that is not, from a CSV ``from,to`` with one pair a line.

    A number in force can itself have been replaced on another line: the last of the chain is in force.

    Raises
    ------
    InputError
        The file cannot be read, has another header, or a line that is not two right numbers, that gives a number a second
        successor, or that leads back to where it began. The error says which line; it never quotes a number.
    """
    successor: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(path):
        if len(row) != len(HEADER):
            raise InputError(f"The line has {len(row)} fields instead of two.", file=path, line=line, remedy=_REMEDY)
        old, new = (_checked(number.strip(), path, line, field) for number, field in zip(row, HEADER, strict=True))
        if old in successor:
            raise InputError(
                f"The number has a successor on line {lines[old]} already.",
                file=path,
                line=line,
                field="from",
                remedy="Keep the line with the number that is in force.",
            )
        successor[old], lines[old] = new, line
    return {number: _last(number, successor, lines, path) for number in successor}


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines after the header, with their numbers; empty ones are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            if next(reader, None) != HEADER:
                raise InputError(
                    "The first line is not the header from,to.", file=path, line=1, remedy="Write from,to on the first line."
                )
            for row in reader:
                if row:
                    yield reader.line_num, row
    except OSError as error:
        raise InputError(
            f"The corrections cannot be read: {error.strerror}.", file=path, remedy="Correct data.persons in the edition."
        ) from None
    except (UnicodeDecodeError, csv.Error):
        # Neither error may be shown: both can quote what the file holds.
        remedy = "Save the file as CSV in UTF-8."
        raise InputError(
            "The corrections are not CSV in UTF-8.", file=path, line=line_that_is_no_text(path), remedy=remedy
        ) from None


def _checked(number: str, path: Path, line: int, field: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise InputError(
            "This is not an identity number of 12 digits; a reserve number cannot be joined to another.",
            file=path,
            line=line,
            field=field,
            remedy=_REMEDY,
        )
    if not _check_digit_is_right(number):
        raise InputError(
            "The check digit of the identity number is wrong.", file=path, line=line, field=field, remedy="Correct the number."
        )
    return number


def _check_digit_is_right(number: str) -> bool:
    """Luhn over the last ten digits, weights 2 and 1; the same for co-ordination numbers."""
    total = 0
    for place, digit in enumerate(number[2:]):
        product = int(digit) * (2 - place % 2)
        total += product // 10 + product % 10
    return total % 10 == 0


def _last(number: str, successor: Mapping[str, str], lines: Mapping[str, int], path: Path) -> str:
    passed: list[str] = []
    while number in successor:
        if number in passed:
            circle = sorted(lines[member] for member in passed[passed.index(number) :])
            said = ", ".join(map(str, circle))
            raise InputError(
                f"The numbers of these lines replace one another in a circle: {said}."
                if len(circle) > 1
                else "The number is said to replace itself.",
                file=path,
                line=circle[0],
                field="to",
                remedy="Take out the line that is wrong: one number must be in force.",
            )
        passed.append(number)
        number = successor[number]
    return number
