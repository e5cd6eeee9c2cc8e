"""What a step depends on and produces, in pytask's terms: each node knows its own state."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kvarn
from kvarn.base.files import SECRET, replace_file
from kvarn.errors import NotebookError
from kvarn.pipeline.libraries import import_graph, libraries_of

if TYPE_CHECKING:
    # It brings a database with it, which nobody needs who only asks what is out of date.
    from pytask import PNode

__all__ = [
    "Code",
    "Computed",
    "File",
    "Folder",
    "Listing",
    "Notebook",
    "Setting",
    "Stamp",
    "as_long_as",
    "as_written",
    "file",
    "hashes_kept",
    "is_new",
    "left_over",
    "stamp",
]

# A longer value than this is not told.
_LONGEST_VALUE = 40

Stamp = Mapping[str, tuple[int, ...]]


def file(path: Path) -> File:
    """A file: its state is the hash of what it holds."""
    return File(name=path.as_posix(), path=path)


def as_written(path: Path) -> Notebook:
    """A notebook that somebody wrote."""
    return Notebook(name=path.as_posix(), path=path)


def stamp(node: PNode) -> Stamp | None:
    """What distinguishes a product that is made anew from one that was left lying: which file it is, and when it was written.

    None where there is nothing to compare: receipts and the ledger are added to, and an unchanged delivery adds nothing.
    """
    if isinstance(node, File):
        return _stamps([node.path])
    if isinstance(node, Folder):
        # A folder that was exchanged for another is another folder, whatever is in it.
        itself = _stamps([node.path]).get(node.path.as_posix())
        return {**({} if itself is None else {"": itself[:2]}), **_stamps(node.files())}
    return None


def is_new(before: Stamp | None, after: Stamp | None) -> bool:
    """Whether a product is there, and nothing of it is what was there before."""
    if before is None or after is None:
        return True
    return bool(set(after) - {""}) and not left_over(before, after)


def left_over(before: Stamp | None, after: Stamp | None) -> list[str]:
    """The files of a product that are what was there before."""
    if before is None or after is None or after.get("") != before.get(""):
        return []
    return [name for name, found in after.items() if name and found == before.get(name)]


def _stamps(paths: Iterable[Path]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            seen = path.stat()
            found[path.as_posix()] = (seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)
    return found


@dataclass(kw_only=True)
class _Node:
    """A node, as pytask's protocol has it, that is known by its name and loads nothing.

    `called` is what it is called in a sentence, in the singular.
    """

    name: str = ""
    called: str = ""
    attributes: dict[Any, Any] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """Unique among the nodes of an edition."""
        return hashlib.sha256(f"{type(self).__name__} {self.name}".encode()).hexdigest()

    def state(self) -> str | None:
        """What changes when the thing changes; None when it is not there."""
        raise NotImplementedError

    def load(self, is_product: bool = False) -> Any:
        """Nothing: a step's action finds its own files."""
        return None

    def save(self, value: Any) -> None:
        """Not used: a step's action writes its own files."""
        raise NotImplementedError


@dataclass(kw_only=True)
class File(_Node):
    """A file."""

    path: Path

    def state(self) -> str | None:
        """The hash of what it holds, or None when it is not there."""
        return _hash_of_file(self.path)


@dataclass(kw_only=True)
class Notebook(File):
    """A notebook that somebody wrote: its state is the hash of what they wrote, not of what a run has left in the file."""

    def state(self) -> str | None:
        """The hash of its source form; of the whole file where that is no notebook, which is told when it is read."""
        whole = _hash_of_file(self.path)
        return whole and str(as_long_as(f"{self.name} as written", [whole], lambda: self._as_written(whole)))

    def _as_written(self, whole: str) -> str:
        from kvarn.base.notebook_files import source_form

        try:
            return hashlib.sha256(source_form(self.path)).hexdigest()
        except NotebookError:
            return whole


