"""A new folder in the place of an old one: at every moment a whole one stands there, or can be put back.

The new one is put together in a hidden folder beside the place, on the place's own file system (a rename never crosses from
one to another), and readable by its owner alone until it is finished. Then the two change places: on Linux in one stroke, where
the file system can (`renameat2`); elsewhere the old one is renamed aside, and the new one into its place. Whoever is stopped
between these two leaves the old one as ``.<name>.old``: `put_back` finds it. Nothing old is removed before the new one stands.

Beside a place lie, for as long as an exchange takes or when it was stopped:

``.<name>.part``
    what is put together, or what was replaced in one stroke: never needed again, and removed by the next run.
``.<name>.old``
    the old folder, whole: put back where its place is empty.
``.<name>.gone``, ``.<name>.gone.1`` …
    what could not be removed yet, such as files that somebody has open on a network share: removed by a later run.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from kvarn.base.modes import as_usual, make_usual
from kvarn.base.system_faults import naming
from kvarn.errors import EnvironmentFault

__all__ = [
    "check_place",
    "clear",
    "copy_folder",
    "exchange",
    "put_back",
    "put_back_below",
    "recover",
    "replacing",
    "require_replaceable",
    "stage",
]

# Whether to exchange in one stroke where the system can. The tests take the portable way as well.
ONE_STROKE = sys.platform == "linux"

_OWNER_ONLY = 0o700
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_CANNOT = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def replacing(place: Path, *, secret: bool = False, durable: bool = False) -> Iterator[Path]:
    """An empty folder to write to; it takes the place when the block ends well, and is removed when it does not.

    Parameters
    ----------
    place
        Where the folder is to stand: it, or a folder above it, may be a link to another file system.
    secret
        Whether only its owner may read it. Otherwise it gets the group and the permissions of the folder that it replaces.
    durable
        Whether everything is to be on the disk before the old folder is removed, so that a power cut loses neither.

    Raises
    ------
    EnvironmentFault
        No folder can stand there, or the folder there cannot be replaced. What stood there stands there still.
    """
    new = stage(place, secret=secret)
    try:
        with naming(place):
            yield new
        exchange(new, place, secret=secret, durable=durable)
    finally:
        _remove(new.parent)


def stage(place: Path, *, secret: bool = False) -> Path:
    """An empty folder in hiding beside the place, for `exchange`. What an earlier run has left there is put right first."""
    check_place(place)
    recover(place)
    real = _real(place)
    with _explained(place):
        if secret:
            real.parent.mkdir(parents=True, exist_ok=True)
        else:
            make_usual(real.parent)
        shelter = _beside(real, "part")
        shelter.mkdir(mode=_OWNER_ONLY)
        # Inside the shelter a folder is made as any other would be: the group and the rights that its parent hands down.
        new = shelter / real.name
        new.mkdir(mode=_OWNER_ONLY if secret else 0o777)
    return new


def exchange(new: Path, place: Path, *, secret: bool = False, durable: bool = False) -> None:
    """Put a folder made by `stage` in its place; the old one goes when the new one stands. See `replacing`."""
    real = _real(place)
    with _explained(place):
        if not secret:
            as_usual(new)
        if durable:
            _settle(new)
        if not real.is_dir():
            os.rename(new, real)
            return
        if not secret:
            _take_over(real, new)
        if not _in_one_stroke(new, real):
            _by_two_renames(new, real)
        if durable:
            _settle_entry(real.parent)


def _by_two_renames(new: Path, real: Path) -> None:
    old = _beside(real, "old")
    try:
        os.rename(real, old)
        os.rename(new, real)
    except BaseException:
        put_back(real)
        raise
    _remove(old)


def _in_one_stroke(new: Path, real: Path) -> bool:
    """Let two folders change places in one stroke; False where system or file system cannot."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if ONE_STROKE else None
    if swap is None:
        return False
    if swap(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(real), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(real))


def recover(place: Path) -> None:
    """Put right what a run that was stopped has left: the old folder back where its place is empty, the rest removed."""
    real = _real(place)
    if not real.parent.is_dir():
        return
    put_back(place)
    for left_over in ("part", "old"):
        _remove(_beside(real, left_over))
    for gone in real.parent.glob(f"{_glob_safe(_beside(real, 'gone').name)}*"):
        shutil.rmtree(gone, ignore_errors=True)


def put_back(place: Path) -> bool:
    """Put the old folder back, where an exchange was stopped between its two renames; whether there was one."""
    real = _real(place)
    old = _beside(real, "old")
    if os.path.lexists(real) or not old.is_dir():
        return False
    with _explained(place):
        os.rename(old, real)
    return True


def put_back_below(folder: Path) -> None:
    """`put_back` for every place in a folder. Nothing is removed: another run may be at work there."""
    if not folder.is_dir():
        return
    for found in sorted(folder.iterdir()):
        if found.name.startswith(".") and found.name.endswith(".old"):
            put_back(folder / found.name.removeprefix(".").removesuffix(".old"))
        elif found.is_symlink():
            put_back(found)


