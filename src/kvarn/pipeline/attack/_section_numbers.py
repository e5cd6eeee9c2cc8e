"""The numbers of a page's sections: those that the renderer has counted, before a heading and in the list of contents.

Anything may be given their class. So a number is taken for a section's only where it follows on the one before it, as its
heading's level has it, and in the list of contents only before the words of the heading that has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["SectionNumbers"]

_NUMBER = re.compile(r"\d+(?:\.\d+)*")


@dataclass
class _Place:
    """A heading, or a line of the list of contents: of which section, at what level, and its number."""

    target: str
    level: int = 0
    number: str = ""


@dataclass
class SectionNumbers:
    """The numbered headings of a page as it is read, and the lines of the list of contents that have to agree with them."""

    headings: dict[str, tuple[str, str]] = field(default_factory=dict)
    contents: list[tuple[str, str, str]] = field(default_factory=list)
    _at: _Place | None = None
    _last: tuple[int, ...] = ()
    _top: int = 0

    @property
    def in_heading(self) -> bool:
        """Whether a heading is being read."""
        return self._at is not None and self._at.level > 0

    def heading(self, level: int, target: str) -> None:
        """A heading begins."""
        self._at = _Place(target, level)

    def line(self, target: str) -> None:
        """A line of the list of contents begins."""
        self._at = _Place(target)

    def takes(self, said: str, before: str) -> bool:
        """Whether what is marked as a section's number is one, as far as can be told before all headings have been read."""
        if self._at is None or self._at.number or before.strip() or _NUMBER.fullmatch(said) is None:
            return False
        if self._at.level and not self._follows(tuple(map(int, said.split("."))), self._at.level):
            return False
        self._at.number = said
        return True

    def ended(self, words: str, *, heading: bool) -> None:
        """The heading or line has been read; a link within a heading ends nothing."""
        if self._at is None or heading != bool(self._at.level):
            return
        if self._at.number:
            if self._at.level:
                self.headings[self._at.target] = self._at.number, words
            else:
                self.contents.append((self._at.target, self._at.number, words))
        self._at = None

    def of_no_heading(self) -> list[str]:
        """The lines of the list of contents whose number is not that of the heading with the same words."""
        return [f"{number} {words}" for target, number, words in self.contents if self.headings.get(target) != (number, words)]

    def _follows(self, number: tuple[int, ...], level: int) -> bool:
        top = self._top or level - len(number) + 1
        shared = self._last[: len(number)]
        # One more than the last at its depth, or the first below it; a level that is left out has a zero.
        expected = (
            (*shared[:-1], shared[-1] + 1) if len(shared) == len(number) else (*shared, *[0] * (len(number) - len(shared) - 1), 1)
        )
        if number != expected or level - len(number) + 1 != top:
            return False
        self._last, self._top = number, top
        return True