@dataclass(kw_only=True)
class Folder(_Node):
    """Every file in a folder and below; those with a name like one in `leave_out` do not count."""

    path: Path
    leave_out: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.name = f"{self.path.as_posix()}/"

    def state(self) -> str | None:
        """The hash over names and contents, or None when the folder is not there or empty."""
        found = self.files()
        if not found:
            return None
        whole = hashlib.sha256()
        for path in found:
            whole.update(f"{path.relative_to(self.path).as_posix()}\0{_hash_of_file(path)}\n".encode())
        return whole.hexdigest()

    def files(self) -> list[Path]:
        """Its files that count, sorted."""
        found = []
        for above, folders, names in os.walk(self.path):
            folders[:] = [name for name in folders if self._counts(name)]
            found += [Path(above) / name for name in names if self._counts(name)]
        return sorted(found)

    def _counts(self, name: str) -> bool:
        left_out = any(fnmatchcase(name, one) for one in (*self.leave_out, "*.failed.ipynb"))
        return not name.startswith(".") and not left_out


@dataclass(kw_only=True)
class Listing(_Node):
    """The names and sizes of a folder's files: enough to see that none of many thousand receipts has gone."""

    path: Path

    def __post_init__(self) -> None:
        self.name = f"{self.path.as_posix()}/"

    def state(self) -> str | None:
        """The hash over names and sizes, or None when the folder is not there."""
        if not self.path.is_dir():
            return None
        with os.scandir(self.path) as entries:
            found = sorted((entry.name, entry.stat().st_size) for entry in entries)
        return hashlib.sha256(repr(found).encode()).hexdigest()


@dataclass(kw_only=True)
class Setting(_Node):
    """A value of the edition, or anything else that can be written as JSON.

    Attributes
    ----------
    each
        What one part of it is called, where the value is a mapping; ``{}`` is the part's place, such as ``rejected_rows``.
    told
        Whether values may be kept in ``build/`` and told: never those of the rules of disclosure control.
    """

    value: Any = None
    each: str = ""
    told: bool = True

    def __post_init__(self) -> None:
        self.called = self.called or f"the parameter {self.name}"
        self.each = self.each or f"the parameter {self.name}.{{}}"

    @property
    def signature(self) -> str:
        """Two steps may know different values by the same name."""
        return hashlib.sha256(f"Setting {self.name} {self.state()}".encode()).hexdigest()

    def state(self) -> str | None:
        """The hash of the value."""
        return _hash_of(self.value)

    def parts(self) -> Mapping[str, str]:
        """Of what it consists, by what each part is called: a short value after ``=``, and a checksum of any other."""
        if not isinstance(self.value, Mapping):
            return {self.called: self._short(self.called, self.value)}
        return {(called := self.each.format(place)): self._short(called, value) for place, value in _leaves(self.value)}

    def _short(self, called: str, value: Any) -> str:
        told = self.told and "disclosure" not in called and (value is None or isinstance(value, bool | int | float | str))
        if not told or len(str(value)) > _LONGEST_VALUE or not str(value).isprintable():
            return _hash_of(value)
        return f"=:{'nothing' if value is None else json.dumps(value) if isinstance(value, bool) else value}"


