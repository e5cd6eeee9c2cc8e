"""Names and texts from outside, without what looks like the identity number of a person.

>>> without_identity_numbers("DEATH_0114_202301_19121212-1212.txt")
'DEATH_0114_202301_•••••••••••••.txt'
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = [
    "has_identity_number",
    "without_identity_numbers",
    "without_identity_numbers_in_path",
    "without_likely_identity_numbers",
]

# Of 10 or 12 digits, with or without a sign before the last four, or with the date in parts; a longer run is none. A number that
# a care provider has given has a letter in the place of one of the four. Before a "_" only a day is: delivered files are named by
# a code, a month and more.
_IDENTITY_NUMBER = re.compile(
    r"(?<!\d)(?:(?:(?:\d{2})?\d{6}|\d{4}-\d\d-\d\d)[-+ ]?|(?:\d{2})?\d\d(?:0[1-9]|1[0-2])\d\d_)"
    r"(?:\d{4}(?!\d)|[A-Z]\d{3}(?![0-9A-Za-z]))"
)


def without_identity_numbers(text: str) -> str:
    """Text in which a dot stands for each character of what looks like an identity number."""
    return _IDENTITY_NUMBER.sub(_dots, text)


def without_identity_numbers_in_path(path: Path | str) -> str:
    """A path in which dots stand for what looks like one in the file's name, and in a folder's for what can be one: a folder is
    named by a day and a time more often, and has to be found.

    >>> without_identity_numbers_in_path("20240115-1231/DEATH_20240115-1231.txt")
    '20240115-1231/DEATH_•••••••••••••.txt'
    """
    folders, sign, name = str(path).rpartition("/")
    return without_likely_identity_numbers(folders) + sign + without_identity_numbers(name)


def without_likely_identity_numbers(text: str) -> str:
    """Text in which dots stand for what can be an identity number by its day and check digit: other numbers stay.

    >>> without_likely_identity_numbers("DEATH_19121212-1212.txt has 1234567890 bytes")
    'DEATH_•••••••••••••.txt has 1234567890 bytes'
    """
    return _IDENTITY_NUMBER.sub(lambda found: _dots(found) if _can_be_one(found[0]) else found[0], text)


def has_identity_number(text: str) -> bool:
    """Whether a text has what can be an identity number by its day and check digit, as few times of day are; one that a care
    provider has given has no check digit.

    >>> has_identity_number("restricted/19121212-1212"), has_identity_number("restricted/20240115-1231")
    (True, False)
    """
    return any(_can_be_one(found[0]) for found in _IDENTITY_NUMBER.finditer(text))


def _dots(found: re.Match[str]) -> str:
    return "•" * len(found[0])


def _can_be_one(written: str) -> bool:
    ten = "".join(filter(str.isalnum, written))[-10:]
    # The day of a coordination number is sixty more.
    month, day = int(ten[2:4]), int(ten[4:6]) % 60
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(ten) if sign.isdigit()]
    right = len(doubled) < len(ten) or sum(part // 10 + part % 10 for part in doubled) % 10 == 0
    return 1 <= month <= 12 and 1 <= day <= 31 and right
