"""What came to a whole between two registers came to its parts: municipalities that come late, grow, shrink and fall away.

A whole that its parts cover need not be their sum: persons are counted once in a county, and may be in two municipalities of it.
So no sum relates the county's figure now to its figure before. But whoever is new in the county is new in one of its
municipalities, and those that have not been revised have nobody new. So what the county has more is at most what came to the
municipalities that have been revised; and what it has less is at most what they lost.

How much came to a part is what it has more now, where nobody was taken from it; else it is no more than all that it has now. The
attacker is taken to know which: the first is used wherever it is true of the figures, and the second of as few parts as can be.
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
_Term = tuple[Cell, int]
# Of so many parts each is tried as the only one from which something was taken, and as the only one from which nothing was.
_FEW = 8


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
            # Of parts that add up a whole tells that has stayed as it was, too: what one has more another has less.
            if division.whole in (both if division.additive else revised):
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
    if not common and not new and here.names[whole] == there.names[whole]:
        return
    between = [(here.names[whole], -1), (there.names[whole], 1)] if here.names[whole] != there.names[whole] else []
    if division.additive and not new:
        # Where every part stands in a table of both registers, the sums of both say it already.
        exact = Relation((*between, *(term for part in common for term in _more(part, here, there))), exact=True)
        if (division.missing or absent) and exact.holds(values):
            yield exact
        return
    at_most = [(here.names[part], 1) for part in new]
    came = [
        (_more(part, here, there) if division.additive or here.values[part] > there.values[part] else [], (here.names[part], 1))
        for part in common
    ]
    yield from _true([*between, *at_most], came, values)


def _stands_still(part: Cell, whole: Cell, still: set[_Place]) -> bool:
    own = [pair for pair in part.categories if pair not in whole.categories]
    return bool(own) and all((part.measure, part.year, pair) in still for pair in own)


def _more(part: Cell, here: Register, there: Register) -> list[_Term]:
    """What a part has more `here` than `there`."""
    return [(here.names[part], 1), (there.names[part], -1)]


def _true(given: list[_Term], came: Sequence[tuple[list[_Term], _Term]], values: Mapping[Cell, int]) -> Iterator[Relation]:
    """The narrowest relations that are true of the figures.

    Parameters
    ----------
    came
        Of each part that has been revised what it has more, and all that it has.
    """

    def relation(whole_parts: Collection[int]) -> Relation:
        terms = list(given)
        for number, (more, everything) in enumerate(came):
            terms += [everything] if number in whole_parts else more
        return Relation(tuple(terms), exact=False)

    numbers = range(len(came))
    narrow = relation(())
    if narrow.holds(values):
        yield narrow
        return
    mixed = [relation({one}) for one in numbers] + [relation(set(numbers) - {one}) for one in numbers]
    wide = relation(numbers)
    yield from (one for one in [*(mixed if len(came) <= _FEW else ()), wide] if one.holds(values))
