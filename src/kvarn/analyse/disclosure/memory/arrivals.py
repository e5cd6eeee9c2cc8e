"""What came to a whole between two registers came to its parts: municipalities that come late, grow, shrink and fall away.

A whole that its parts cover need not be their sum: persons are counted once in a county, and may be in two municipalities of it.
So no sum relates the county's figure now to its figure before. But whoever is new in the county is new in one of its
municipalities, and those that have not been revised have nobody new. So what the county has more is at most what came to the
municipalities that have been revised; and what it has less is at most what they lost.

How much came to a part is what it has more now, where nobody was taken from it; else it is no more than all that it has now. The
attacker is taken to know which: the first is used where it is true of the figures, and only otherwise the second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.relation import Division, Relation
from kvarn.analyse.disclosure.system import System

__all__ = ["Register", "arrivals"]

# A category of one classification, in the counts of one measure and year.
_Place = tuple[str, int, tuple[str, str]]


@dataclass(frozen=True)
class Register:
    """The counts of one register.

    Attributes
    ----------
    values
        The figure of each cell.
    divisions
        What covers each whole.
    names
        Each cell as the whole system has it: one that is another figure in another register has a name of its own.
    """

    values: Mapping[Cell, int]
    divisions: tuple[Division, ...]
    names: Mapping[Cell, Cell]

    @classmethod
    def of(cls, system: System, names: Mapping[Cell, Cell]) -> Register:
        """The counts of a system as it is, whatever is added to it afterwards."""
        values = {cell: system.values[cell] for cell in names}
        return cls(values, tuple(one for one in system.divisions if one.whole in names), names)


def arrivals(one: Register, other: Register, values: Mapping[Cell, int]) -> Iterator[Relation]:
    """Every relation between the counts of two registers that no sum of either says and that is true of them, both ways.

    Parameters
    ----------
    values
        The figure of each cell by its name.
    """
    both = one.names.keys() & other.names.keys()
    revised = {cell for cell in both if one.names[cell] != other.names[cell]}
    if not revised:
        return
    still = _places(both) - _places(revised)
    for here, there in ((one, other), (other, one)):
        for division in here.divisions:
            if division.whole in revised:
                yield from _of_whole(division, here, there, still, values)


def _places(cells: set[Cell]) -> set[_Place]:
    return {(cell.measure, cell.year, pair) for cell in cells for pair in cell.categories}


def _of_whole(
    division: Division, here: Register, there: Register, still: set[_Place], values: Mapping[Cell, int]
) -> Iterator[Relation]:
    """What a whole has more `here` than `there` came to its parts."""
    whole = division.whole
    # A part that stands in no table must be known not to have changed, by other counts of the same category.
    if not all(_stands_still(part, whole, still) for part in division.missing):
        return
    changed = [part for part in division.parts if here.names[part] != there.names.get(part)]
    absent = [part for part in division.parts if part not in there.names]
    new = [part for part in absent if not _stands_still(part, whole, still)]
    common = [part for part in changed if part in there.names]
    if division.additive and not new:
        # Where every part stands in a table of both registers, the sums of both say it already.
        if division.missing or absent:
            yield from _first_true([_more(whole, common, here, there)], values, exact=True)
        return
    grown = [part for part in common if division.additive or here.values[part] > there.values[part]]
    sharp = _more(whole, grown, here, there) + [(here.names[part], 1) for part in new]
    sound = _more(whole, (), here, there) + [(here.names[part], 1) for part in (*common, *new)]
    yield from _first_true([sharp, sound], values, exact=False)


def _stands_still(part: Cell, whole: Cell, still: set[_Place]) -> bool:
    own = [pair for pair in part.categories if pair not in whole.categories]
    return bool(own) and all((part.measure, part.year, pair) in still for pair in own)


def _more(whole: Cell, parts: Collection[Cell], here: Register, there: Register) -> list[tuple[Cell, int]]:
    """What came to the parts less what came to the whole."""
    found = [(here.names[whole], -1), (there.names[whole], 1)]
    for part in parts:
        found += [(here.names[part], 1), (there.names[part], -1)]
    return found


def _first_true(wanted: Sequence[list[tuple[Cell, int]]], values: Mapping[Cell, int], *, exact: bool) -> Iterator[Relation]:
    """The first that is true of the figures."""
    for terms in wanted:
        relation = Relation(tuple(terms), exact)
        if relation.holds(values):
            yield relation
            return