def check_place(place: Path) -> None:
    """Whether a folder can stand there and be exchanged, before any work has gone into it.

    Raises
    ------
    EnvironmentFault
        A link on the way leads nowhere, something else stands there, or a file system is mounted at the very place.
    """
    for link in (place, *place.parents):
        target = _real(link)
        # The place itself may be a link to a folder that is made only now.
        if link.is_symlink() and not (target.parent if link == place else target).is_dir():
            raise EnvironmentFault(
                f"{link.name} is a link to {target}, which is not there.",
                where=str(link),
                remedy="Connect the disk or the share that it leads to, or point the link elsewhere.",
            )
    real = _real(place)
    if os.path.lexists(real) and not real.is_dir():
        raise EnvironmentFault("There is a file where a folder is to stand.", where=str(place), remedy="Move it away.")
    if os.path.ismount(real):
        raise EnvironmentFault(
            "A file system is mounted at the very folder that is to be replaced.",
            where=str(place),
            remedy="Mount it at the folder above, or let this folder be a link into the mounted one.",
        )


def require_replaceable(place: Path) -> None:
    """Whether a folder could take this place now, before any work has gone into it.

    Raises
    ------
    EnvironmentFault
        The folder above may not be written to: it is another's, or on a file system that is read-only.
    """
    above = next((folder for folder in _real(place).parents if folder.exists()), None)
    if above is not None and not above.is_dir():
        raise EnvironmentFault("There is a file where a folder is to stand.", where=str(above), remedy="Move it away.")
    if above is not None and not os.access(above, os.W_OK | os.X_OK):
        raise EnvironmentFault(
            f"{place.name} cannot be put in its place: the folder above may not be written to.",
            where=str(above),
            remedy="Have it mounted for writing, or be given the right to write there, and run the same command again.",
        )


def clear(folder: Path) -> None:
    """Remove a folder with everything in it; where it is a link or a mounted file system, everything in it."""
    if not folder.is_symlink() and not os.path.ismount(folder):
        shutil.rmtree(folder, ignore_errors=not folder.exists())
        return
    for found in folder.iterdir() if folder.is_dir() else ():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()


def copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder into another that is there, with the rights of the other's file system, not their own."""
    for found in sorted(source.iterdir()):
        if found.is_dir():
            (target / found.name).mkdir()
            copy_folder(found, target / found.name)
        else:
            shutil.copyfile(found, target / found.name)


def _real(place: Path) -> Path:
    return Path(os.path.realpath(place))


def _beside(real: Path, what: str) -> Path:
    return real.with_name(f".{real.name}.{what}")


def _glob_safe(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _remove(left_over: Path) -> None:
    """Remove what is needed no more, or put it out of the way. What is half removed never has the name of a whole folder."""
    if not os.path.lexists(left_over):
        return
    if left_over.suffix == ".old":
        with contextlib.suppress(OSError):
            aside = _aside(left_over)
            os.rename(left_over, aside)
            shutil.rmtree(aside, ignore_errors=True)
        return
    shutil.rmtree(left_over, ignore_errors=True)
    if os.path.lexists(left_over):
        with contextlib.suppress(OSError):
            os.rename(left_over, _aside(left_over))


def _aside(left_over: Path) -> Path:
    """A name that is free, by which a later run finds what is to be removed."""
    gone = left_over.with_suffix(".gone")
    number = 0
    while os.path.lexists(gone):
        number += 1
        gone = left_over.with_suffix(f".gone.{number}")
    return gone


def _take_over(old: Path, new: Path) -> None:
    """Give the new folder the group and the permissions of the old one, so that whoever could read the one can read the other.

    As far as the file system knows of such: on a share they may be the server's to give.
    """
    found = old.stat()
    mode = stat.S_IMODE(found.st_mode)
    for above, _, names in os.walk(new):
        for path, wanted in ((Path(above), mode), *((Path(above) / name, mode & 0o666) for name in names)):
            now = path.stat()
            with contextlib.suppress(OSError):
                if now.st_gid != found.st_gid:
                    os.chown(path, -1, found.st_gid)
            with contextlib.suppress(OSError):
                if stat.S_IMODE(now.st_mode) != wanted:
                    path.chmod(wanted)


def _settle(folder: Path) -> None:
    """Wait until every file of a folder is on the disk."""
    for above, _, names in os.walk(folder):
        for name in names:
            with (Path(above) / name).open("rb") as file:
                os.fsync(file.fileno())
        _settle_entry(Path(above))


def _settle_entry(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system knows of such."""
    with contextlib.suppress(OSError):
        entry = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(entry)
        finally:
            os.close(entry)


@contextlib.contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except EnvironmentFault:
        raise
    except OSError as error:
        if error.errno not in {errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTEMPTY, errno.EEXIST}:
            raise
        raise EnvironmentFault(
            f"The folder cannot be replaced: {error.strerror}. What stood there stands there still.",
            where=str(place),
            remedy=_REMEDIES.get(error.errno, "See to it that no other run is at work on the same folder, and run again."),
        ) from None


_MAY_NOT = "See to it that you may write in the folder, in what is in it and in the folder above, and run again."
_MOUNTED = "Mount the file system at the folder above this one, and run again."
_REMEDIES = {
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: "The file system can only be read: mount it for writing, and run again.",
    errno.EBUSY: _MOUNTED,
    errno.EXDEV: _MOUNTED,
}
