"""What lies in `restricted/` is its owner's alone, before a command begins and after it has ended, whichever it is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from kvarn.base.leftovers import sweep
from kvarn.base.modes import make_private, private
from kvarn.cli._app import tell_of_modes

__all__ = ["all_private"]

_ASKS_ONLY = ("--help", "-h", "--version", "--show-completion", "--install-completion")


@contextlib.contextmanager
def all_private(arguments: Sequence[str]) -> Iterator[None]:
    """Let a command write for its owner alone, and mend what in the project's `restricted/` others could read.

    Mended before: what somebody has put there, such as deliveries that were copied, and what a run that was killed has left.
    Mended after: what a notebook or a library has made with modes of its own.
    """
    with private():
        if not arguments or any(word in _ASKS_ONLY for word in arguments):
            yield
            return
        tell_of_modes(_mended())
        try:
            yield
        finally:
            tell_of_modes(_mended())


def _mended() -> int:
    # Not above: whoever gives a command wrongly is told so before the code lists have been read.
    from kvarn.edition import VERIFICATIONS, project_root
    from kvarn.errors import EditionError

    try:
        restricted = project_root() / "restricted"
    except (EditionError, FileNotFoundError):
        # A command that needs a project says so itself.
        return 0
    if not os.access(restricted, os.R_OK | os.X_OK):
        # It is not there; or it is somebody else's, who mends it. What needs it says that it may not be read.
        return 0
    # A verification that was killed leaves a register.
    sweep(restricted / VERIFICATIONS)
    return make_private(restricted) if restricted.is_dir() else 0
