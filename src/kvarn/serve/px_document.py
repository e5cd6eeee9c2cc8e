"""A PX file as keywords and cells: what the writer has written, so that a part of the table keeps every word of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kvarn.errors import InputError

__all__ = ["Keyword", "read_px_document", "texts_of"]

_HEAD = re.compile(r'(?P<name>[A-Z0-9-]+)(?:\[(?P<language>\w+)\])?(?:\((?P<key>"[^"]*"(?:,"[^"]*")*)\))?=')
_VALUE = re.compile(r'(?:[^";]|"[^"]*")*')
_TEXT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class Keyword:
    """One keyword of a PX file.

    Attributes
    ----------
    language
        Empty for the main language, and for what has none.
    key
        The variable, and the category, that it is about.
    value
        As it is written.
    """

    name: str
    language: str
    key: tuple[str, ...]
    value: str

    def written(self) -> str:
        """As it stands in a file."""
        about = "(" + ",".join(f'"{one}"' for one in self.key) + ")" if self.key else ""
        return f"{self.name}{f'[{self.language}]' if self.language else ''}{about}={self.value};"

    def said_in(self, language: str) -> Keyword:
        """The same, marked as of a language."""
        return replace(self, language=language)


def read_px_document(content: str, name: str) -> tuple[tuple[Keyword, ...], list[str]]:
    """The keywords of a PX file in their order, and what stands in its cells.

    Raises
    ------
    InputError
        It is not PX.
    """
    head, found, data = content.partition("\nDATA=\n")
    keywords, place = [], 0
    while found and place < len(head):
        match = _HEAD.match(head, place)
        value = _VALUE.match(head, match.end()) if match else None
        if match is None or value is None or head[value.end() : value.end() + 1] != ";":
            raise InputError("A keyword cannot be read.", file=name, line=head.count("\n", 0, place) + 1)
        key = tuple(_TEXT.findall(match["key"] or ""))
        keywords.append(Keyword(match["name"], match["language"] or "", key, value[0]))
        place = value.end() + 1
        while place < len(head) and head[place].isspace():
            place += 1
    if not keywords or not data.rstrip().endswith(";"):
        raise InputError("This is not a whole PX file.", file=name)
    return tuple(keywords), data.rstrip().removesuffix(";").split()


def texts_of(keywords: Sequence[Keyword], name: str, key: Sequence[str] = (), language: str = "") -> list[str]:
    """The texts of a keyword; none where it is not there."""
    wanted = (name, tuple(key), language)
    return next((_TEXT.findall(one.value) for one in keywords if (one.name, one.key, one.language) == wanted), [])
