"""What must not be told: found by the plain rule alone, and what the protector keeps of its own list.

``restricted/<edition>/disclosure/secrets.json`` keeps which cells and differences the protector holds secret and how wide the
interval of each has to be, and which of them earlier editions have given away. It holds no figure, and is secret all the same:
who knows which gaps are small counts knows too much.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import total
from kvarn.analyse._not_reported import with_zero_where_nothing_was_reported
from kvarn.analyse.disclosure.dominance import COLUMNS
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.room import larger, share_of
from kvarn.analyse.disclosure.system import Cell
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.relations import Difference, Key, differences, overlaps, whole_groups
from kvarn.analyse.disclosure.written.rests import Excused, Surplus
from kvarn.base.damaged import damage_told, kept_json
from kvarn.base.files import SECRET, replace_file
from kvarn.edition import Disclosure, Sensitive

__all__ = [
    "KEPT",
    "NO_CODES",
    "Secrets",
    "counts_with_status",
    "held_secrets",
    "is_count",
    "keep_secrets",
    "kept_secrets",
    "secret_differences",
    "secret_overlaps",
    "secret_surpluses",
    "secrets_of",
    "true_counts",
]

KEPT = "secrets.json"
# A count and its revision.
_OF_ONE_COUNT = 2
# What a table of figures has beside its classification variables.
NO_CODES = frozenset({"year", "measure", "value", "status", "synthetic", "contributors", *COLUMNS})


@dataclass
class Secrets:
    """What must not be told, each with the width of the interval that it needs, and what is told already.

    Attributes
    ----------
    ups
        How far beyond its figure the interval of a cell has to reach, of those that need that.
    eased
        The cells that need less than the rules say: what is out already leaves no more.
    """

    cells: dict[Key, int] = field(default_factory=dict)
    ups: dict[Key, int] = field(default_factory=dict)
    eased: set[Key] = field(default_factory=set)
    differences: dict[Difference, int] = field(default_factory=dict)
    overlaps: dict[Difference, int] = field(default_factory=dict)
    surpluses: dict[Surplus, int] = field(default_factory=dict)
    given_away: set[Key] = field(default_factory=set)
    given_away_differences: set[Difference] = field(default_factory=set)
    given_away_overlaps: set[Difference] = field(default_factory=set)
    given_away_surpluses: set[Surplus] = field(default_factory=set)

    def with_plain(self, plain: Mapping[Key, int]) -> dict[Key, int]:
        """Each cell of these, or that the plain rule finds, with the larger width; an eased one with what it keeps."""
        return larger({key: width for key, width in plain.items() if key not in self.eased}, self.cells)

    @property
    def excused(self) -> set[Excused]:
        """All that is told already."""
        found: set[Excused] = {*self.given_away, *self.given_away_differences}
        found |= {("overlap", one) for one in self.given_away_overlaps}
        return found | {("surplus", one) for one in self.given_away_surpluses}


def secrets_of(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[Key, int]:
    """The counts that tell of too few persons, by the plain rule alone, each with the width it needs."""
    found = {}
    for table in tables.values():
        for key, value, behind in _counts(table):
            if value == 0 or metadata.measure(key[0]).subject == "public":
                continue
            persons = metadata.measure(key[0]).subject == "persons"
            if (value if persons else behind) < _limit(key, rules, "threshold" if persons else "contributors"):
                found[key] = rules.width if persons else max(rules.width, share_of(value, rules.amount_width_per_cent))
    return found


def secret_differences(counts: Mapping[Key, int], rules: Disclosure) -> dict[Difference, int]:
    """What is left of a total without some of its parts, where that tells of too few persons, by the plain rule."""
    found = {}
    for whole, parts in differences(set(counts)):
        if metadata.measure(whole[0]).subject == "public":
            continue
        which = "contributors" if metadata.measure(whole[0]).subject == "procedures" else "threshold"
        left = counts[whole] - sum(counts[part] for part in parts)
        least = max(_limit(key, rules, which) for key in (whole, *parts))
        if 0 < left < least or (left == 0 and counts[whole] > 0 and _tells_of_a_group(whole, parts, rules)):
            found[whole, parts] = rules.width
    if any(one.group for one in rules.sensitive.values()):
        for whole, parts in whole_groups(set(counts)):
            if counts[whole] == counts[parts[0]] > 0 and _tells_of_a_group(whole, parts, rules):
                found[whole, parts] = rules.width
    return found


def secret_overlaps(counts: Mapping[Key, int], rules: Disclosure) -> dict[Difference, int]:
    """What the parts that cover a total come to beyond it, where so few are counted more than once, by the plain rule."""
    found = {}
    for whole, parts in overlaps(set(counts)):
        if metadata.measure(whole[0]).subject == "public":
            continue
        if 0 < sum(counts[part] for part in parts) - counts[whole] < _least((whole, *parts), rules):
            found[whole, parts] = rules.width
    return found


def secret_surpluses(came: Iterable[Line[Key]], figures: Mapping[Key, int], rules: Disclosure) -> dict[Surplus, int]:
    """What came to the parts of a whole beyond what came to the whole, where so few were in it already, by the plain rule.

    Parameters
    ----------
    came
        What anyone can state who holds two publications (`written.between`).
    figures
        The true figure of each of their counts.
    """
    found = {}
    for line in came:
        few = 0 < sum(entry * figures[key] for key, entry in line.terms.items()) < _least(line.terms, rules)
        # Of two counts, one is the other before it was revised: that difference is no secret.
        if few and not line.exact and len(line.terms) > _OF_ONE_COUNT:
            found[_surplus({key: int(entry) for key, entry in line.terms.items()})] = rules.width
    return found


def true_counts(tables: Mapping[str, pd.DataFrame]) -> dict[Key, int]:
    """The true figure of each count."""
    return {key: value for table in tables.values() for key, value, _ in _counts(table)}


def counts_with_status(tables: Mapping[str, pd.DataFrame]) -> dict[Key, tuple[int, str]]:
    """Each count that is remembered, and the status that it was published with."""
    found: dict[Key, tuple[int, str]] = {}
    for table in tables.values():
        # Of which row a count is: numbered from 1, since nobody behind a figure that is not available means that it is zero.
        told = table.assign(value=with_zero_where_nothing_was_reported(table), contributors=range(1, len(table) + 1))
        status = table["status"].tolist()
        found |= {key: (value, status[row - 1]) for key, value, row in _counts(told)}
    return found


def is_count(measure: str) -> bool:
    """Whether a measure is a count that others can be reckoned from."""
    declared = metadata.measure(measure)
    return not declared.is_function and (declared.subject != "public" or measure == "population")


def held_secrets(problem: Problem, given_away: Collection[Cell]) -> Secrets:
    """The protector's own list: what it holds secret, and what of it is told already."""
    links: dict[Cell, Difference] = {}
    for one in problem.sums:
        for rest in [cell for cell in one.parts if cell in problem.hidden]:
            links[rest] = _of(one.total), tuple(_of(part) for part in one.parts if part != rest)
    repeated: dict[Cell, Difference] = {one.repeated: (_of(one.whole), tuple(map(_of, one.parts))) for one in problem.overlaps}
    came = {one.surplus: _surplus({_of(cell): entry for cell, entry in one.relation.terms}) for one in problem.surpluses}
    return Secrets(
        cells={_of(cell): problem.width(cell) for cell in problem.primary},
        ups={_of(cell): up for cell, up in problem.ups.items() if cell in problem.primary},
        eased={_of(cell) for cell in problem.eased if cell in problem.primary},
        differences={link: problem.width(rest) for rest, link in links.items()},
        overlaps={link: problem.width(cell) for cell, link in repeated.items()},
        surpluses={surplus: problem.width(cell) for cell, surplus in came.items()},
        given_away={_of(cell) for cell in given_away if cell not in problem.hidden},
        given_away_differences={links[cell] for cell in given_away if cell in links},
        given_away_overlaps={repeated[cell] for cell in given_away if cell in repeated},
        given_away_surpluses={came[cell] for cell in given_away if cell in came},
    )


