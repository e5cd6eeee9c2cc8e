"""The wall around a notebook's kernel: what it may read, what it may write, and that it reaches nothing else.

The operating system keeps it (`kvarn.kernel.landlock`, `kvarn.kernel.seccomp`), so that it holds whatever the notebook calls:
pyarrow, a shell, a library in C. It is raised in two strokes. `raise_wall` comes before the kernel has any thread, since the
system takes rights from one thread and from what that one starts. `close_sockets` comes when the kernel's own sockets stand, and
before the first cell: from then on none can be made, not even one to the process that forks kernels.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import sysconfig
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kvarn.kernel import hiding, landlock, seccomp

__all__ = ["FAULT", "LIBRARIES", "Wall", "WallFault", "close_files", "close_sockets", "interpreter", "is_within", "raise_wall"]

FAULT = "wall-fault.txt"
"""Beside the connection file: why a kernel has ended because its wall could not be raised."""

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/nix/store")
_OF_THE_SYSTEM = (
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/fonts"),
    *("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/i18n"),
    *("/usr/share/fonts", "/usr/share/fontconfig", "/usr/local/share/fonts", "/var/cache/fontconfig"),
    *("/dev/zero", "/dev/random", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
    *("/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup"),
)
_SIGNALS_KEPT_SINCE = 6


class WallFault(Exception):
    """The wall could not be raised: the kernel must not run."""


@dataclass(frozen=True)
class Wall:
    """What lies within the wall, besides the interpreter and its libraries; everything else lies outside.

    Attributes
    ----------
    reads, writes
        Files and folders, with all that is in them.
    apart
        Folders that must not be listed from within; tried when the wall stands.
    tcp
        Whether the kernel's own sockets are TCP sockets.
    hidden
        Files and folders in which nothing is to be found but what lies within the wall; none where the system cannot hide any.
    known
        The version of Landlock to keep to, where that is lower than what the system has.
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    apart: tuple[str, ...]
    tcp: bool = False
    hidden: tuple[str, ...] = ()
    known: int | None = None

    def write(self, path: Path) -> None:
        """Keep it in a file for the kernel."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: str) -> Wall:
        """What `write` has kept."""
        kept: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(**kept | {name: tuple(kept[name]) for name in ("reads", "writes", "apart", "hidden")})


def raise_wall(wall: Wall, connection_file: str) -> None:
    """Give up everything that lies outside. No file but the three standard streams is open afterwards.

    Parameters
    ----------
    connection_file
        Where the kernel's own sockets are.

    Raises
    ------
    WallFault
        It cannot be: a thread has begun, what must stay apart lies among the libraries, or the system refuses.
    """
    close_files()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise WallFault(f"the kernel already had {threads} threads, which a wall does not hold")
    reads = (*_apart_from(wall.apart, interpreter()), *wall.reads)
    version = min(landlock.abi(), wall.known or landlock.abi())
    try:
        if wall.hidden:
            hiding.hide(wall.hidden, (*reads, *wall.writes))
            # It has looked at files by their descriptors.
            close_files()
        seccomp.no_new_privileges()
        landlock.restrict(reads, ("/dev/null", *wall.writes), _ports(connection_file) if wall.tcp else (), known=version)
        seccomp.refuse(tcp=wall.tcp, signals=version >= _SIGNALS_KEPT_SINCE)
    except OSError as refused:
        raise WallFault(f"the system refused it: {refused}") from refused


def close_files(but: Collection[int] = ()) -> None:
    """Close whatever this process has open but the three standard streams, and the descriptors named; on Linux."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in but:
            # The list itself was one of them, and is closed.
            with contextlib.suppress(OSError):
                os.close(int(name))


def close_sockets(wall: Wall) -> None:
    """The second stroke, and the proof: what must not be possible is tried.

    Raises
    ------
    WallFault
        The system refuses, or something is possible that must not be.
    """
    try:
        seccomp.close_sockets()
    except OSError as refused:
        raise WallFault(f"the system refused it: {refused}") from refused
    for folder in wall.apart:
        try:
            os.listdir(folder)
        except (PermissionError, FileNotFoundError):
            continue
        raise WallFault(f"{folder} could be read all the same")
    try:
        socket.socket(socket.AF_UNIX).close()
    except PermissionError:
        return
    raise WallFault("a socket could be made all the same")


def _ports(connection_file: str) -> tuple[int, ...]:
    kept = json.loads(Path(connection_file).read_text(encoding="utf-8"))
    return tuple(int(value) for name, value in kept.items() if name.endswith("_port"))


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it; both without links."""
    return path == folder or path.startswith(os.path.join(folder, ""))


def interpreter() -> Iterator[str]:
    """Python, its libraries, and what these read of the system."""
    programs = [sys.executable, getattr(sys, "_base_executable", sys.executable)]
    yield from programs
    yield from (os.path.realpath(program) for program in programs)
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        yield from (os.path.join(prefix, name) for name in ("lib", "lib64", "pyvenv.cfg"))
    yield from (sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (place for place in sys.path if os.path.isabs(place))
    yield from (place for place in os.environ.get("LD_LIBRARY_PATH", "").split(":") if os.path.isabs(place))
    yield from (*LIBRARIES, *_OF_THE_SYSTEM)


def _apart_from(apart: Iterable[str], places: Iterable[str]) -> Iterator[str]:
    """The places, each once.

    Raises
    ------
    WallFault
        What must stay apart lies in one of them, and is more than the project that Python finds modules in.
    """
    outside = [os.path.realpath(folder) for folder in apart]
    for place in dict.fromkeys(places):
        inside = [folder for folder in outside if is_within(folder, os.path.realpath(place))]
        if not inside:
            yield place
        elif place not in sys.path:
            raise WallFault(f"{inside[0]} lies in {place}, where Python's own libraries are read: move it elsewhere")
