"""Two publications, compared."""

from __future__ import annotations

from dataclasses import dataclass

from kvarn.pipeline.comparison._cells import KINDS, CellChange, TableChange, compare_tables
from kvarn.pipeline.comparison._made_of import MadeOf, compare_files, compare_made_of
from kvarn.pipeline.comparison._published import Published
from kvarn.pipeline.comparison._texts import TextChange, compare_texts

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """In what the second of two publications differs from the first.

    Attributes
    ----------
    files
        The files of other bytes, or that only one has: nothing else differs where there are none.
    """

    before: Published
    now: Published
    tables: tuple[TableChange, ...]
    texts: tuple[TextChange, ...]
    made_of: tuple[MadeOf, ...]
    files: tuple[MadeOf, ...]

    @property
    def same(self) -> bool:
        """Whether they are the same, file for file."""
        return not self.files

    @property
    def secret(self) -> bool:
        """Whether one of them is not released, so that nobody else may read in what it differs."""
        return not (self.before.released and self.now.released)

    @property
    def changes(self) -> tuple[CellChange, ...]:
        """Every cell that differs, table by table."""
        return tuple(change for table in self.tables for change in table.changes)

    @property
    def counts(self) -> dict[str, int]:
        """How many cells of all tables became what."""
        return {kind: sum(table.counts[kind] for table in self.tables) for kind in KINDS}


def compare(before: Published, now: Published) -> Comparison:
    """Compare two publications by their own files, which hold protected figures alone.

    Raises
    ------
    InputError
        A file of one of them is not what it should be.
    """
    return Comparison(
        before,
        now,
        compare_tables(before, now),
        compare_texts(before, now),
        compare_made_of(before, now),
        compare_files(before, now),
    )
