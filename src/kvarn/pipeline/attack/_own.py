"""Charts of a statistician's own on the pages: of cells that declare their tables, and around which a wall stood.

Where a wall stood, what is drawn can only come from protected tables. What can be read in it is held to the declared tables all
the same, so that no other number stands beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.analyse.disclosure.written.relations import Key
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._page import Drawing
from kvarn.pipeline.attack._prose import unaccounted_by
from kvarn.pipeline.own_outputs import Own, own_outputs
from kvarn.pipeline.production import Production

__all__ = ["OwnOutputs", "own_outputs_of"]

_REMEDY = (
    "Nothing has been published. Write in the chart no number but figures of the tables that its cell declares (#| shows: …), as "
    "they are published, years of the edition and the marks of an axis."
)
_PICTURE = (
    "Nothing has been published. Show pictures by a cell of a present notebook that declares its table (#| shows: …), where a "
    "wall stood around the notebook."
)


@dataclass(frozen=True)
class OwnOutputs:
    """What may stand on the pages of one language although not all of it can be read: the declared tables, by digest."""

    tables: Mapping[str, tuple[str, ...]]
    published: Published
    language: str

    def require_picture(self, digest: str, where: str) -> None:
        """Refuse a picture that no walled and declared cell has shown.

        Raises
        ------
        DisclosureError
            Nobody can tell what it shows.
        """
        if digest not in self.tables:
            raise DisclosureError(
                "A picture cannot be read, and nothing accounts for what it shows.", where=where, remedy=_PICTURE
            )

    def require_drawing(self, drawing: Drawing, labels: Collection[str], where: str) -> bool:
        """Hold what is written in a drawing of a walled and declared cell to its tables; whether it is such a drawing.

        Raises
        ------
        DisclosureError
            It shows a number that is no figure of the declared tables.
        """
        tables = self.tables.get(drawing.digest)
        if tables is None:
            return False
        if unaccounted_by(drawing.texts, labels, figures_of(tables, self.published), _years(self.published), self.language):
            raise DisclosureError(
                f"A chart that shows {', '.join(tables)} has a number in it that nothing published in them accounts for.",
                where=where,
                remedy=_REMEDY,
            )
        return True


def own_outputs_of(production: Production, published: Published, language: str) -> OwnOutputs:
    """Those of the executed notebooks around which a wall stood when they ran."""
    folder = production.workspace.build / language / "notebooks"
    owns = [own for notebook in production.notebooks("present") for own in own_outputs(folder / notebook.name)]
    return OwnOutputs(_by_digest(owns), published, language)


def _by_digest(owns: Iterable[Own]) -> dict[str, tuple[str, ...]]:
    return {own.digest: own.tables for own in owns if own.walled and own.tables and own.kind.startswith("image/")}


def figures_of(tables: Sequence[str], published: Published) -> frozenset[str]:
    """The published figures of these tables."""
    shapes = [(frozenset(table.measures), frozenset(table.variables)) for table in map(metadata.table, tables)]

    def stands_in(key: Key) -> bool:
        names = {name for name, _ in key[2]}
        return any(key[0] in measures and names <= variables for measures, variables in shapes)

    return frozenset(value for key, value in published.figures.items() if stands_in(key))


def _years(published: Published) -> frozenset[str]:
    return frozenset(str(key[1]) for key in published.figures)
