"""Words for a notebook kernel that ended before its notebook did: how, why probably, and what to do."""

from __future__ import annotations

import signal

__all__ = ["MEMORY_REMEDY", "how_it_ended"]

MEMORY_REMEDY = (
    "Close other programs or take a machine with more memory, or count fewer years or classifications at once in the cell"
)
"""What to do where memory ran out."""

_MEMORY = ("probably because memory ran out: the system ends the process that holds most", MEMORY_REMEDY)
_CRASH = (
    "because a library that is not written in Python crashed",
    "Run the cell by itself in JupyterLab to see which call it is; bring the library up to date, or leave that call out",
)
_BY_SOMEBODY = (
    "because somebody, or a limit of this machine, ended it",
    "See who ends programs here (a scheduler, a limit of time or memory)",
)
_ITSELF = (
    "because the notebook ended it: exit(), quit() or os._exit()",
    "Take that call out of the notebook: it ends by itself after its last cell",
)
_UNKNOWN = ("for a reason that is not known; most often memory has run out", _MEMORY[1])

_BY_SIGNAL = {
    "SIGKILL": _MEMORY,
    "SIGSEGV": _CRASH,
    "SIGABRT": _CRASH,
    "SIGILL": _CRASH,
    "SIGFPE": _CRASH,
    "SIGBUS": ("probably because the disk is full, or a file was cut while it was read", "Free some space on the disk"),
    "SIGTERM": _BY_SOMEBODY,
    "SIGHUP": _BY_SOMEBODY,
    "SIGINT": _BY_SOMEBODY,
    "SIGQUIT": _BY_SOMEBODY,
    "SIGXCPU": _BY_SOMEBODY,
}


def how_it_ended(code: int | None) -> tuple[str, str]:
    """How and probably why a kernel ended, by its exit code (negative: a signal), and what to do.

    Parameters
    ----------
    code
        As `subprocess` gives it; None where it is not known.
    """
    # 255: its keeper has gone as well.
    if code is None or code == 255:
        why, remedy = _UNKNOWN
        return f"The kernel of the notebook died, {why}.", f"{remedy}."
    if code < 0:
        name = _name_of(-code)
        why, remedy = _BY_SIGNAL.get(name, _UNKNOWN)
        return f"The kernel of the notebook died ({name}), {why}.", f"{remedy}."
    why, remedy = _ITSELF
    return f"The kernel of the notebook died (exit code {code}), {why}.", f"{remedy}."


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
