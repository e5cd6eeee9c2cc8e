"""What earlier editions and orders gave away of counts that are others now: whoever kept them lays it beside what is published.

Written apart from the protector's `memory.versions`: the relations are those that anyone can state, and the counts are what the
office remembers. A revised count of then is another unknown than that of now; one that was not revised is the same, shown or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import pyarrow.parquet as pq

from kvarn.analyse.disclosure.cell import VERSION
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.versions import registers
from kvarn.analyse.disclosure.written.audit import AsItWas
from kvarn.analyse.disclosure.written.between import Counted, lines_between
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.nearly import lines_taken_for_sums
from kvarn.analyse.disclosure.written.relations import Key, key_of, months_told, untrue_of
from kvarn.analyse.disclosure.written.secrecy import (
    NO_CODES,
    counts_with_status,
    secret_differences,
    secret_overlaps,
    secret_surpluses,
    secrets_of,
)
from kvarn.analyse.disclosure.written.wholes import stated
from kvarn.edition import Disclosure

__all__ = ["as_it_was"]


def as_it_was(memories: Sequence[Memory], now: Mapping[Key, int], rules: Disclosure, *, complete: bool = False) -> AsItWas:
    """All that is remembered, with a name of its own for each count that is another now.

    Parameters
    ----------
    memories
        Newest first.
    now
        The true counts of today.
    complete
        Whether `now` has every count of before that still holds: then any other is one of then, revised or not.
    """
    found = AsItWas()
    names: dict[tuple[Key, int], Key] = {}
    revised: set[tuple[str, int]] = set()
    standing: dict[Key, Key] = {}
    counted = [Counted(now, {key: key for key in now})]
    for register, kept in registers(memories):
        tables = {f"{one.name}/{path.stem}": pq.read_table(path).to_pandas() for one in kept for path in one.tables().values()}
        then = counts_with_status(tables)
        revised |= {key[:2] for key, (value, _) in then.items() if now.get(key, value) != value}
        mine: dict[Key, Key] = {}
        for key, (value, status) in then.items():
            is_same = now[key] == value if key in now else not complete and key[:2] not in revised
            mine[key] = key if is_same else names.setdefault((key, value), _named(key, register))
            if status:
                found.unknown.add(mine[key])
            else:
                found.known[mine[key]] = value
        for key, name in mine.items():
            if key not in now and name != key:
                standing.setdefault(key, name)
        if any(key != name for key, name in mine.items()):
            counts = {key: value for key, (value, _) in then.items()}
            _lay(found, tables, counts, mine, rules, register)
            counted.append(Counted(counts, mine))
    for newer, older in itertools.combinations(counted, 2):
        came = list(lines_between(newer, older))
        figures = {one.names[key]: one.counts[key] for one in (newer, older) for key in one.names}
        found.ties += came
        found.surpluses |= secret_surpluses(came, figures, rules)
    found.figures = {name: value for (_, value), name in names.items()}
    found.ties += _as_if_not_revised(now, standing, found.figures, rules.taken_for_sums)
    found.unknown -= found.known.keys()
    return found


def _as_if_not_revised(
    now: Mapping[Key, int], standing: Mapping[Key, Key], values: Mapping[Key, int], share: float
) -> Iterator[Line[Key]]:
    """What ties counts that no table of today has, as they were last, to those of today: all that is true of the figures. Whoever
    knows that a part was not revised when the whole was lays its parts of today beside it."""
    if not standing:
        return
    years = {year + by for _, year, _ in standing for by in (-1, 0, 1)}
    figures = {key: value for key, value in now.items() if key[1] in years} | {
        key: values[name] for key, name in standing.items()
    }
    noughts = {key for key, value in figures.items() if value == 0}
    lines = stated(set(figures), untrue_of(figures), noughts=noughts).lines
    for line in [*lines, *lines_taken_for_sums(figures, share)]:
        tied = any(key in standing for key in line.terms) and any(key in now for key in line.terms)
        if tied and line.terms.keys() <= figures.keys() and _holds(line, figures):
            yield Line({standing.get(key, key): entry for key, entry in line.terms.items()}, line.exact)


def _lay(
    found: AsItWas,
    tables: Mapping[str, pd.DataFrame],
    counts: Mapping[Key, int],
    mine: Mapping[Key, Key],
    rules: Disclosure,
    register: str,
) -> None:
    """The relations and the secrets of then in which a revised count stands, or what stood in no table."""
    of_then = stated(
        set(counts), untrue_of(counts), months=_months(tables), noughts={key for key, value in counts.items() if value == 0}
    )
    # What stood in no table is of that register alone: nobody can say whether it was revised.
    mine = {**mine, **{key: _named(key, register) for key in of_then.unseen}}
    found.unseen |= {mine[key] for key in of_then.unseen}
    for line in [*of_then.lines, *lines_taken_for_sums(counts, rules.taken_for_sums)]:
        if any(mine[key] != key for key in line.terms) and _holds(line, counts):
            found.ties.append(Line({mine[key]: entry for key, entry in line.terms.items()}, line.exact))
    found.secrets |= {mine[key]: width for key, width in secrets_of(tables, rules).items() if mine[key] != key}
    for secret, into in ((secret_differences, found.differences), (secret_overlaps, found.overlaps)):
        for (whole, parts), width in secret(counts, rules).items():
            link = mine[whole], tuple(mine[part] for part in parts)
            if link != (whole, parts):
                into[link] = width


def _months(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[int, str], int]:
    """How many months there were figures of then, by year and region."""
    figures: dict[Key, str] = {}
    silent: set[Key] = set()
    for table in tables.values():
        told = table[(table["measure"] == "months_persons") | ((table["measure"] == "persons") & (table["value"] == ".."))]
        for row in told.to_dict("records"):
            codes = {str(name): str(code) for name, code in row.items() if name not in NO_CODES}
            key = key_of(row["measure"], row["year"], codes)
            if row["value"] == "..":
                silent.add(key)
            else:
                figures[key] = str(row["value"])
    return months_told(figures, silent)


def _holds(line: Line[Key], counts: Mapping[Key, int]) -> bool:
    """Whether a relation is true of the figures: one that is not ties nothing. Of what stands in no table all are."""
    if any(key not in counts for key in line.terms):
        return True
    come_to = sum(entry * counts[key] for key, entry in line.terms.items())
    return come_to == 0 if line.exact else come_to >= 0


def _named(key: Key, name: str) -> Key:
    return key[0], key[1], tuple(sorted([*key[2], (VERSION, name)]))
