"""Primary suppression: which cells tell of somebody by themselves.

The rules are parameters of the edition (`kvarn.edition.Disclosure`); their defaults are assumptions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kvarn import metadata
from kvarn.analyse.disclosure.dominance import Largest, dominated, room_upwards
from kvarn.analyse.disclosure.draw import Draw
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.room import Room, share_of
from kvarn.analyse.disclosure.system import Cell, Sum, System
from kvarn.edition import Disclosure, Sensitive

__all__ = ["Decoy", "Overlap", "Problem", "Surplus", "primary_cells", "primary_suppression", "with_surpluses"]

REMAINDER = "remainder"
REPEATED = "repeated"
SURPLUS = "surplus"
DECOY = "decoy"
# A figure and its revision.
_OF_ONE_FIGURE = 2
# A county can have forty municipalities: so many parts of what is hidden are named.
_PARTS_NAMED = 6


@dataclass(frozen=True)
class Overlap:
    """By how much `parts`, which cover `whole`, come to more than it (`repeated`): zero where nobody is in two."""

    whole: Cell
    parts: tuple[Cell, ...]
    repeated: Cell


@dataclass(frozen=True)
class Surplus:
    """By how much what came to the parts of a whole is more than what came to the whole (`relation`): who came to a part and was
    in the whole already, in another municipality of the county, say."""

    relation: Relation
    surplus: Cell


@dataclass(frozen=True)
class Decoy:
    """A count, or what is left of it without `parts`."""

    whole: Cell
    parts: tuple[Cell, ...] = ()


@dataclass
class Problem:
    """What has to be protected, and all that an attacker can calculate with.

    Attributes
    ----------
    system
        The cells of all tables.
    primary
        The cells that must not be published.
    hidden
        Differences between cells, overlaps and surpluses, that stand in no table and must not become known either, with their
        values.
    sums
        The system's sums, and those that tie the hidden differences to the cells.
    overlaps
        What ties the hidden overlaps to the cells.
    surpluses
        What ties to the cells who came to a part and was in the whole already.
    floors
        The least that an attacker knows a withheld cell to be; a cell that is not named here is at least 1, as
        noughts are shown.
    published, withheld_before
        What earlier editions have published, and what they have withheld: the one stays published, the other withheld.
    least_width, widths
        How wide the interval of every secret has to be, and of those that need more.
    ups
        How far beyond its figure the interval of a secret has to reach, of those that need that.
    eased
        The secrets that need less than the rules say: what is out already leaves no more.
    singletons
        Whether what one person knows, who is alone in a cell, must not tell them another.
    municipalities
        Whether what a municipality knows of its own records must not tell it a secret of another's.
    room
        The width that a secret keeps to those who know that much.
    draw
        What a key decides: which of two that are alike is withheld, and what is withheld that need not be.
    decoys
        What tells of nobody by the rules and is withheld as if it did, as far as what is published leaves room: counts, and
        differences between a whole and parts.
    """

    system: System
    primary: frozenset[Cell]
    hidden: Mapping[Cell, int]
    sums: tuple[Sum, ...]
    floors: Mapping[Cell, int]
    overlaps: tuple[Overlap, ...] = ()
    surpluses: tuple[Surplus, ...] = ()
    published: frozenset[Cell] = frozenset()
    withheld_before: frozenset[Cell] = frozenset()
    least_width: int = 1
    widths: Mapping[Cell, int] = field(default_factory=dict)
    ups: Mapping[Cell, int] = field(default_factory=dict)
    eased: frozenset[Cell] = frozenset()
    singletons: bool = False
    municipalities: bool = False
    room: int = 1
    draw: Draw | None = None
    decoys: tuple[Decoy, ...] = ()

    def value(self, cell: Cell) -> int:
        """The true figure of a cell or of a hidden difference."""
        return self.hidden[cell] if cell in self.hidden else self.system.values[cell]

    def width(self, cell: Cell) -> int:
        """How wide the interval of a secret has to be, at least."""
        return max(self.least_width, self.widths.get(cell, 0))

    def easing(self, kept: Mapping[Cell, Room]) -> Problem:
        """The problem in which some secrets need no more than the room that they can keep."""
        ups = {cell: up for cell, up in self.ups.items() if cell not in kept}
        return replace(
            self,
            widths={**self.widths, **{cell: room.width for cell, room in kept.items()}},
            ups=ups | {cell: room.up for cell, room in kept.items() if room.up},
            eased=frozenset(kept),
        )

    def with_decoys(self, decoys: Sequence[Decoy]) -> tuple[Problem, dict[Cell, Decoy]]:
        """The problem in which these are secrets as well, and which of its cells are they."""
        hidden, sums, of = dict(self.hidden), list(self.sums), dict[Cell, Decoy]()
        taken = {(one.total, one.parts[:-1]) for one in self.sums if one.parts[-1] in self.hidden}
        for number, one in enumerate(decoys):
            if not one.parts:
                if one.whole not in self.primary and one.whole not in self.published:
                    of[one.whole] = one
            elif (one.whole, one.parts) not in taken and not self.published.issuperset((one.whole, *one.parts)):
                rest = Cell(f"{one.whole.measure} {DECOY}", one.whole.year, ((DECOY, f"{number:06d}"),))
                hidden[rest] = self.system.values[one.whole] - sum(self.system.values[part] for part in one.parts)
                sums.append(Sum(one.whole, (*one.parts, rest)))
                of[rest] = one
        new = {rest: 0 for rest in hidden if rest not in self.hidden}
        primary = self.primary | (of.keys() & self.system.values.keys())
        return replace(self, primary=primary, hidden=hidden, sums=tuple(sums), floors={**self.floors, **new}), of

    def words(self, cell: Cell) -> str:
        """A cell as people read it: what is hidden by what it is computed from."""
        return self._of_hidden.get(cell) or str(cell)

    @functools.cached_property
    def _of_hidden(self) -> Mapping[Cell, str]:
        found = {}
        for one in self.sums:
            for rest in (part for part in one.parts if part in self.hidden):
                found[rest] = f"what is left of {one.total} without {_joined([part for part in one.parts if part != rest])}"
        for overlap in self.overlaps:
            together = " together" if len(overlap.parts) > 1 else ""
            found[overlap.repeated] = f"what is counted beyond {overlap.whole} in {_joined(overlap.parts)}{together}"
        for came in self.surpluses:
            less, more = ([cell for cell, entry in came.relation.terms if entry * sign > 0] for sign in (-1, 1))
            found[came.surplus] = f"what is counted beyond {_joined(less)} in {_joined(more)} together"
        return found


def _joined(cells: Sequence[Cell]) -> str:
    shown = [str(cell) for cell in cells[:_PARTS_NAMED]]
    if len(cells) > _PARTS_NAMED:
        shown.append(f"{len(cells) - _PARTS_NAMED} others")
    return " and ".join(shown)


def primary_suppression(
    system: System,
    rules: Disclosure,
    largest: Mapping[Cell, Sequence[Largest]] | None = None,
    draw: Draw | None = None,
) -> Problem:
    """Apply the primary rules to every cell.

    - persons from 1 up to, not including, ``threshold``; a nought is shown;
    - procedures of fewer than ``contributors`` persons;
    - procedures of which one or two contributors have too large a share, where there is a rule and `largest` tells of them;
    - the difference between two cells, when it is a number of persons from 1 up to, not including, ``threshold``:
      persons without a procedure, say. It stands in no table, but whoever sees both cells can compute it;
    - the overlap of parts that cover a whole, when it is from 1 up to, not including, ``threshold`` (or ``contributors``): so
      many persons at most are in more than one part, in two municipalities of a county, say;
    - what came to the parts of a whole between two registers less what came to the whole, likewise: so many of a municipality
      that came late, say, were in another municipality of the county already;
    - what persons lack of all that they can have, likewise: twelve months of each less their person-months;
    - the difference of nought, where it tells that every person of a group is in one sensitive category.

    Sensitive categories can have stricter limits. Beside these there are decoys, as far as there is a `draw`: counts of persons,
    and differences between them, that are just above the limit.
    """
    rooms = primary_cells(system, rules, largest or {})
    hidden: dict[Cell, int] = {}
    sums = list(system.sums)
    for number, (whole, parts) in enumerate(system.differences):
        if system.public(whole):
            continue
        left = system.values[whole] - sum(system.values[part] for part in parts)
        if _difference_tells(system, whole, parts, left, rules):
            rest = Cell(f"{whole.measure} {REMAINDER}", whole.year, ((REMAINDER, f"{number:06d}"),))
            hidden[rest] = left
            sums.append(Sum(whole, (*parts, rest)))
    overlaps = _hidden_overlaps(system, rules)
    hidden |= {one.repeated: value for one, value in overlaps.items()}
    surpluses = _hidden_surpluses(system, rules)
    hidden |= {one.surplus: value for one, value in surpluses.items()}
    return Problem(
        system,
        frozenset(rooms),
        hidden,
        tuple(sums),
        dict.fromkeys(hidden, 0),
        overlaps=tuple(overlaps),
        surpluses=tuple(surpluses),
        least_width=rules.width,
        widths={cell: room.width for cell, room in rooms.items()},
        ups={cell: room.up for cell, room in rooms.items() if room.up},
        singletons=rules.singletons,
        municipalities=rules.municipalities,
        draw=draw,
        decoys=() if draw is None else tuple(_decoys(system, rules, draw)),
    )


def primary_cells(system: System, rules: Disclosure, largest: Mapping[Cell, Sequence[Largest]]) -> dict[Cell, Room]:
    """The cells that tell of somebody by themselves, each with the room that its interval needs."""
    found = {}
    for cell in system.values:
        shares = largest.get(cell, ())
        if _tells(system, cell, rules) or dominated(cell, system, largest, rules):
            of_largest = share_of(max((share.one for share in shares), default=0), rules.p_per_cent or 0)
            width = max(rules.width, of_largest, _of_amount(system, cell, rules))
            found[cell] = Room(width, room_upwards(cell, system, largest, rules))
    return found


def _decoys(system: System, rules: Disclosure, draw: Draw) -> Iterator[Decoy]:
    """Counts of persons, and differences between them, just above their limit, as far as they are drawn."""
    for cell, value in system.values.items():
        if metadata.measure(cell.measure).subject == "persons" and draw.is_decoy(value, limit(cell, rules), cell):
            yield Decoy(cell)
    for whole, parts in system.differences:
        if metadata.measure(whole.measure).subject == "persons":
            left = system.values[whole] - sum(system.values[part] for part in parts)
            if draw.is_decoy(left, max(limit(cell, rules) for cell in (whole, *parts)), whole, *parts):
                yield Decoy(whole, parts)


def with_surpluses(problem: Problem, further: Iterable[Relation]) -> Problem:
    """The problem with what further relations come to as secrets that stand in no table."""
    hidden, surpluses = dict(problem.hidden), list(problem.surpluses)
    for relation in further:
        cell = _named_surplus(relation, len(problem.system.surpluses))
        problem.system.surpluses.append(relation)
        hidden[cell] = sum(entry * problem.system.values[one] for one, entry in relation.terms)
        surpluses.append(Surplus(relation, cell))
    return replace(problem, hidden=hidden, surpluses=tuple(surpluses), floors={**problem.floors, **dict.fromkeys(hidden, 0)})


def _named_surplus(relation: Relation, number: int) -> Cell:
    first = relation.terms[0][0]
    return Cell(f"{first.measure} {SURPLUS}", first.year, ((SURPLUS, f"{number:06d}"),))


def _hidden_overlaps(system: System, rules: Disclosure) -> dict[Overlap, int]:
    """The overlaps that tell of few, with their values.

    Whoever is in three of the parts counts twice: an overlap of 3 is 1, 2 or 3 persons, few in any case. Of one that is not small
    nobody can tell whether few persons make it up.
    """
    found = {}
    for number, (whole, parts) in enumerate(system.overlaps):
        repeated = sum(system.values[part] for part in parts) - system.values[whole]
        if 0 < repeated < _strictest((whole, *parts), rules) and not system.public(whole):
            cell = Cell(f"{whole.measure} {REPEATED}", whole.year, ((REPEATED, f"{number:06d}"),))
            found[Overlap(whole, parts, cell)] = repeated
    return found


def _hidden_surpluses(system: System, rules: Disclosure) -> dict[Surplus, int]:
    """The surpluses that tell of few, with their values. Where no part has more, only the whole of then and of now are left: that
    difference is one of a figure and its revision, and no secret."""
    found = {}
    for number, relation in enumerate(system.surpluses):
        cells = [cell for cell, _ in relation.terms]
        come_to = sum(entry * system.values[cell] for cell, entry in relation.terms)
        of_one_figure = len(cells) <= _OF_ONE_FIGURE and all(abs(entry) == 1 for _, entry in relation.terms)
        if not of_one_figure and 0 < come_to < _strictest(cells, rules) and not any(map(system.public, cells)):
            found[Surplus(relation, _named_surplus(relation, number))] = come_to
    return found


def _strictest(cells: Sequence[Cell], rules: Disclosure) -> int:
    """The least number of persons that may be told of by what is computed from these cells."""
    return max(limit(cell, rules, contributors=metadata.measure(cell.measure).subject == "procedures") for cell in cells)


def limit(cell: Cell, rules: Disclosure, *, contributors: bool = False) -> int:
    """The least number of persons that may be told of, by the strictest rule that the cell's categories have."""
    least = rules.contributors if contributors else rules.threshold
    for category in cell.categories:
        special = _sensitive(category, rules)
        if special is not None:
            least = max(least, special.contributors if contributors else special.threshold)
    return least