def _leaves(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, below in value.items():
        if isinstance(below, Mapping) and below:
            yield from _leaves(below, f"{above}{key}.")
        else:
            yield f"{above}{key}", below


# As long as a file's times and size stay, so does what it holds: what a step reads is asked for by many, and in the next run.
_known: dict[str, tuple[tuple[Any, ...], Any]] = {}
_asked: set[str] = set()
_FILE = "hashes.json"
# What was written so short a time ago can be written again without another time. In nanoseconds.
_JUST_NOW = 2_000_000_000


@contextmanager
def hashes_kept(folder: Path) -> Iterator[None]:
    """Go by the hashes that the last run found, of files that have not been written since, and keep those of this run."""
    place = folder / _FILE
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        for name, (seen, found) in json.loads(place.read_text(encoding="utf-8")).items():
            _known.setdefault(name, (tuple(seen), found))
    before = dict(_known)
    yield
    kept = {name: found for name, found in sorted(_known.items()) if name in _asked}
    if kept != before:
        replace_file(place, json.dumps(kept).encode(), mode=SECRET)


def as_long_as(name: str, version: Sequence[Any], find: Callable[[], Any]) -> Any:
    """What was found before by this name, in this run or the last, as long as its version is the same; else what is found now.

    Parameters
    ----------
    version, find
        What tells whether it has changed, and what finds it: both as JSON can write them.
    """
    _asked.add(name)
    now = tuple(version)
    if (known := _known.get(name)) is None or known[0] != now:
        known = _known[name] = now, find()
    return known[1]


def _hash_of_file(path: Path | str) -> str | None:
    name = os.fspath(path)
    _asked.add(name)
    try:
        seen = os.stat(name)
        now = (seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size)
        if (known := _known.get(name)) is not None and known[0] == now:
            return str(known[1])
        with open(name, "rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) > _JUST_NOW:
        _known[name] = now, found
    return found


def _hash_of(value: Any) -> str:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(kw_only=True)
class Computed(_Node):
    """Something whose state a function tells.

    Attributes
    ----------
    consists
        Tells of what it consists: checksums, by what each part is called. Only of what stays the same while steps are run.
    place
        The folder that a step puts in its place to make it, where it makes one.
    """

    tell: Callable[[], str | None] = lambda: None
    consists: Callable[[], Mapping[str, str]] | None = None
    place: Path | None = None

    def parts(self) -> Mapping[str, str] | None:
        """Of what it consists, where that is known."""
        return self.consists() if self.consists is not None else None

    def state(self) -> str | None:
        """What the function tells."""
        return self.tell()


@dataclass(kw_only=True)
class Code(_Node):
    """The source of a module of kvarn and of everything that it imports, with the data files beside them."""

    module: str = ""

    def __post_init__(self) -> None:
        self.name, self.called = f"code of {self.module}", f"the code of {self.module}"

    @property
    def libraries(self) -> tuple[str, ...]:
        """The distributions that it imports."""
        return libraries_of(self.module)

    def state(self) -> str | None:
        """The hash over the sources."""
        return _state_of_code(self.module)


@functools.cache
def _data_files(source: str) -> Mapping[str, tuple[str, ...]]:
    """Of each folder of kvarn's source, the files in it and below that are no modules, by their places in the source."""
    found: dict[str, list[str]] = {}
    for above, names, files in os.walk(source):
        names[:] = [name for name in names if name != "__pycache__"]
        place = os.path.relpath(above, source).replace(os.sep, "/").removeprefix(".")
        found[place] = []
        data = [f"{place}/{name}".removeprefix("/") for name in files if not name.endswith((".py", ".pyc"))]
        while data:
            found[place] += data
            if not place:
                break
            place = place.rpartition("/")[0]
    return {folder: tuple(files) for folder, files in found.items()}


@functools.cache
def _state_of_code(module: str) -> str:
    graph = import_graph()
    own = {module, *graph.find_descendants(module)}
    used = set(own)
    for name in own:
        used |= {found for found in graph.find_upstream_modules(name) if found.partition(".")[0] == "kvarn"}
    source = os.path.dirname(str(kvarn.__file__))
    data = _data_files(source)
    files: set[str] = set()
    for name in used:
        place = "/".join(name.split(".")[1:])
        if place in data:
            files |= {f"{place}/__init__.py", *data[place]}
        else:
            files.add(f"{place}.py")
    whole = hashlib.sha256()
    for place in sorted(files - {"/__init__.py"}):
        # A package may have no file of its own.
        if (found := _hash_of_file(os.path.join(source, place))) is not None:
            whole.update(f"{place}\0{found}\n".encode())
    return whole.hexdigest()
