"""A figure, whichever tables it stands in."""

from __future__ import annotations

from dataclasses import dataclass, field

from kvarn.analyse._classification import total

__all__ = ["VERSION", "Cell"]

# A count that has been revised since is one cell more, with the publication that shows it so (`memory.versions`).
VERSION = "edition"


@dataclass(frozen=True)
class Cell:
    """One figure. `categories` holds (variable, code) in order of the variable's name, totals left out."""

    measure: str
    year: int
    categories: tuple[tuple[str, str], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A cell is looked up many times: its hash is reckoned once.
        object.__setattr__(self, "_hash", hash((self.measure, self.year, self.categories)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Cell], tuple[object, ...]]:
        # Text hashes otherwise in another process, so the hash must not travel with the cell.
        return Cell, (self.measure, self.year, self.categories)

    def code(self, variable: str) -> str | None:
        """The category of one variable, or None for its total."""
        return dict(self.categories).get(variable)

    def having(self, variable: str, code: str | None) -> Cell:
        """The same cell in another category of one variable; None means the total."""
        kept = [(name, value) for name, value in self.categories if name != variable]
        if code is not None and code != total(variable):
            kept.append((variable, code))
        return Cell(self.measure, self.year, tuple(sorted(kept)))

    def within(self, variable: str, code: str) -> Cell:
        """The same cell, which is the total of one variable, in a category of it."""
        return Cell(self.measure, self.year, tuple(sorted((*self.categories, (variable, code)))))

    def __str__(self) -> str:
        return ", ".join([self.measure, str(self.year), *(f"{name} {code}" for name, code in self.categories)])
