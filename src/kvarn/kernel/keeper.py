"""`python -I -m kvarn.kernel.keeper DESCRIPTOR PROGRAM ARGUMENTS…`: a program, kept so that it leaves nothing running.

A keeper starts a kernel or a program, waits for its end, and then ends whatever that has started and left behind. It does nothing
else, and no notebook within a wall can reach it. The run and the keeper have the two ends of a socket that nobody else
holds: over it the keeper tells its own number and the kernel's and, when all has ended, how the kernel did. The run never says
anything: it closes its end when the kernel must end, and the system closes it when the run dies, however that comes about.

On Linux a keeper adopts the processes whose parents have ended (`PR_SET_CHILD_SUBREAPER`), so none gets away from it, whatever
session or group it has moved to. Elsewhere it ends the kernel's process group.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NoReturn

__all__ = ["ANSWER", "adopt_orphans", "children", "end_all", "keep", "reaped"]

ANSWER = struct.Struct("q")
"""A whole number: of a process, or how it ended, as `subprocess` gives it."""

_DIE_WITH_PARENT, _ADOPT_ORPHANS = 1, 36
_PATIENCE = 5.0
_LINUX = sys.platform == "linux"


def keep(run: int, become: Callable[[], object], others: Collection[int] = ()) -> NoReturn:
    """Fork the process that `become` makes a kernel or a program of, and keep it until it has ended or the run closes its end.

    Parameters
    ----------
    run
        The descriptor of the socket whose other end the run holds.
    others
        Further descriptors that the kernel must not have.
    """
    adopt_orphans()
    # The terminal's signals are for the run, which then closes its end.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    told_to_end: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told_to_end.append(number))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    keeper = os.getpid()
    kept = os.fork()
    if kept == 0:
        _begin(keeper, become, (run, ended, wake, *others))
    _answer(run, keeper)
    _answer(run, kept)
    codes: dict[int, int] = {}
    either = select.poll()
    either.register(run, select.POLLIN)
    either.register(ended, select.POLLIN)
    while kept not in codes and not told_to_end:
        ready = {descriptor for descriptor, _ in either.poll()}
        if run in ready:
            break
        with contextlib.suppress(BlockingIOError):
            os.read(ended, 4096)
        codes |= reaped()
    everything_ended = end_all(codes, _PATIENCE, group=kept)
    code = codes.get(kept, -signal.SIGKILL)
    _answer(run, code)
    # What the system does not let go at once (a disk that does not answer) is not given up.
    if not everything_ended:
        end_all(codes, group=kept)
    os._exit(code if code >= 0 else 128 - code)


def adopt_orphans() -> None:
    """Let processes below this one become its children when their parent ends; on Linux."""
    if _LINUX:
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


def end_all(codes: dict[int, int], patience: float | None = None, *, group: int | None = None) -> bool:
    """End every process below this one; those that are adopted meanwhile too, until there is none.

    Parameters
    ----------
    codes
        Gets how each of them ended.
    patience
        How many seconds to go on at most; None: as long as there are any.
    group
        A process group to end as well: elsewhere than on Linux nothing is adopted, and nothing lists the children.

    Returns
    -------
    Whether none is left.
    """
    until = None if patience is None else time.monotonic() + patience
    while True:
        if group is not None and not _LINUX:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
        left = children()
        for child in left:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        codes |= reaped()
        if not left and (_LINUX or group is None or group in codes):
            return True
        if until is not None and time.monotonic() > until:
            return False
        # What was ended a moment ago leaves its own children to this process.
        time.sleep(0.001)


def reaped() -> dict[int, int]:
    """The children that have ended since this was last asked, and how."""
    codes: dict[int, int] = {}
    while True:
        try:
            number, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes
        if number == 0:
            return codes
        codes[number] = os.waitstatus_to_exitcode(status)


def children() -> list[int]:
    """The processes whose parent is this one, on Linux; those among them that have ended, and that nobody has waited for, too."""
    if not _LINUX:
        return []
    own = os.getpid()
    try:
        listed = Path(f"/proc/self/task/{own}/children").read_text(encoding="ascii")
        return [int(child) for child in listed.split()]
    except OSError:
        # A system that keeps no such list.
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent_of(name) == own]


def _begin(keeper: int, become: Callable[[], object], not_kept: Collection[int]) -> NoReturn:
    """What the forked process does; it never comes back."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        for descriptor in not_kept:
            os.close(descriptor)
        os.setpgid(0, 0)
        if _LINUX:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
            # Where memory runs out the system should end the notebook, and not the run.
            with contextlib.suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
        # The keeper may have ended before this process had asked to end with it.
        if os.getppid() == keeper:
            become()
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0 if end.code is None else 1)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _parent_of(process: str) -> int | None:
    try:
        about = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return None
    # Its name, in brackets, may hold anything.
    return int(about.rpartition(b")")[2].split()[1])


def _answer(run: int, number: int) -> None:
    # The run may have gone.
    with contextlib.suppress(OSError):
        os.write(run, ANSWER.pack(number))


if __name__ == "__main__":
    program = sys.argv[2:]
    keep(int(sys.argv[1]), lambda: os.execv(program[0], program))  # noqa: S606 - the program is the caller's own