def keep_secrets(folder: Path, problem: Problem, given_away: Collection[Cell]) -> None:
    """Keep the protector's list beside the pattern."""
    held = held_secrets(problem, given_away)
    kept = {
        "cells": sorted([*_plain(cell), width] for cell, width in held.cells.items()),
        "eased": sorted(map(_plain, held.eased)),
        "ups": sorted([*_plain(cell), up] for cell, up in held.ups.items()),
        "differences": sorted([*_plain_link(link), width] for link, width in held.differences.items()),
        "overlaps": sorted([*_plain_link(link), width] for link, width in held.overlaps.items()),
        "surpluses": sorted([_plain_surplus(one), width] for one, width in held.surpluses.items()),
        "given_away": sorted(map(_plain, held.given_away)),
        "given_away_differences": sorted(map(_plain_link, held.given_away_differences)),
        "given_away_overlaps": sorted(map(_plain_link, held.given_away_overlaps)),
        "given_away_surpluses": sorted(map(_plain_surplus, held.given_away_surpluses)),
    }
    replace_file(folder / KEPT, (json.dumps(kept, ensure_ascii=False, indent=0) + "\n").encode(), mode=SECRET)


def kept_secrets(folder: Path) -> Secrets:
    """What `keep_secrets` kept; nothing where it has kept nothing."""
    if not (folder / KEPT).is_file():
        return Secrets()
    with damage_told(folder / KEPT):
        kept: dict[str, Any] = kept_json(folder / KEPT)
        found = Secrets()
        found.cells = {_key(cell): width for *cell, width in kept["cells"]}
        found.ups = {_key(cell): up for *cell, up in kept.get("ups", ())}
        found.eased = {_key(cell) for cell in kept.get("eased", ())}
        found.differences = {(_key(whole), _keys(parts)): width for whole, parts, width in kept["differences"]}
        found.overlaps = {(_key(whole), _keys(parts)): width for whole, parts, width in kept.get("overlaps", ())}
        found.surpluses = {_surplus_of(terms): width for terms, width in kept.get("surpluses", ())}
        found.given_away = {_key(cell) for cell in kept["given_away"]}
        found.given_away_overlaps = {(_key(whole), _keys(parts)) for whole, parts in kept.get("given_away_overlaps", ())}
        found.given_away_surpluses = set(map(_surplus_of, kept.get("given_away_surpluses", ())))
        found.given_away_differences = {(_key(whole), _keys(parts)) for whole, parts in kept["given_away_differences"]}
        return found


