"""An attacker who keeps every publication: editions of one year that were revised, and the orders between.

He shares no code with the protector.

He knows how figures hang together, that a withheld figure is at least 1, and more than anyone can know: which figures were
revised between two publications, withheld ones among them. A figure that was not is one unknown in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

COUNTY = "10"
MUNICIPALITIES = ("1060", "1080", "1081", "1082", "1083")
SEXES = ("1", "2")
COOPERATION = ("single", "joint")

# measure, region, sex, cooperation
Cell = tuple[str, str, str, str]
# A cell as one register has it; a figure that is the same in two registers is one.
Version = tuple[Cell, int]
Line = dict[Version, int]


@dataclass(frozen=True)
class Counted:
    """A register as it was counted: the true figures, the cells that something was published of, and who is counted in each.

    Whoever is counted is a pair of a person and a month, or a person alone; of who is in the cells the attacker is told no more
    than in which nobody came, and in which nobody was lost.
    """

    figures: Mapping[Cell, int]
    cells: Set[Cell]
    members: Mapping[Cell, Set[object]]


class Attacker:
    """Lays publications together.

    `figures` holds the true figure of each cell for each register, and `shown` what a publication from it shows (None: withheld).
    """

    def __init__(self) -> None:
        self.known: set[Version] = set()
        self.unknown: set[Version] = set()
        self.equal: list[Line] = []
        self.positive: list[Line] = []
        # Lines of `positive` that say what came to the parts of a whole, less what came to the whole.
        self.came: list[Line] = []

    def read(self, figures: Mapping[Cell, int], shown: Mapping[Cell, int | None]) -> None:
        """One more publication; `figures` are those of its register, and tell him no more than what was revised."""
        for cell, value in shown.items():
            (self.unknown if value is None else self.known).add((cell, figures[cell]))
        self.unknown -= self.known

    def state(self, figures: Mapping[Cell, int], cells: set[Cell]) -> None:
        """How the figures of one register hang together, those of an edition and of the orders made from it."""
        for terms, exact in relations(cells):
            line = {(cell, figures[cell]): entry for cell, entry in terms.items()}
            (self.equal if exact else self.positive).append(line)

    def knows_of_merged(self, one: tuple[Mapping[Cell, int], set[Cell]], other: tuple[Mapping[Cell, int], set[Cell]]) -> None:
        """Two registers of the same persons, by two code lists: what is one in the one of them is several in the other.

        All that is in the last municipality of the shorter list is in that or in those that it lacks of the longer; nothing is
        said of lists that are the same.
        """
        longer, shorter = sorted((one, other), key=lambda register: -len({cell[1] for cell in register[1]}))
        codes = [{cell[1] for cell in cells} for _, cells in (longer, shorter)]
        lacking = [region for region in MUNICIPALITIES if region in codes[0] - codes[1]]
        there = [region for region in MUNICIPALITIES if region in codes[1]]
        if not lacking or not there:
            return
        for cell in sorted(shorter[1]):
            if cell[1] != there[-1]:
                continue
            parts = [(cell[0], region, *cell[2:]) for region in (there[-1], *lacking)]
            whole, known = (cell, shorter[0][cell]), [(part, longer[0][part]) for part in parts if part in longer[1]]
            self.positive += [{whole: 1, part: -1} for part in known if part != whole]
            if len(known) == len(parts) and whole not in known:
                self.positive.append({whole: -1, **dict.fromkeys(known, 1)})

    def knows_what_came(self, now: Counted, then: Counted) -> None:
        """Two registers of one code list, of which he knows in which municipalities something came, and in which it was lost.

        Whoever is new in a county is new in one of its municipalities: so the county has no more new persons than they have
        together. In a municipality from which nobody was taken these are what it has more now, in any other at most all it has.
        """
        changed = {cell[1] for cell in now.figures if now.members[cell] != then.members[cell]}
        for whole, parts in coverings(now.cells):
            if whole not in then.cells or now.figures[whole] == then.figures[whole]:
                continue
            line: Line = {(whole, now.figures[whole]): -1}
            _add(line, (whole, then.figures[whole]), 1)
            for part in parts:
                if now.members[part] <= then.members[part] and ({part} <= now.cells & then.cells or part[1] not in changed):
                    continue
                if part not in now.cells:
                    break
                _add(line, (part, now.figures[part]), 1)
                if part in then.cells and now.members[part] >= then.members[part]:
                    _add(line, (part, then.figures[part]), -1)
            else:
                self.positive.append(line)
                if len(line) > 2:
                    # Else it is the difference of two figures of one cell, which is asked of nobody.
                    self.came.append(line)

    def interval(self, terms: Mapping[Version, int]) -> tuple[float, float]:
        """The least and greatest that a sum of coefficients times figures can be."""
        unknown = sorted(self.unknown)
        place = {version: number for number, version in enumerate(unknown)}
        costs, constant = self._row(terms, place)
        equal = [self._row(line, place) for line in self.equal]
        positive = [self._row(line, place) for line in self.positive]
        given = {
            "A_eq": np.array([row for row, _ in equal]),
            "b_eq": np.array([-held for _, held in equal]),
            "A_ub": np.array([-row for row, _ in positive]),
            "b_ub": np.array([held for _, held in positive]),
        }
        ends = []
        for sign in (1, -1):
            if not costs.any():
                ends.append(constant)
                continue
            found = linprog(sign * costs, bounds=(1, 10_000), method="highs", **given)
            assert found.status == 0, found.message
            ends.append(constant + sign * found.fun)
        return math.ceil(ends[0] - 1e-6), math.floor(ends[1] + 1e-6)

    def _row(self, terms: Mapping[Version, int], place: Mapping[Version, int]) -> tuple[np.ndarray, int]:
        row, constant = np.zeros(len(place)), 0
        for version, entry in terms.items():
            if version in place:
                row[place[version]] += entry
            else:
                constant += entry * version[1]
        return row, constant


def _add(line: Line, version: Version, entry: int) -> None:
    line[version] = line.get(version, 0) + entry


def coverings(cells: Set[Cell]) -> Iterator[tuple[Cell, list[Cell]]]:
    """Wholes and what covers them, shown or not: a county, persons with procedures of either kind, and the months of persons."""
    for measure, region, sex, cooperation in sorted(cells):
        cell = (measure, region, sex, cooperation)
        if region == COUNTY:
            yield cell, [(measure, one, sex, cooperation) for one in MUNICIPALITIES]
        if cooperation == "T" and measure == "persons_with_procedure":
            yield cell, [(measure, region, sex, one) for one in COOPERATION]
        if measure == "persons" and cooperation == "T":
            yield cell, [("person_months", region, sex, cooperation)]


def relations(cells: set[Cell]) -> Iterator[tuple[dict[Cell, int], bool]]:
    """Sums that are nought (exact), or nought or more."""
    for measure, region, sex, cooperation in sorted(cells):
        cell = (measure, region, sex, cooperation)
        if sex == "T":
            parts = [(measure, region, one, cooperation) for one in SEXES]
            if all(part in cells for part in parts):
                yield {cell: 1, **dict.fromkeys(parts, -1)}, True
        if region == COUNTY:
            parts = [(measure, one, sex, cooperation) for one in MUNICIPALITIES]
            yield from _covering(cells, cell, parts)
        if cooperation == "T":
            parts = [(measure, region, sex, one) for one in COOPERATION]
            yield from _covering(cells, cell, parts)
        for more in {"persons_with_procedure": ("persons",), "persons": ("person_months",)}.get(measure, ()):
            if (more, region, sex, "T") in cells and region != "00":
                yield {(more, region, sex, "T"): 1, cell: -1}, False
        if region == COUNTY and (measure, "00", sex, cooperation) in cells:
            yield {(measure, "00", sex, cooperation): 1, cell: -1}, False


def _covering(cells: set[Cell], whole: Cell, parts: list[Cell]) -> Iterator[tuple[dict[Cell, int], bool]]:
    there = [part for part in parts if part in cells]
    yield from (({whole: 1, part: -1}, False) for part in there)
    if len(there) == len(parts):
        yield {whole: -1, **dict.fromkeys(parts, 1)}, False


def differences(cells: set[Cell]) -> Iterator[dict[Cell, int]]:
    """What can be computed and stands nowhere: wholes less a part, and what covers a whole less the whole."""
    for terms, exact in relations(cells):
        if not exact and "procedures" not in {cell[0] for cell in terms}:
            yield terms
