"""File operations that fail on purpose: the n-th one of a command that runs in this process, whatever it is.

Counted is whatever Python asks of the system about files below one of the folders that are watched: opening, writing, waiting for
the disk, making, renaming, linking and removing files and folders. What a library in another language writes is not seen here
(see `full_disk`).
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What of the audit events is a file operation, and how it is called here.
_EVENTS = {
    "os.mkdir": "mkdir",
    "os.rename": "rename",
    "os.remove": "unlink",
    "os.rmdir": "rmdir",
    "os.link": "link",
    "os.symlink": "symlink",
    "os.truncate": "truncate",
    "os.chmod": "chmod",
    "os.listdir": "list",
    "os.scandir": "list",
    "sqlite3.connect": "open",
}
REMOVING = frozenset({"unlink", "rmdir"})
READING = frozenset({"read", "list"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
BEFORE = "before"


@dataclass(frozen=True)
class Operation:
    """One file operation: of what kind, on what, in which phase of the command, and the how manieth of that phase."""

    kind: str
    path: str
    phase: str
    number: int


@dataclass
class Faults:
    """The operations of a command, of which one fails.

    Attributes
    ----------
    watched
        The folders that count.
    order
        The phases in their order. An operation fails that comes in the phase `phase` with the number `number`, or after it.
    signal
        What the process is sent instead, while the operation is done all the same.
    reading
        Whether reading counts, and nothing else, or all else.
    lasting
        Whether everything that writes fails from then on, as on a disk that is full.
    """

    watched: Sequence[Path]
    order: Sequence[str] = (BEFORE,)
    phase: str | None = None
    number: int = 1
    code: int = errno.ENOSPC
    signal: int | None = None
    reading: bool = False
    lasting: bool = False
    seen: list[Operation] = field(default_factory=list)
    failed: Operation | None = None
    where: Callable[[], str] = lambda: BEFORE
    hit: Callable[[Operation], None] = lambda operation: None
    over: bool = False

    def __post_init__(self) -> None:
        self._mine = threading.local()
        self._counting = threading.Lock()
        self._counts: dict[str, int] = {}
        self._watched = [f"{os.path.realpath(folder)}{os.sep}" for folder in self.watched]

    def tell(self, kind: str, path: Any, folder: int | None = None) -> None:
        """Count an operation, and let it fail when it is its turn."""
        if self.over or getattr(self._mine, "busy", False) or (kind in READING) != self.reading:
            return
        self._mine.busy = True
        try:
            place = self._place(path, folder)
            if place is None:
                return
            with self._counting:
                phase = self.where()
                number = self._counts[phase] = self._counts.get(phase, 0) + 1
                operation = Operation(kind, place, phase, number)
                self.seen.append(operation)
                again = self.lasting and self.failed is not None and kind in {"write", "create", "fsync", "mkdir"}
                if not again and (self.failed is not None or not self._is_its_turn(operation)):
                    return
                if self.failed is None:
                    self.failed = operation
                    self.hit(operation)
        finally:
            self._mine.busy = False
        if self.signal is not None:
            os.kill(os.getpid(), self.signal)
            return
        raise OSError(self.code, os.strerror(self.code), str(path) if isinstance(path, str | os.PathLike) else None)

    def _is_its_turn(self, operation: Operation) -> bool:
        if self.phase is None:
            return False
        return (self._rank(operation.phase), operation.number) >= (self._rank(self.phase), self.number)

    def _rank(self, phase: str) -> int:
        return self.order.index(phase) if phase in self.order else len(self.order)

    def _place(self, path: Any, folder: int | None) -> str | None:
        """The whole path, where it is watched."""
        if isinstance(path, int):
            with contextlib.suppress(OSError):
                return self._if_watched(os.readlink(f"/proc/self/fd/{path}"))
            return None
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        whole = os.fsdecode(path)
        if folder is not None and folder >= 0 and not os.path.isabs(whole):
            with contextlib.suppress(OSError):
                whole = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), whole)
        return self._if_watched(os.path.join(os.path.realpath(os.path.dirname(whole) or "."), os.path.basename(whole)))

    def _if_watched(self, whole: str) -> str | None:
        return whole if any(f"{whole}{os.sep}".startswith(folder) for folder in self._watched) else None


class _Raw(io.FileIO):
    """A file whose writing is counted."""

    faults: Faults

    def write(self, data: Any) -> Any:
        self.faults.tell("write", self.fileno())
        return super().write(data)


def _opening(faults: Faults) -> Callable[..., Any]:
    usual = io.open

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not set(mode) & set("wax+"):
            return usual(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = _Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        raw.faults = faults
        if buffering == 0:
            return raw
        held: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return held
        text = io.TextIOWrapper(held, io.text_encoding(encoding), errors, newline, line_buffering=buffering == 1)
        text.mode = mode  # type: ignore[misc]
        return text

    return opened


def _counted(faults: Faults, kind: str, usual: Callable[..., Any]) -> Callable[..., Any]:
    def counted(what: Any, *rest: Any, **named: Any) -> Any:
        faults.tell(kind, what if isinstance(what, int | str | os.PathLike) else what.fileno())
        return usual(what, *rest, **named)

    return counted


def _hook(faults: Faults) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, int):
                return
            faults.tell("create" if flags & _WRITING else "read", path)
        elif event in {"os.rename", "os.link"}:
            source, _, of_source, _ = (*arguments, -1, -1)[:4]
            faults.tell(_EVENTS[event], source, of_source)
        elif event in {"os.remove", "os.rmdir"}:
            faults.tell(_EVENTS[event], *arguments[:2])
        elif event in {"os.mkdir", "os.chmod"}:
            faults.tell(_EVENTS[event], arguments[0], arguments[2])
        elif event == "os.symlink":
            faults.tell("symlink", arguments[1], arguments[2])
        elif event in _EVENTS:
            faults.tell(_EVENTS[event], arguments[0])

    return hook


def install(faults: Faults) -> None:
    """Count the operations of this process from now on; there is no way back, so that it is done in a process of its own."""
    from kvarn.base import exchange

    opened = _opening(faults)
    io.open = builtins.open = opened  # type: ignore[assignment]
    for name, kind in {"write": "write", "fsync": "fsync"}.items():
        setattr(os, name, _counted(faults, kind, getattr(os, name)))
    if hasattr(os, "sendfile"):
        os.sendfile = _counted(faults, "write", os.sendfile)
    one_stroke = exchange._in_one_stroke

    def exchanged(new: Path, real: Path) -> bool:
        faults.tell("rename", str(real))
        return one_stroke(new, real)

    exchange._in_one_stroke = exchanged
    if "pyarrow.parquet" in sys.modules:
        import pyarrow.parquet as pq

        written = pq.write_table

        def write_table(table: Any, where: Any, *rest: Any, **named: Any) -> Any:
            faults.tell("write", where)
            return written(table, where, *rest, **named)

        pq.write_table = write_table
    sys.addaudithook(_hook(faults))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path, and folders (as empty)."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def restored(kept: Path, folder: Path) -> Path:
    """A folder as it was kept."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder, symlinks=True)
    return folder


def lines(text: str) -> Iterator[str]:
    yield from (line for line in text.splitlines() if line.strip())
