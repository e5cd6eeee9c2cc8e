"""The attacker as the protector sees one: what can be concluded from everything that is published.

Known are every published figure, that withheld ones are whole numbers of at least 1, that noughts are shown, and how the
cells hang together. `kvarn.analyse.disclosure.written.audit` attacks once more, by other code, what was written in the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import numpy as np

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.suppression.elimination import PRIME, Space
from kvarn.analyse.disclosure.suppression.insiders import insiders_of
from kvarn.analyse.disclosure.suppression.intervals import Asked, exact_limits, narrow, narrow_to_insiders, reaches
from kvarn.analyse.disclosure.suppression.linear import Row, linear_system
from kvarn.analyse.disclosure.suppression.programmes import TOLERANCE
from kvarn.analyse.disclosure.suppression.witnesses import Witnesses
from kvarn.analyse.disclosure.system import Cell, Sum
from kvarn.errors import DisclosureError

__all__ = ["Limits", "audit", "determined", "exposed", "limits_of", "told_to_insiders"]

# The least and the greatest value; infinity where there is no greatest.
Limits: TypeAlias = dict[Cell, tuple[int, float]]


def audit(
    problem: Problem,
    withheld: Collection[Cell],
    at_risk: Collection[Cell] = (),
    told_to_one: Collection[Cell] = (),
    witnesses: Witnesses | None = None,
) -> None:
    """Make sure that nothing that had to be protected can be computed, or told too closely, by the public or by insiders.

    What is certified: for each secret there are two tables of whole numbers that fit everything published and every relation,
    in which the secret differs by its width at least; and for each insider and each secret about somebody else one such table
    that agrees with all that is known and moves the secret by `room` at least. Tables that are given as `witnesses` count where
    they fit, which is told from them and from the problem alone; what they do not show is looked for.

    Raises
    ------
    DisclosureError
        A primary cell is published, or what is published leaves it less room than its width. The error names the cell, never
        its value. Cells `at_risk` were given away by an earlier edition, and are left out; so are, for insiders, those which
        were `told_to_one` already and cannot be kept from that one.
    """
    seen = Witnesses() if witnesses is None else witnesses
    found = sorted(((problem.primary - set(withheld)) | exposed(problem, withheld, seen)) - set(at_risk), key=str)
    found = found or sorted(told_to_insiders(problem, withheld, {*at_risk, *told_to_one}, seen), key=str)
    if found:
        raise DisclosureError(
            f"{len(found)} cell(s) that must be secret could be computed, or told too closely, from what is published.",
            where=problem.words(found[0]),
            remedy="Coarsen the table (fewer ages, counties instead of municipalities), or leave it out of the programme.",
        )


def told_to_insiders(
    problem: Problem, withheld: Collection[Cell], but: Collection[Cell] = (), witnesses: Witnesses | None = None
) -> set[Cell]:
    """The secrets, `but` for some, that somebody alone in a cell, or a municipality, could compute (see `insiders_of`)."""
    linear = linear_system(problem)
    left_out = np.flatnonzero(linear.flags(but))
    asked = Asked(insiders_of(problem, linear), problem.room, left_out)
    if not asked.insiders:
        return set()
    pairs = narrow_to_insiders(linear, linear.flags(withheld), asked, Witnesses() if witnesses is None else witnesses)
    return {linear.cells[column] for _, column in pairs}


def exposed(problem: Problem, withheld: Collection[Cell], witnesses: Witnesses | None = None) -> set[Cell]:
    """The withheld primary cells and hidden differences that lie in too narrow an interval."""
    linear = linear_system(problem)
    return set(linear.of(narrow(linear, linear.flags(withheld), Witnesses() if witnesses is None else witnesses)))


def limits_of(problem: Problem, withheld: Collection[Cell], witnesses: Witnesses | None = None) -> Limits:
    """The least and greatest value that each withheld cell and hidden difference can have."""
    linear = linear_system(problem)
    found: Limits = {}
    for reach in reaches(linear, linear.flags(withheld), Asked(), Witnesses() if witnesses is None else witnesses):
        block = reach.block
        lowest, highest = exact_limits(reach)
        least = np.ceil(lowest - TOLERANCE)
        most = np.where(highest > block.ceilings - TOLERANCE, np.inf, np.floor(highest + TOLERANCE))
        for place, column in enumerate(block.columns):
            found[linear.cells[column]] = (int(least[place]), float(most[place]))
    return found


def determined(sums: Iterable[Sum], unknown: Collection[Cell]) -> set[Cell]:
    """The unknown cells that the sums alone determine, found by elimination modulo a large prime.

    A cell is determined if and only if the vector that picks it lies in the space of the rows (Langsrud 2024).
    """
    column = {cell: place for place, cell in enumerate(unknown)}
    space = Space()
    for relation in sums:
        reduced = space.reduce(_unknown_part(relation, column))
        if reduced:
            space.add(reduced, min(reduced))
    return {cell for cell, place in column.items() if not space.reduce({place: 1})}


def _unknown_part(relation: Sum, column: Mapping[Cell, int]) -> Row:
    row: Row = {}
    for cell, sign in ((relation.total, PRIME - 1), *((part, 1) for part in relation.parts)):
        if cell in column:
            row[column[cell]] = (row.get(column[cell], 0) + sign) % PRIME
    return {place: entry for place, entry in row.items() if entry}
