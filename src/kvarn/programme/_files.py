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
from kvarn.programme._about import About
from kvarn.programme._models import whole_model
from kvarn.programme._project import current_project, project_held, project_in_block

__all__ = ["FOLDER", "Programme", "as_held_here", "current_programme", "open_programme", "programme_held"]

# Where a project has its programme.
FOLDER = "programme"
_CODELISTS = "codelists"
_ABOUT = "programme"
_DECLARED = (_ABOUT, "variables", "measures", "tables", "findings", "texts", "register/register")
_IN_PROJECT = "Work in a project, a folder with _quarto.yml and notebooks/: its programme/ holds tables, measures and code lists."
_P = ParamSpec("_P")
_R = TypeVar("_R")
# Of this thread alone, and given back at the end of a block.
_held: ContextVar[Programme | None] = ContextVar("the programme in force", default=None)


# Compared by identity, as it is asked for for each cell of each table: `open_programme` gives the same one of a folder.
@dataclass(frozen=True, eq=False)
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
    def about(self) -> About:
        """What ``programme.yml`` says of the register.

        Raises
        ------
        CodeListError
            A key is missing, unknown or misspelt, or a value is of the wrong kind.
        """
        return _about(self)

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
        return tuple(sorted(self.folder / "collect" / f"{name}.yml" for name in (*self.about.file_types, "rules")))


def open_programme(folder: Path) -> Programme:
    """The programme in a folder.

    Raises
    ------
    CodeListError
        There is no such folder, or a file of the programme is missing there.
    """
    return _opened(folder.absolute())


@functools.cache
def _opened(folder: Path) -> Programme:
    opened = Programme(folder)
    if not opened.folder.is_dir():
        what = "The project has no statistical programme." if folder.name == FOLDER else "There is no programme here."
        raise CodeListError(what, file=folder, remedy="Restore programme/ from git, or copy that of another project.")
    # The files of intake are named by one of the others.
    for which in ("files", "files_of_intake"):
        for file in getattr(opened, which):
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
    last = _last
    if last is None or last[0] is not root:
        last = _remember(root)
    return last[1]


# The project that was asked for last, and its programme.
_last: tuple[Path, Programme] | None = None


def _remember(root: Path) -> tuple[Path, Programme]:
    global _last
    _last = found = (root, open_programme(root / FOLDER))
    return found


@functools.cache
def _declared(programme: Programme, name: str) -> Declared:
    return declared_at(programme.folder / f"{name}.yml", shared=True)


@functools.cache
def _about(programme: Programme) -> About:
    return whole_model(programme.declared(_ABOUT), About)


@functools.cache
def _texts(programme: Programme) -> Mapping[str, Mapping[str, str]]:
    return words_at(programme.declared("texts"))
