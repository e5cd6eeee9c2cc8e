"""What the theme draws with: files that nobody but a reader can examine are kvarn's own, or somebody has read them.

A font, a filter in Lua and a template of Typst can draw anything. What they draw cannot be read back; so each is known by its
fingerprint, as kvarn ships it or as ``reports/theme/reviewed.yml`` says that somebody has read it.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.base.package_files import declared_in
from kvarn.base.yaml_files import lines_of, read_input
from kvarn.disseminate.rendering.fonts import font_files
from kvarn.errors import InputError

__all__ = ["REVIEWED", "Unreviewed", "require_reviewed_theme", "theme_fingerprint", "unreviewed_in_theme"]

REVIEWED = "reviewed.yml"
# Its words are read as those of documents are.
_READ = ("words.yml", REVIEWED)
_TEXTS = (".css", ".html", ".lua", ".scss", ".typ", ".yml")
_KEYS = ("sha256", "by", "date")
_ENTRY = 'Write the file, its fingerprint, who has read it and when: house.lua: {sha256: …, by: "…", date: 2026-01-31}.'
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Unreviewed:
    """A file of the theme that is neither kvarn's nor known to have been read as it is."""

    file: Path
    name: str
    sha256: str

    @property
    def entry(self) -> str:
        """The line of ``reviewed.yml`` that would say so, with what the reader puts in."""
        return f'{self.name}: {{sha256: {self.sha256}, by: "…", date: …}}'


def theme_fingerprint(file: Path) -> str:
    """By what a file of the theme is known; the ends of a text's lines do not count."""
    content = file.read_bytes()
    return hashlib.sha256(content.replace(b"\r\n", b"\n") if file.suffix in _TEXTS else content).hexdigest()


def unreviewed_in_theme(theme: Path) -> tuple[Unreviewed, ...]:
    """The files of a theme that nobody is known to have read as they are, by name.

    Raises
    ------
    InputError
        ``reviewed.yml`` names a file that is not there, or lacks who read it and when.
    """
    reviewed = _reviewed(theme)
    return tuple(
        Unreviewed(file, name, sha256)
        for file, name, sha256 in _files(theme)
        if _shipped().get(name) != sha256 and reviewed.get(name) != sha256 and (file.name, sha256) not in _fonts()
    )


def require_reviewed_theme(theme: Path, *, synthetic: bool) -> None:
    """Refuse a theme of which somebody has yet to read a file; with synthetic data nothing can be told by it.

    Raises
    ------
    InputError
        Naming each file, and what ``reviewed.yml`` says once it has been read.
    """
    missing = unreviewed_in_theme(theme)
    if missing and not synthetic:
        names = ", ".join(one.name for one in missing)
        entries = "\n          ".join(one.entry for one in missing)
        raise InputError(
            f"The theme is not kvarn's, and nobody is known to have read it as it is: {names}.",
            file=missing[0].file,
            remedy=f"Let somebody else than its author read what it draws, and write in reports/theme/{REVIEWED}:\n"
            f"          {entries}",
        )


def _files(theme: Path) -> Iterator[tuple[Path, str, str]]:
    for file in sorted(theme.rglob("*")):
        if file.is_file() and not (file.parent == theme and file.name in _READ):
            yield file, file.relative_to(theme).as_posix(), theme_fingerprint(file)


def _reviewed(theme: Path) -> Mapping[str, str]:
    file = theme / REVIEWED
    if not file.is_file():
        return {}
    read = read_input(file, noun="who has read the theme")
    if read.values is not None and not isinstance(read.values, dict):
        raise InputError("A list of files with their fingerprints is needed here.", file=file, line=1, remedy=_ENTRY)
    found: dict[str, str] = {}
    lines = dict(lines_of(read.root)) if read.root is not None else {}
    for name, said in (read.values or {}).items():
        if why := _wrong(theme, str(name), said):
            raise InputError(
                f"The entry {str(name)!r} {why}.",
                file=file,
                line=lines.get(str(name)),
                remedy=_ENTRY,
            )
        found[str(name)] = str(said["sha256"]).casefold()
    return found


def _wrong(theme: Path, name: str, said: Any) -> str:
    if not (theme / name).is_file():
        return "is no file of the theme"
    if not isinstance(said, Mapping) or set(said) != set(_KEYS):
        return f"needs {', '.join(_KEYS)}"
    if not str(said["by"] or "").strip(" …"):
        return "does not say who has read the file"
    return "" if _DATE.fullmatch(str(said["date"])) else "does not say when the file was read"


def _shipped() -> Mapping[str, str]:
    return {str(name): str(sha256) for name, sha256 in declared_in("kvarn.pipeline", "shipped_theme.yml").values.items()}


@functools.cache
def _fonts() -> frozenset[tuple[str, str]]:
    """The faces that kvarn lays beside the theme, from the packages that have them."""
    return frozenset((file.name, theme_fingerprint(file)) for file in font_files())
