"""Names and texts from outside, without what looks like the identity number of a person.

>>> without_identity_numbers("DEATH_0114_202301_19121212-1212.txt")
'DEATH_0114_202301_•••••••••••••.txt'
"""

from __future__ import annotations

import re

__all__ = ["has_identity_number", "without_identity_numbers"]

# Of 10 or 12 digits, with or without a sign or space before the last four, or with the date in parts; a longer run is none.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:(?:\d{2})?\d{6}|\d{4}-\d\d-\d\d)[-+ ]?\d{4}(?!\d)")


def without_identity_numbers(text: str) -> str:
    """Text in which a dot stands for each character of what looks like an identity number."""
    return _IDENTITY_NUMBER.sub(lambda found: "•" * len(found[0]), text)


def has_identity_number(text: str) -> bool:
    """Whether a text has what can be an identity number by its day and check digit, as few times of day are.

    >>> has_identity_number("restricted/19121212-1212"), has_identity_number("restricted/20240115-1231")
    (True, False)
    """
    return any(_can_be_one("".join(filter(str.isdigit, found[0]))[-10:]) for found in _IDENTITY_NUMBER.finditer(text))


def _can_be_one(ten: str) -> bool:
    # The day of a coordination number is sixty more.
    month, day = int(ten[2:4]), int(ten[4:6]) % 60
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(ten))
    return 1 <= month <= 12 and 1 <= day <= 31 and sum(part // 10 + part % 10 for part in doubled) % 10 == 0
