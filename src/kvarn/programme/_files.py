"""The files of a programme, and the one loader of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from kvarn.base.package_files import Declared, declared_at, filled_in, words_at
from kvarn.errors import CodeListError
from kvarn.programme._project import current_project, project_held, project_in_block

__all__ = ["FOLDER", "Programme", "as_held_here", "current_programme", "open_programme", "programme_held"]

# Where a project has its programme.
FOLDER = "programme"
_CODELISTS = "codelists"
_DECLARED = ("variables", "measures", "tables", "findings", "texts", "register/register")
_OF_INTAKE = ("collect/KHSL1", "collect/KHSL2", "collect/rules")
_IN_PROJECT = "Work in a project, a folder with _quarto.yml and notebooks/: its programme/ holds tables, measures and code lists."
_P = ParamSpec("_P")
_R = TypeVar("_R")
# Of this thread alone, and given back at the end of a block.
_held: ContextVar[Programme | None] = ContextVar("the programme in force", default=None)


@dataclass(frozen=True)
class Programme:
    """The programme that lies in a folder. What is read is kept: a change of a file counts in the next run."""

    folder: Path

    def declared(self, name: str) -> Declared:
        """What ``<name>.yml`` declares; what several entries have in common may stand there once.

        Raises
        ------
        CodeListError
            It is not there, not YAML, or not keys and values.
        """
        return _declared(self, name)

    def words(self, key: str, language: str, values: Mapping[str, object]) -> str:
        """Words of ``texts.yml`` in one language, with ``{name}`` filled in from `values`.

        Raises
        ------
        CodeListError
            There are no such words, or they cannot be filled in.
        """
        return filled_in(self.declared("texts"), _texts(self), key, language, values)

    @property
    def codelists(self) -> Path:
        """The folder of the programme's own code lists."""
        return self.folder / _CODELISTS

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of it but those of intake, sorted."""
        named = [self.folder / f"{name}.yml" for name in _DECLARED]
        return tuple(sorted([*named, *self.codelists.glob("*.csv")]))

    @property
    def files_of_intake(self) -> tuple[Path, ...]:
        """The layouts of delivery files and the rules of intake, sorted."""
        return tuple(sorted(self.folder / f"{name}.yml" for name in _OF_INTAKE))


@functools.cache
def open_programme(folder: Path) -> Programme:
    """The programme in a folder.

    Raises
    ------
    CodeListError
        There is no such folder, or a file of the programme is missing there.
    """
    opened = Programme(folder.absolute())
    if not opened.folder.is_dir():
        what = "The project has no statistical programme." if folder.name == FOLDER else "There is no programme here."
        raise CodeListError(what, file=folder, remedy="Restore programme/ from git, or copy that of another project.")
    for file in (*opened.files, *opened.files_of_intake):
        if not file.is_file():
            raise CodeListError("A file of the statistical programme is missing.", file=file, remedy="Restore it from git.")
    return opened


@contextmanager
def programme_held(programme: Programme) -> Iterator[Programme]:
    """Let this programme be in force within the block and in this thread, whatever project is in use."""
    token = _held.set(programme)
    try:
        yield programme
    finally:
        _held.reset(token)


def as_held_here(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same work for a thread: what is held here holds there too.

    Only that, and not the whole context: Jupyter keeps the event loop of a thread there.
    """
    programme, root = _held.get(), project_in_block()

    def held(*given: _P.args, **named: _P.kwargs) -> _R:
        token = _held.set(programme)
        try:
            with project_held(root):
                return work(*given, **named)
        finally:
            _held.reset(token)

    return held


def current_programme() -> Programme:
    """The programme that is held, else that of the project in use (`use_project`).

    Raises
    ------
    CodeListError
        There is no project, or it has no programme.
    """
    held = _held.get()
    if held is not None:
        return held
    root = current_project()
    if root is None:
        what = "Nothing says which statistical programme is meant: this is not inside a kvarn project."
        raise CodeListError(what, remedy=_IN_PROJECT)
    return _of_project(root)


@functools.cache
def _of_project(root: Path) -> Programme:
    return open_programme(root / FOLDER)


@functools.cache
def _declared(programme: Programme, name: str) -> Declared:
    return declared_at(programme.folder / f"{name}.yml", shared=True)


@functools.cache
def _texts(programme: Programme) -> Mapping[str, Mapping[str, str]]:
    return words_at(programme.declared("texts"))
