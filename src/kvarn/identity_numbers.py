"""Names and texts from outside, without what looks like the identity number of a person.

>>> without_identity_numbers("DEATH_0114_202301_19121212-1212.txt")
'DEATH_0114_202301_•••••••••••••.txt'
"""

from __future__ import annotations

import re

__all__ = ["without_identity_numbers"]

# Of 10 or 12 digits, with or without a sign or space before the last four, or with the date in parts; a longer run is none.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:(?:\d{2})?\d{6}|\d{4}-\d\d-\d\d)[-+ ]?\d{4}(?!\d)")


def without_identity_numbers(text: str) -> str:
    """Text in which a dot stands for each character of what looks like an identity number."""
    return _IDENTITY_NUMBER.sub(lambda found: "•" * len(found[0]), text)
