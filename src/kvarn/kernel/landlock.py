"""Landlock: Linux lets a process give up, for good and for all its children, whatever it does not name.

Documentation: https://docs.kernel.org/userspace-api/landlock.html. It needs no privileges. Each version of its interface (ABI)
knows more rights; those that a system does not know yet are left out, and `kvarn.kernel.seccomp` closes what that leaves open.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable

__all__ = ["abi", "restrict"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH, _NET_PORT = 1, 2

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR = (1 << bit for bit in range(4, 8))
_MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK = (1 << bit for bit in range(8, 12))
_MAKE_SYM, _REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in range(12, 16))

_SINCE = ((1, (1 << 13) - 1), (2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
"""Since which version each right is known."""

_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_WRITING = _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SOCK
_WRITING |= _MAKE_SYM | _REFER | _TRUNCATE
_BIND, _CONNECT = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _Port(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def abi() -> int:
    """The version of Landlock's interface that this system has; 0 where it has none, or has it switched off."""
    if sys.platform != "linux":
        return 0
    found: int = _system().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(found, 0)


def restrict(reads: Iterable[str], writes: Iterable[str], ports: Iterable[int] = (), *, known: int | None = None) -> None:
    """Let this thread, and what it starts, open nothing but this. There is no way back.

    Parameters
    ----------
    reads
        Files and folders that may be read (and run), with all that is in them. What is not there is left out.
    writes
        The same for reading and writing.
    ports
        TCP ports that it may listen on; it may connect to none.
    known
        The version of the interface to keep to, where that is lower than what the system has.

    Raises
    ------
    OSError
        The system refuses.
    """
    version = min(abi(), known if known is not None else abi())
    handled = sum(rights for since, rights in _SINCE if version >= since)
    net = _BIND | _CONNECT if version >= 4 else 0
    asked = _Ruleset(handled, net, _ABSTRACT_SOCKETS | _SIGNALS if version >= 6 else 0)
    rules = _call(_CREATE_RULESET, ctypes.byref(asked), ctypes.c_size_t(ctypes.sizeof(asked)), ctypes.c_uint32(0))
    try:
        for path in reads:
            _allow(rules, path, _READING & handled)
        for path in writes:
            _allow(rules, path, _WRITING & handled)
        for port in ports if net else ():
            _add(rules, _NET_PORT, _Port(_BIND, port))
        _call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        _add(rules, _PATH_BENEATH, _Beneath(rights, place))
    finally:
        os.close(place)


def _add(rules: int, kind: int, rule: ctypes.Structure) -> None:
    _call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(kind), ctypes.byref(rule), ctypes.c_uint32(0))


def _call(number: int, *arguments: object) -> int:
    answer: int = _system().syscall(number, *arguments)
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock refused: {os.strerror(code)}")
    return answer


def _system() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
