"""Charts of a statistician's own on the pages: of cells that declare their tables, and around which a wall stood.

Where a wall stood, what is drawn can only come from protected tables. What can be read in it is held to the declared tables all
the same, so that no other number stands beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.analyse.disclosure.written.relations import Key
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._drawn_words import measures_named, named_in, numbers_in_words, of_no_table, with_whole_labels
from kvarn.pipeline.attack._page import Drawing
from kvarn.pipeline.attack._prose import unaccounted_by
from kvarn.pipeline.attack._words import Words
from kvarn.pipeline.own_outputs import Own, own_outputs
from kvarn.pipeline.production import Production
from kvarn.pipeline.profiles import profile_runs

__all__ = ["OwnOutputs", "own_outputs_of"]

_REMEDY = (
    "Nothing has been published. Write in the chart no number, and none in words, but figures of the tables that its cell "
    "declares (#| shows: …), as they are published and of the categories that the chart names (a total by its name), years of "
    "the edition and the marks of an axis."
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

    def require_drawing(self, drawing: Drawing, labels: frozenset[str], where: str) -> bool:
        """Hold what is written in a drawing of a walled and declared cell to its tables; whether it is such a drawing.

        Raises
        ------
        DisclosureError
            It shows a number that is no figure of the declared tables, or of no category that it names; says one in words; or
            names a category that the tables do not have.
        """
        tables = self.tables.get(drawing.digest)
        if tables is None:
            return False
        shows, words = f"A chart that shows {', '.join(tables)}", Words(self.language)
        if any(numbers_in_words(drawing.texts, labels, self.language)):
            raise DisclosureError(f"{shows} says a number in words.", where=where, remedy=_REMEDY)
        texts = with_whole_labels(drawing.texts, words)
        if any(of_no_table(texts, tables, words)):
            raise DisclosureError(
                f"{shows} names a place or a category that is not in them.",
                where=where,
                remedy="Nothing has been published. Declare the table that has it (#| shows: …), and show its figures.",
            )
        named, years, measures = named_in(texts, words, tables), _years(self.published), measures_named(texts, words)
        held = [(drawing.texts, named)]
        held += [([text], {**named, **of_text}) for text in texts if (of_text := named_in([text], words, tables))]
        for said, categories in held:
            accounted = figures_of(tables, self.published, categories, measures)
            if unaccounted_by(said, labels, accounted, years, self.language):
                raise DisclosureError(
                    f"{shows} has a number in it that nothing published in them accounts for, of the categories that it names.",
                    where=where,
                    remedy=_REMEDY,
                )
        return True


def own_outputs_of(production: Production, published: Published, language: str) -> OwnOutputs:
    """Those of the executed notebooks around which a wall stood when they ran."""
    folder = production.workspace.build / language / "notebooks"
    owns = [own for notebook in production.notebooks("present") for own in own_outputs(folder / notebook.name)]
    for notebook in production.profiles:
        # An output of somebody's own has an alternative text; without any there is none to be looked for in hundreds of files.
        if "fig-alt" in notebook.read_text(encoding="utf-8"):
            runs = sorted(profile_runs(production.workspace, notebook, language).glob("*.ipynb"))
            owns += [own for executed in runs for own in own_outputs(executed)]
    return OwnOutputs(_by_digest(owns), published, language)


def _by_digest(owns: Iterable[Own]) -> dict[str, tuple[str, ...]]:
    return {own.digest: own.tables for own in owns if own.walled and own.tables and own.kind.startswith("image/")}


def figures_of(
    tables: Sequence[str],
    published: Published,
    named: Mapping[str, frozenset[str]] = MappingProxyType({}),
    measures: Collection[str] = (),
) -> frozenset[str]:
    """The published figures of these tables: of each variable of which categories are named, of those alone; and, of what is
    public beside protected figures, as how many municipalities these are of, the `measures` that are named."""
    # The total of a variable that a table does not have is all of it.
    needed = {name for name, codes in named.items() if codes != {_total(name)}}
    declared = [table for table in map(metadata.table, tables) if needed <= {*table.variables}]
    shapes = [(_accounting(table, measures), frozenset(table.variables)) for table in declared]
    wanted = [(name, codes, _total(name)) for name, codes in named.items()]

    def stands_in(key: Key) -> bool:
        of = dict(key[2])
        return all(of.get(name, total) in codes for name, codes, total in wanted) and any(
            key[0] in measures_of and of.keys() <= variables for measures_of, variables in shapes
        )

    return frozenset(value for key, value in published.figures.items() if stands_in(key))


def _accounting(table: metadata.TableDefinition, named: Collection[str]) -> frozenset[str]:
    """The measures of a table whose figures account for a number: public ones beside protected ones only where they are named."""
    public = {name for name in table.measures if metadata.measure(name).subject == "public"}
    return frozenset(name for name in table.measures if name in named or name not in public or len(public) == len(table.measures))


def _total(variable: str) -> str:
    listed = metadata.variable(variable).codes
    return str(listed.total) if listed is not None else ""


def _years(published: Published) -> frozenset[str]:
    return frozenset(str(key[1]) for key in published.figures)
