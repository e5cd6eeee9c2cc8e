"""Who is at work, as the operating system knows it: told for a record, and proof of nothing."""

from __future__ import annotations

import contextlib
import getpass
import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["Account", "account"]

_LOGIN = Path("/proc/self/loginuid")
# What Linux says where nobody has logged in, as of a service.
_NOBODY = 2**32 - 1


class Account(NamedTuple):
    """An account of the operating system.

    Attributes
    ----------
    name
        By whose rights the process runs.
    login
        Who has logged in, where the system keeps that (Linux with auditing): it stays the same through `su` and `sudo`; else
        the same as `name`.
    """

    name: str
    login: str


def account() -> Account:
    """The account of this process. Where the system knows users by numbers, no variable of the environment is asked."""
    if not hasattr(os, "getuid"):
        name = getpass.getuser()
        return Account(name, name)
    name = _named(os.getuid())
    login = _NOBODY
    with contextlib.suppress(OSError, ValueError):
        login = int(_LOGIN.read_text(encoding="ascii"))
    return Account(name, name if login == _NOBODY else _named(login))


def _named(number: int) -> str:
    import pwd

    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:
        return f"user {number}"
