"""Names from outside as text that can be kept: whatever bytes a file system holds."""

from __future__ import annotations

import os

__all__ = ["in_letters"]


def in_letters(name: str) -> str:
    """A name of a file system, with ``\\xff`` in place of each byte that is no letter in UTF-8.

    Ledger, receipts and tables can hold no other text than Unicode.
    """
    try:
        name.encode()
        return name
    except UnicodeEncodeError:
        # A name that is no text in another way (from an archive, say) keeps what can be kept of it.
        try:
            return os.fsencode(name).decode("utf-8", "backslashreplace")
        except UnicodeEncodeError:
            return name.encode("utf-8", "backslashreplace").decode()
