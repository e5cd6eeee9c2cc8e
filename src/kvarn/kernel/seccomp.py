"""Seccomp: Linux refuses a process the calls to the system that a notebook has no use for, for good and for all its children.

Documentation: https://docs.kernel.org/userspace-api/seccomp_filter.html. Landlock says which files may be opened; here stands
what would lead round that: looking into other processes, sockets, changed permissions, shared memory, namespaces.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

from kvarn.kernel.system_calls import BY_MACHINE, NOT_DONE, REFUSED, SOCKETS, Machine

__all__ = ["close_sockets", "is_there", "no_new_privileges", "refuse"]

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_NO_NEW_PRIVILEGES, _GET_SECCOMP = 38, 21
_SET_FILTER, _ALL_THREADS = 1, 1

_FIRST_UNKNOWN = 463
"""Calls that came after those known here may do anything: the system says that it does not have them."""

_NAMESPACES = 0x7E020000
_UNIX, _STREAM, _KIND = 1, 1, 0xF


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


_Step = tuple[int, int, int, int]
_REFUSE: _Step = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
_AS_IF_DONE: _Step = (_RETURN, 0, 0, _ERRNO)
_NOT_THERE: _Step = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
_GO_ON: _Step = (_LOAD, 0, 0, _NUMBER)


def is_there() -> bool:
    """Whether this system has seccomp, on a machine whose calls are known here."""
    if sys.platform != "linux" or platform.machine() not in BY_MACHINE:
        return False
    return int(_system().prctl(_GET_SECCOMP, 0, 0, 0, 0)) >= 0


def no_new_privileges() -> None:
    """Let no program that is started from here have more rights than this process. Without it nothing else can be given up."""
    if _system().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system does not take privileges away")


def refuse(*, tcp: bool, signals: bool) -> None:
    """Refuse this thread, and what it starts, every call that a notebook has no use for.

    Parameters
    ----------
    tcp
        Whether it may make sockets other than Unix sockets, as long as `close_sockets` has not been called.
    signals
        Whether Landlock keeps signals within the wall; else they are refused here, except to the process itself.
    """
    machine = BY_MACHINE[platform.machine()]
    steps: list[_Step] = []
    for name in REFUSED:
        steps += _refused(machine, name)
    for name in NOT_DONE:
        steps += _when(machine, name, [_AS_IF_DONE])
    steps += _when(machine, "socketpair", [_argument(1), (_AND, 0, 0, _KIND), (_EQUAL, 1, 0, _STREAM), _REFUSE])
    steps += _when(machine, "clone", [_argument(0), (_ANY_BIT, 0, 1, _NAMESPACES), _REFUSE])
    # The C library then takes the older call, whose flags can be read here.
    steps += _when(machine, "clone3", [_NOT_THERE])
    steps += _when(machine, "prlimit64", [_argument(0), (_EQUAL, 1, 0, 0), _REFUSE])
    # Which process goes first: ZeroMQ asks it for its own threads, and takes no refusal.
    for name in ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        steps += _when(machine, name, [_argument(0), (_EQUAL, 1, 0, 0), _AS_IF_DONE])
    if not tcp:
        steps += _when(machine, "socket", [_argument(0), (_EQUAL, 1, 0, _UNIX), _REFUSE])
    if not signals:
        for name in ("kill", "tgkill"):
            steps += _when(machine, name, [_argument(0), (_EQUAL, 1, 0, os.getpid()), _REFUSE])
        steps += _refused(machine, "tkill")
    _set(machine, steps, 0)


def close_sockets() -> None:
    """Refuse every thread of this process sockets: those that there are go on, and no more are made, bound or connected."""
    machine = BY_MACHINE[platform.machine()]
    _set(machine, [step for name in SOCKETS for step in _refused(machine, name)], _ALL_THREADS)


def _refused(machine: Machine, name: str) -> list[_Step]:
    return _when(machine, name, [_REFUSE])


def _when(machine: Machine, name: str, then: list[_Step]) -> list[_Step]:
    """Steps for one call; nothing where the machine has no such call."""
    number = machine.calls.get(name)
    if number is None:
        return []
    return [(_EQUAL, 0, len(then) + 1, number), *then, _GO_ON]


def _argument(number: int) -> _Step:
    """The lower half of an argument; every argument that is asked for here is a number of 32 bits."""
    return (_LOAD, 0, 0, _FIRST_ARGUMENT + 8 * number)


def _set(machine: Machine, steps: list[_Step], flags: int) -> None:
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, machine.architecture),
        _REFUSE,
        _GO_ON,
        (_AT_LEAST, 0, 1, _FIRST_UNKNOWN),
        _NOT_THERE,
        *steps,
        (_RETURN, 0, 0, _ALLOW),
    ]
    instructions = (_Instruction * len(program))(*(_Instruction(*step) for step in program))
    asked = _Program(len(program), instructions)
    answer = _system().syscall(machine.calls["seccomp"], ctypes.c_uint(_SET_FILTER), ctypes.c_uint(flags), ctypes.byref(asked))
    if answer != 0:
        raise OSError(ctypes.get_errno(), "seccomp refused its filter")


def _system() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
