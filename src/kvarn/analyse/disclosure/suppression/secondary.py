"""Secondary suppression: which cells have to go with the primary ones so that those cannot be told, nor narrowed down.

By linear programmes: each primary cell must be able to lie as far from its true value as is wanted, else more is withheld beside
it. Then whatever need not be withheld is published again. Where there are very many secrets, elimination goes before. At last,
whoever is alone in a cell must not be able to compute another secret from that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.room import Room
from kvarn.analyse.disclosure.suppression.cleanup import clean_up
from kvarn.analyse.disclosure.suppression.elimination import eliminate
from kvarn.analyse.disclosure.suppression.insiders import insiders_of
from kvarn.analyse.disclosure.suppression.intervals import Asked, Reach, ask_together, narrow_to_insiders, reaches, wide_enough
from kvarn.analyse.disclosure.suppression.linear import Flags, LinearSystem, Numbers, Row, linear_system
from kvarn.analyse.disclosure.suppression.programmes import are_whole
from kvarn.analyse.disclosure.suppression.repair import Repair, Shift
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses
from kvarn.analyse.disclosure.system import Cell, by_size
from kvarn.base.stages import Counter, tell
from kvarn.errors import DisclosureError

__all__ = ["Protection", "protection", "secondary_suppression"]

# With more secrets than this, elimination comes first: it takes a second where the programmes take minutes, and withholds more.
_MANY = 6000


@dataclass(frozen=True)
class Protection:
    """The cells withheld beside the primary ones, and the primary ones that could not be protected in full.

    Attributes
    ----------
    at_risk
        What earlier editions leave without protection.
    eased
        What they leave less room than the rules ask for, and the room that it keeps.
    told_to_one
        What one person, alone in another suppressed cell, can still compute.
    witnesses
        The tables found on the way: the audit tries them by arithmetic before it looks for others.
    """

    secondary: frozenset[Cell]
    at_risk: frozenset[Cell] = frozenset()
    eased: Mapping[Cell, Room] = field(default_factory=dict)
    told_to_one: frozenset[Cell] = frozenset()
    witnesses: Witnesses = field(default_factory=Witnesses, compare=False, repr=False)


def secondary_suppression(problem: Problem) -> frozenset[Cell]:
    """The further cells to withhold, as `protection`."""
    return protection(problem).secondary


def protection(problem: Problem) -> Protection:
    """The further cells to withhold: few, small rather than large, noughts and public figures never; the problem's decoys among
    them, but for those that what is published already would give away.

    Raises
    ------
    DisclosureError
        A secret cell can be computed, or told to within its width, from figures that cannot be withheld.
    """
    decoys = list(problem.decoys)
    while True:
        now, of = problem.with_decoys(decoys)
        found = _protection(now, frozenset(of))
        given_away = {of[cell] for cell in of.keys() & found.at_risk}
        if not given_away:
            break
        decoys = [one for one in decoys if one not in given_away]
    if not of:
        return found
    return Protection(
        found.secondary | (of.keys() & problem.system.values.keys()),
        found.at_risk,
        {cell: room for cell, room in found.eased.items() if cell not in of},
        found.told_to_one - of.keys(),
        found.witnesses.within(len(problem.system.values) + len(problem.hidden)),
    )


def _protection(problem: Problem, decoys: Set[Cell]) -> Protection:
    """As `protection`; `decoys` are those of the secrets that nobody needs kept."""
    linear = linear_system(problem)
    tell(f"protection: {len(linear.cells):,} cells, {int(linear.primary.sum()) - len(decoys):,} secret by the rules")
    before = linear.flags(problem.withheld_before)
    withheld = linear.primary | before
    if linear.primary.sum() > _MANY:
        order = [column for column in _wish_to_publish(problem, linear) if not before[column]]
        withheld |= eliminate(linear, order, _only_part_left(problem, linear))
    repair = Repair(linear)
    witnesses = Witnesses()
    # Most secrets need company at first, so that it is no use to look for each alone what it has without.
    withheld, no_width, no_room = _widened(problem, linear, withheld, repair, witnesses, ask_together, decoys)
    linear.ups[no_room] = 0
    # Where a share of an amount is not to be had, the width that each secret needs may still be.
    shares = no_width & (linear.widths > problem.least_width)
    linear.widths[shares] = problem.least_width
    lost = no_width & ~shares
    linear.widths[lost], linear.ups[lost] = 0, 0
    if shares.any():
        withheld, none, _ = _widened(problem, linear, withheld, repair, witnesses, ask_together, decoys)
        lost |= none
        linear.widths[none], linear.ups[none] = 0, 0
    at_risk = frozenset(linear.of(lost))
    eased = {
        linear.cells[column]: Room(int(linear.widths[column]), int(linear.ups[column]))
        for column in np.flatnonzero((no_width | no_room) & ~lost)
    }
    asked = Asked(insiders_of(problem, linear), problem.room)
    tell(f"protection: {int(withheld.sum()):,} withheld; publishing again what need not be")
    keep, dear = linear.primary | before, np.log10(np.maximum(linear.values, 1)) * linear.dearer
    withheld = clean_up(linear, withheld, keep, dear, witnesses)
    # What the clean-up took for room may be room for fractions only.
    withheld, none, _ = _widened(problem, linear, withheld, repair, witnesses, wide_enough, decoys)
    at_risk |= frozenset(linear.of(none)) & decoys
    if asked.insiders:
        tell(f"protection: {len(asked.insiders):,} who know more than the public")
    withheld, told = _kept_from_insiders(linear, withheld, asked, repair, witnesses)
    chosen = withheld & ~linear.primary
    told_to_one = frozenset(linear.cells[column] for column in told)
    return Protection(frozenset(linear.of(chosen)), at_risk, eased, told_to_one, witnesses)


def _wish_to_publish(problem: Problem, linear: LinearSystem) -> list[int]:
    """What is published anyhow first, then the largest."""
    rank = {cell: place for place, cell in enumerate(reversed(by_size(problem.system.values, problem.system.values)))}
    free = np.flatnonzero(~linear.primary | linear.fixed)
    return sorted((int(column) for column in free), key=lambda column: (not linear.fixed[column], rank[linear.cells[column]]))


def _only_part_left(problem: Problem, linear: LinearSystem) -> list[Row]:
    """Where all parts but one are nought, that part is the total: one municipality in a county, one code in a group."""
    found = []
    for nest in problem.system.nests:
        parts = [part for part in nest.parts if problem.value(part) or part in problem.primary]
        if nest.covering and len(parts) == 1:
            found.append({linear.column[nest.total]: -1, linear.column[parts[0]]: 1})
    return found


def _kept_from_insiders(
    linear: LinearSystem, withheld: Flags, asked: Asked, repair: Repair, witnesses: Witnesses
) -> tuple[Flags, list[int]]:
    """Withhold more until nobody who knows more than the public can compute a secret; and which cannot be kept from all."""
    enough, told = withheld.copy(), []
    found: dict[int, list[Numbers]] = defaultdict(list)
    pairs = narrow_to_insiders(linear, withheld, asked, witnesses) if asked.insiders else []
    counter = Counter("protection: secrets that somebody could tell who knows more", len(pairs))
    for insider, column in sorted(pairs, key=lambda pair: (linear.values[pair[1]], pair[1], pair[0])):
        counter.one()
        known = asked.insiders[insider].known
        if any(not np.isin(moved, known).any() for moved in found[column]):
            continue
        shift = repair.shift(column, asked.room, enough, still=known) or repair.shift(column, -asked.room, enough, still=known)
        if shift is None:
            told.append(column)
            continue
        enough[shift.columns] = True
        if are_whole(shift.by):
            witnesses.add(shift.columns, shift.by.round().astype(np.int64))
        for other in shift.columns[np.abs(shift.by) >= asked.room]:
            found[int(other)].append(shift.columns)
    return enough & ~linear.hidden | withheld, told


def _widened(
    problem: Problem,
    linear: LinearSystem,
    withheld: Flags,
    repair: Repair,
    witnesses: Witnesses,
    look: Callable[[Reach], object],
    decoys: Set[Cell],
) -> tuple[Flags, Flags, Flags]:
    """Withhold more until each primary cell reaches as far as is wanted; and which of them cannot be made as wide any more, or
    reach as far up, because of what is published already. A cell that `look` has not seen to reach far enough costs a programme,
    and others beside it only where it needs them."""
    least, most = _seen(linear, withheld, witnesses, look)
    enough = withheld.copy()
    no_width, no_room = (np.zeros(len(withheld), dtype=bool) for _ in range(2))
    narrow = np.flatnonzero(linear.primary & ((most - least < linear.widths) | (most - linear.values < linear.ups)))
    counter = Counter("protection: secrets that need further cells withheld", len(narrow))
    # The smallest first: they can only go up, so that their company is chosen among fewest.
    for column in narrow[np.argsort(linear.values[narrow], kind="stable")]:
        counter.one()
        for lost, up, width in ((no_room, int(linear.ups[column]), 0), (no_width, 0, int(linear.widths[column]))):
            above, below = int(most[column] - linear.values[column]), int(linear.values[column] - least[column])
            if above >= up and above + below >= width:
                continue
            moves = [up] if up else [width - below, above - width]
            shifts = _shifts(repair, int(column), moves, width, enough)
            if not shifts:
                before = linear.fixed & ~linear.flags(problem.published)
                needed = linear.cells[column] not in decoys
                if needed and not _shifts(repair, int(column), moves, width, enough, fixed=before):
                    raise _nothing_to_withhold(problem.words(linear.cells[column]))
                lost[column] = True
                continue
            for shift in shifts:
                enough[shift.columns] = True
                if not are_whole(shift.by):
                    continue
                witnesses.add(shift.columns, shift.by.round().astype(np.int64))
                table = linear.values[shift.columns] + shift.by.round().astype(np.int64)
                least[shift.columns] = np.minimum(least[shift.columns], table)
                most[shift.columns] = np.maximum(most[shift.columns], table)
    return enough & ~linear.hidden | withheld, no_width, no_room


def _shifts(
    repair: Repair, column: int, moves: Sequence[int], width: int, withheld: Flags, *, fixed: Flags | None = None
) -> list[Shift]:
    """The cheapest shift that moves a column by the first of some numbers that it can be moved by; where it can be moved by none,
    but to and fro by a width in all, the two that do; none where there are none."""
    for by in moves:
        shift = repair.shift(column, float(by), withheld, fixed=fixed)
        if shift is not None:
            return [shift]
    if not width:
        return []
    # How far it goes the one way: what goes for a number goes for less, and so far it goes already.
    found, goes, no_more = None, moves[1] + width, moves[0]
    while no_more - goes > 1:
        middle = (goes + no_more) // 2
        shift = repair.shift(column, float(middle), withheld, fixed=fixed)
        if shift is None:
            no_more = middle
        else:
            found, goes = shift, middle
    if found is None:
        return []
    also = withheld.copy()
    also[found.columns] = True
    back = repair.shift(column, float(goes - width), also, fixed=fixed)
    return [found, back] if back is not None else []


def _seen(
    linear: LinearSystem, withheld: Flags, witnesses: Witnesses, look: Callable[[Reach], object]
) -> tuple[Numbers, Numbers]:
    least, most = linear.values.copy(), linear.values.copy()
    for reach in reaches(linear, withheld, Asked(), witnesses):
        look(reach)
        least[reach.block.columns], most[reach.block.columns] = reach.least, reach.most
    return least, most


def _nothing_to_withhold(where: str) -> DisclosureError:
    return DisclosureError(
        "A cell that must be secret follows from figures that cannot be withheld, or can be told too closely from them.",
        where=where,
        remedy="Coarsen the table (fewer ages, counties instead of municipalities), or leave it out of the programme.",
    )
