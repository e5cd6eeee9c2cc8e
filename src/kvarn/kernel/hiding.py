"""A mount namespace: Linux lets a process have a view of the files of its own, in which what is covered is not there.

Landlock refuses to open a file, and not to ask how large it is; the size of a delivery tells how many persons are in it. So,
where the system lets a user make namespaces, an empty file system is put over the project, and only what a notebook may open
is put back. Documentation: mount_namespaces(7), user_namespaces(7). What makes and unmakes mounts is refused by
`kvarn.kernel.seccomp` afterwards, and the rights that the new namespace has given are given up.
"""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterable

__all__ = ["can_hide", "hide"]

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x20000
_READ_ONLY, _NO_SETUID, _NO_DEVICES, _NO_PROGRAMS, _AGAIN, _BIND, _ALL_BELOW, _PRIVATE = 1, 2, 4, 8, 32, 4096, 1 << 14, 1 << 18
_CAPABILITIES = 0x20080522
_DIE_WITH_PARENT = 1
_PASSED, _CLOSED = 0o111, 0
# So many a system follows before it takes them for a loop.
_MOST_LINKS = 40


@functools.cache
def can_hide() -> bool:
    """Whether this system lets this user have a namespace with mounts: tried in a process of its own."""
    if sys.platform != "linux":
        return False
    trying = [sys.executable, "-I", "-m", "kvarn.kernel.hiding"]
    return subprocess.run(trying, cwd="/", capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0


def hide(covered: Iterable[str], opened: Iterable[str]) -> None:
    """Let this process, and what it starts, find nothing under these folders (or files) but what is opened.

    What else lies beside the way to what is opened is there by name, empty and closed, so that a notebook that asks for it is
    refused as by Landlock.

    Raises
    ------
    OSError
        The system refuses.
    """
    here, named = os.getcwd(), list(opened)
    hidden = _outermost(os.path.realpath(path) for path in covered if os.path.exists(path))
    let_in = [path for path in _outermost(map(os.path.realpath, named)) if any(_below(path, one) for one in hidden)]
    # What is opened can lie elsewhere and be called by a name in here: the interpreter of a project's own .venv is a link.
    links = sorted({link for path in named for link in _links_on_the_way(path)})
    _own_namespace()
    before = {path: _identity(path) for path in hidden}
    for path in hidden:
        if os.path.isdir(path):
            _cover(path, [one for one in let_in if _below(one, path)], [one for one in links if _below(one, path)])
        else:
            _mount(b"/dev/null", path, None, _BIND)
    # The folder that this process was in is the one below what covers it.
    os.chdir(here)
    if any(_identity(path) == before[path] for path in hidden):
        raise OSError(0, "what is covered can still be seen")
    _give_up_rights()


def _cover(folder: str, let_in: list[str], links: list[str]) -> None:
    """Put an empty file system over a folder, and on it what is let in, and the links that lead to what is."""
    places = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in let_in if os.path.exists(path)}
    # Who asks for what may be opened and is not there is told so, and not that it is closed.
    inside = [link for link in links if not any(_below(link, path) for path in let_in)]
    ways = sorted(way for way in _ways(folder, [*let_in, *inside]) if os.path.isdir(way))
    beside = _beside(ways, let_in)
    mode = f"mode={_PASSED if let_in or inside else _CLOSED:o}".encode()
    _mount(b"tmpfs", folder, b"tmpfs", _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS, mode)
    for way in ways:
        os.makedirs(way, exist_ok=True)
    for path, kind in beside.items():
        _make(path, kind, _CLOSED)
    for path, place in places.items():
        is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _make(path, "folder" if is_folder else "file", _CLOSED)
        _mount(f"/proc/self/fd/{place}".encode(), path, None, _BIND | _ALL_BELOW)
        os.close(place)
    for way in ways:
        os.chmod(way, _PASSED)
    # Only the file system of names: what is mounted on it stays as it is.
    _mount(None, folder, None, _AGAIN | _BIND | _READ_ONLY | _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS)


def _links_on_the_way(path: str) -> list[str]:
    """The links that a path leads through, each by the name that it has without links."""
    found: list[str] = []
    here, left = "/", path.split("/")[::-1]
    while left and len(found) < _MOST_LINKS:
        here = os.path.normpath(os.path.join(here, left.pop()))
        if os.path.islink(here):
            found.append(here)
            left += os.readlink(here).split("/")[::-1]
            here = "/" if os.path.isabs(os.readlink(here)) else os.path.dirname(here)
    return found


def _ways(folder: str, let_in: Iterable[str]) -> set[str]:
    """The folders on the way from a folder to what is let in, the first included."""
    found = set()
    for path in let_in:
        while path != folder:
            path = os.path.dirname(path)
            found.add(path)
    return found


def _beside(ways: list[str], let_in: list[str]) -> dict[str, str]:
    """What else lies in the folders on the way to what is let in: its kind, or where a link leads to."""
    found: dict[str, str] = {}
    for entry in (entry for way in ways for entry in os.scandir(way)):
        if entry.path not in ways and entry.path not in let_in:
            link = os.readlink(entry.path) if entry.is_symlink() else ""
            found[entry.path] = f"link {link}" if link else "folder" if entry.is_dir() else "file"
    return found


def _make(path: str, kind: str, mode: int) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if kind == "folder":
        os.mkdir(path, mode)
    elif kind == "file":
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    else:
        os.symlink(kind.removeprefix("link "), path)


def _own_namespace() -> None:
    user, group = os.getuid(), os.getgid()
    if _system().unshare(_NEW_USER | _NEW_MOUNTS) != 0:
        raise _refused("a namespace")
    for name, said in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(said)
    # Nothing of this is seen outside.
    _mount(None, "/", None, _ALL_BELOW | _PRIVATE)


def _give_up_rights() -> None:
    header, none = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
    if _system().capset(header, none) != 0:
        raise _refused("to give up rights")
    # A change of rights may have undone this.
    _system().prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _mount(source: bytes | None, target: str, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    if _system().mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), options) != 0:
        raise _refused(f"a mount on {target}")


def _refused(what: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, f"the system refused {what}: {os.strerror(code)}")


def _identity(path: str) -> tuple[int, int]:
    about = os.stat(path)
    return about.st_dev, about.st_ino


def _outermost(paths: Iterable[str]) -> list[str]:
    """The paths without those that lie below another."""
    found: list[str] = []
    for path in sorted(set(paths), key=lambda one: one.split("/")):
        if not found or not (path == found[-1] or _below(path, found[-1])):
            found.append(path)
    return found


def _below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def _system() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    # Whether it can be done is seen by doing it, where nobody minds.
    _own_namespace()
    _mount(b"tmpfs", "/tmp", b"tmpfs", _READ_ONLY, b"mode=0")  # noqa: S108 - it is covered, not written to
    _give_up_rights()
