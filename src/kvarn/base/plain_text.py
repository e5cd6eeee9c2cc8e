"""What must not stand in a text that readers are shown: what moves, hides or turns it."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["LONGEST_LINE", "in_one_piece", "unseen"]

LONGEST_LINE = 1000
# Control and format characters, separators of lines and paragraphs, what is no character.
_REFUSED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# A soft hyphen is of the category Cf, and does no harm.
_ALLOWED = "\u00ad"


def unseen(text: str) -> str | None:
    """The first character of a text that is not seen, as ``U+202E``; None where there is none."""
    for sign in text:
        if unicodedata.category(sign) in _REFUSED and sign not in _ALLOWED:
            return f"U+{ord(sign):04X}"
    return None


def in_one_piece(text: str) -> str:
    """A text whose numbers do not break over two lines: ``1 000`` with a no-break space.

    >>> in_one_piece("per 1 000 inhabitants") == "per 1\u00a0000 inhabitants"
    True
    """
    return re.sub(r"(?<=\d) (?=\d{3}\b)", "\u00a0", text)