def _tells(system: System, cell: Cell, rules: Disclosure) -> bool:
    subject = metadata.measure(cell.measure).subject
    value = system.values[cell]
    if subject == "persons":
        return 0 < value < limit(cell, rules)
    if subject == "procedures":
        behind = system.contributors[cell]
        return value > 0 and (behind is None or behind < limit(cell, rules, contributors=True))
    return False


def _of_amount(system: System, cell: Cell, rules: Disclosure) -> int:
    """How wide the interval around an amount of too few persons has to be, by what it comes to."""
    of_few = metadata.measure(cell.measure).subject == "procedures" and _tells(system, cell, rules)
    return share_of(system.values[cell], rules.amount_width_per_cent) if of_few else 0


def _difference_tells(system: System, whole: Cell, parts: tuple[Cell, ...], left: int, rules: Disclosure) -> bool:
    # Fewer procedures than contributors wanted have too few persons behind them; for more, nobody has counted the
    # persons.
    procedures = metadata.measure(whole.measure).subject == "procedures"
    strictest = max(limit(cell, rules, contributors=procedures) for cell in (whole, *parts))
    return 0 < left < strictest or (left == 0 and system.values[whole] > 0 and _whole_group(whole, parts, rules))


def _whole_group(whole: Cell, parts: tuple[Cell, ...], rules: Disclosure) -> bool:
    """Whether the one part is a sensitive category that the whole group would be known to be in."""
    own = [pair for part in parts for pair in part.categories if pair not in whole.categories]
    special = [special for pair in own if (special := _sensitive(pair, rules)) is not None]
    return len(parts) == 1 and any(one.group for one in special)


def _sensitive(category: tuple[str, str], rules: Disclosure) -> Sensitive | None:
    name, code = category
    special = rules.sensitive.get(name)
    if special is None or (special.codes is not None and code not in special.codes):
        return None
    return special
