"""Who else can get at a store: a folder that kvarn did not make keeps its modes, so somebody must be told of them."""

from __future__ import annotations

import stat
from pathlib import Path

from kvarn.errors import InputError

__all__ = ["refuse_open_store", "warning_of_modes"]

_OTHERS = 0o077
_ENTER = 0o011
_EVERYBODY_WRITES = 0o002


def refuse_open_store(store: Path) -> None:
    """Refuse a store whose microdata others can read, or that everybody can write into.

    Raises
    ------
    InputError
        It is so. What lies in a project's ``restricted/`` has been mended before.
    """
    mode = _mode(store)
    if mode is None:
        return
    if mode & _EVERYBODY_WRITES:
        raise InputError(
            "Everybody can write into this folder: what is taken in could be removed or exchanged.",
            file=store,
            remedy=f"Take that right away (chmod go-rwx {store}), or give a folder that is yours alone.",
        )
    if mode & _ENTER:
        for path in sorted(store.iterdir()):
            if (_mode(path) or 0) & _OTHERS and (path.name.startswith("ledger.") or path.name == "rows"):
                raise InputError(
                    "Others can read the microdata in this register.",
                    file=path,
                    remedy=f"Take that right away: chmod -R go-rwx {store}",
                )


def warning_of_modes(store: Path) -> str | None:
    """What to tell of a folder that others can look into; None where nobody can, or there is none yet."""
    mode = _mode(store)
    if mode is None or not mode & _OTHERS:
        return None
    return (
        f"warning: {store} is open to others (mode {mode & 0o777:03o}) and stays so. What is taken in is for you alone, but its "
        f"names can be seen: chmod go-rwx {store}"
    )


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