def _counts(table: pd.DataFrame) -> Iterable[tuple[Key, int, int]]:
    """Each count with the persons behind it."""
    variables = sorted(name for name in table.columns if name not in NO_CODES)
    totals = [(name, total(name)) for name in variables]
    counted = {measure for measure in table["measure"].unique() if is_count(str(measure))}
    # Rows are many: columns are gone through faster than a mapping of each row is made.
    columns = [table[name].tolist() for name in ("measure", "year", "contributors", *variables)]
    values = map(str, with_zero_where_nothing_was_reported(table))
    for value, measure, year, behind, *codes in zip(values, *columns, strict=True):
        if measure in counted and value.isdigit():
            kept = tuple((name, str(code)) for (name, whole), code in zip(totals, codes, strict=True) if str(code) != whole)
            yield (str(measure), int(year), kept), int(value), 0 if pd.isna(behind) else int(behind)


def _limit(key: Key, rules: Disclosure, which: str) -> int:
    """The least number of persons that may be told of: the strictest that the rules have for any of the categories."""
    special = [getattr(one, which) for pair in key[2] if (one := _sensitive(pair, rules)) is not None]
    return int(max([getattr(rules, which), *special]))


def _least(keys: Iterable[Key], rules: Disclosure) -> int:
    """The least number of persons that may be told of by what is computed from these counts."""
    of_procedures = {key: metadata.measure(key[0]).subject == "procedures" for key in keys}
    return max(_limit(key, rules, "contributors" if of else "threshold") for key, of in of_procedures.items())


def _tells_of_a_group(whole: Key, parts: tuple[Key, ...], rules: Disclosure) -> bool:
    """Whether nothing left means that a whole group is in one sensitive category."""
    new = [pair for part in parts for pair in part[2] if pair not in whole[2]]
    return len(parts) == 1 and any(one.group for pair in new if (one := _sensitive(pair, rules)) is not None)


def _sensitive(category: tuple[str, str], rules: Disclosure) -> Sensitive | None:
    special = rules.sensitive.get(category[0])
    return special if special is not None and (special.codes is None or category[1] in special.codes) else None


def _surplus(terms: Mapping[Key, int]) -> Surplus:
    return tuple(sorted(terms.items()))


def _of(cell: Cell) -> Key:
    return cell.measure, cell.year, cell.categories


def _plain(key: Key) -> list[Any]:
    return [key[0], key[1], [list(pair) for pair in key[2]]]


def _plain_link(link: Difference) -> list[Any]:
    whole, parts = link
    return [_plain(whole), [_plain(part) for part in parts]]


def _plain_surplus(surplus: Surplus) -> list[Any]:
    return [[*_plain(key), entry] for key, entry in surplus]


def _surplus_of(terms: Iterable[Iterable[Any]]) -> Surplus:
    return _surplus({_key(cell): int(entry) for *cell, entry in terms})


def _key(cell: Iterable[Any]) -> Key:
    measure, year, categories = cell
    return str(measure), int(year), tuple((str(name), str(code)) for name, code in categories)


def _keys(cells: Iterable[Iterable[Any]]) -> tuple[Key, ...]:
    return tuple(_key(cell) for cell in cells)
